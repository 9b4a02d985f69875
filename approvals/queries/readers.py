"""What every page must know of who reads it, in one query."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Exists, OuterRef, Q, Subquery
from django_otp.plugins.otp_totp.models import TOTPDevice

from approvals.models import Mediator


@dataclass(frozen=True)
class Reader:
    """`device` is the number of the confirmed second factor; `two_factor_required` says that there must be one."""

    language: str
    device: int | None
    two_factor_required: bool


def find(user: AbstractBaseUser | AnonymousUser) -> Reader:
    """Asked anew for each request: roles and devices change while people are signed in."""
    devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True).order_by("pk")
    mandates = Mediator.objects.filter(Q(user=OuterRef("pk")) | Q(stand_in=OuterRef("pk")))
    language, device, administers, mediates = User.objects.values_list(
        "staff_profile__language", Subquery(devices.values("pk")[:1]), "is_superuser", Exists(mandates)
    ).get(pk=user.pk)
    return Reader(language or "", device, settings.REQUIRE_TWO_FACTOR and (administers or mediates))
