"""The form of a calendar feed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.form_fields import LineField


class FeedForm(forms.Form):
    """What it shows stands in the address of the page, as everywhere in the calendar."""

    name = LineField(
        label=_("Name"),
        max_length=100,
        help_text=_("What the calendar is called where you subscribe to it, such as “Christmas”."),
    )
