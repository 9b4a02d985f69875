"""What a person chose for themselves."""

from datetime import datetime

from django.contrib.auth.models import User

from approvals.actions.policy import choose_language
from approvals.models import StaffProfile


def set_language(*, user: User, language: str, now: datetime) -> StaffProfile:
    """Set the language in which `user` reads pages and mails; wins over cookie and browser.

    Raises:
        ValidationError: a language the house does not speak.
    """
    return choose_language(language=language, by=user, now=now)
