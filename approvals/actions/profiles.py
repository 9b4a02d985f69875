"""What a person chose for themselves."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from approvals.models import StaffProfile
from customers.actions import history


@transaction.atomic
def change_settings(
    *, by: User, now: datetime, language: str | None = None, gets_briefings: bool | None = None
) -> None:
    """Set what `by` chose for themselves; None leaves a setting as it is.

    Raises:
        ValidationError: a language the house does not speak.
    """
    if language is not None:
        choose_language(language=language, by=by, now=now)
    if gets_briefings is not None:
        _subscribe(is_on=gets_briefings, by=by, now=now)


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


def _subscribe(*, is_on: bool, by: User, now: datetime) -> None:
    """Whoever has not chosen a language keeps reading the one that they read now."""
    profile = StaffProfile.objects.select_for_update(no_key=True).filter(user=by).first()
    if is_on == bool(profile and profile.gets_briefings):
        return
    StaffProfile.objects.update_or_create(
        user=by,
        defaults={"gets_briefings": is_on},
        create_defaults={"gets_briefings": is_on, "language": get_language() or settings.LANGUAGE_CODE},
    )
    history.write(
        by=by,
        now=now,
        verb="subscribe_to_briefings",
        subject=f"user:{by.get_username()}",
        changes={"gets_briefings": (not is_on, is_on)},
    )
