"""Words of installed packages that our catalogue has to say, because theirs does not or says them badly.

`makemessages` reads only our own files, so each is named here once and thereby kept.
"""

from django.utils.translation import gettext_noop

# The theme brings no Spanish at all.
THEME = (
    # Lists: search, filters, actions on rows
    gettext_noop("Type to search"),
    gettext_noop("Apply Filters"),
    gettext_noop("Reset filters"),
    gettext_noop("Date"),
    gettext_noop("Date from"),
    gettext_noop("Date to"),
    gettext_noop("From"),
    gettext_noop("To"),
    gettext_noop("Value"),
    gettext_noop("Not enough data."),
    gettext_noop("Yes"),
    gettext_noop("No"),
    gettext_noop("True"),
    gettext_noop("False"),
    gettext_noop("Select all rows"),
    gettext_noop("Select record"),
    gettext_noop("Select action"),
    gettext_noop("Select action to run"),
    gettext_noop("Run"),
    gettext_noop("More actions"),
    gettext_noop("Expand row"),
    gettext_noop("Record picture"),
    gettext_noop("No data"),
    gettext_noop("No results found"),
    gettext_noop("This page yielded into no results. Create a new item or reset your filters."),
    gettext_noop("Previous"),
    gettext_noop("Next"),
    # Search over all pages
    gettext_noop("Search apps and models..."),
    gettext_noop("Recent searches"),
    gettext_noop("No recent searches"),
    gettext_noop("No results matching your query"),
    gettext_noop("Loading more results..."),
    gettext_noop("All applications"),
    # Forms
    gettext_noop("General"),
    gettext_noop("Select value"),
    gettext_noop("Choose file to upload"),
    gettext_noop("Click to download"),
    gettext_noop("Image preview"),
    gettext_noop("Add new item"),
    gettext_noop("Add row"),
    gettext_noop("This item will be deleted."),
    gettext_noop("Click to cancel"),
    gettext_noop("You can not create nested object without parent"),
    gettext_noop("Collapse"),
    gettext_noop("Name"),
    gettext_noop("Default"),
    gettext_noop("Reset to default"),
    gettext_noop("Cancel"),
    gettext_noop("Go back"),
    # The account
    gettext_noop("Welcome"),
    gettext_noop("Welcome back to"),
    gettext_noop("Return to site"),
    gettext_noop("Toggle password visibility"),
    gettext_noop("Forgotten your password or username?"),
    gettext_noop("You have been successfully logged out from the administration"),
    gettext_noop("After you've created a user, you’ll be able to edit more user options."),
    gettext_noop(
        "Raw passwords are not stored, so there is no way to see this user’s password, but you can change the password "
        'using <a href="{}" class="text-primary-600 dark:text-primary-500">this form</a>.'
    ),
    # The theme's own names of the colours
    gettext_noop("Light"),
    gettext_noop("Dark"),
    gettext_noop("System"),
)

# Django's Spanish of these has wrong grammar on our pages, or mixes two ways to address the reader.
DJANGO = (
    gettext_noop("The {name} “{obj}” was added successfully."),
    gettext_noop("The {name} “{obj}” was added successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may edit it again below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    gettext_noop("The %(name)s “%(obj)s” was deleted successfully."),
    gettext_noop(
        'Are you sure you want to delete the %(object_name)s "%(escaped_object)s"? All of the following related items '
        "will be deleted:"
    ),
    gettext_noop("Yes, I’m sure"),
    gettext_noop("No, take me back"),
    gettext_noop("View %s"),
    gettext_noop("Remove from sorting"),
    gettext_noop(
        "Please enter the correct %(username)s and password for a staff account. Note that both fields may be "
        "case-sensitive."
    ),
    gettext_noop("Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only."),
    gettext_noop(
        "Designates whether this user should be treated as active. Unselect this instead of deleting accounts."
    ),
    gettext_noop(
        "Please enter your old password, for security’s sake, and then enter your new password twice so we can verify "
        "you typed it in correctly."
    ),
    gettext_noop("Your password can’t be a commonly used password."),
)
