"""Who may look at customers' data."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import QuerySet

ANALYSTS = "Analysts"


def is_administrator(user: AbstractBaseUser | AnonymousUser) -> bool:
    return bool(user.is_active and getattr(user, "is_superuser", False))


def is_analyst(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Loads and measures data: sees customers, segments and catalogue, but no plans."""
    return bool(user.is_active and user.pk and user.groups.filter(name=ANALYSTS).exists())  # type: ignore[union-attr]


def works_with_data(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Sees customers and who is in a segment, and brings data in: analysts and administrators."""
    return is_administrator(user) or is_analyst(user)


def colleagues() -> QuerySet[User]:
    """Whoever works here and can sign in, by name."""
    return User.objects.filter(is_active=True, is_staff=True).order_by("first_name", "last_name", "username")
