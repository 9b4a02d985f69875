"""What a person chose for themselves."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.models import StaffProfile
from customers.actions import history


@transaction.atomic
def choose_language(*, language: str, by: User, now: datetime) -> StaffProfile:
    """Set the language in which `by` reads pages and mails; it wins over cookie and browser.

    Raises:
        ValidationError: a language the house does not speak.
    """
    if language not in dict(settings.LANGUAGES):
        raise ValidationError({"language": _("Choose one of the languages of the list.")})
    profile: StaffProfile
    profile, created = StaffProfile.objects.select_for_update(no_key=True).get_or_create(
        user=by, defaults={"language": language}
    )
    before = None if created else profile.language
    if before != language:
        StaffProfile.objects.filter(pk=profile.pk).update(language=language)
        profile.language = language
        history.write(
            by=by,
            now=now,
            verb="choose_language",
            subject=f"user:{by.get_username()}",
            changes={"language": (before, language)},
        )
    return profile
