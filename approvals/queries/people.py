"""Who works here, as far as the reader may know, and what they are in the house."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Prefetch, Q, QuerySet

from approvals.models import Mediator
from campaigns.models import Membership
from campaigns.permissions import staff_role
from customers.permissions import colleagues, is_administrator


def visible_people(user: AbstractBaseUser | AnonymousUser) -> QuerySet[User]:
    """Active colleagues; administrators also see who has left."""
    if not user.is_active or not getattr(user, "is_staff", False):
        return User.objects.none()
    return User.objects.all() if is_administrator(user) else colleagues()


def with_parts(people: QuerySet[User]) -> QuerySet[User]:
    """With what says their parts in the house, in three queries more."""
    works_in = Membership.objects.select_related("department").order_by("department__name")
    return people.select_related("staff_profile").prefetch_related("groups", Prefetch("memberships", works_in))


def roles_of(user: User) -> list[str]:
    """Of "administrator", "analyst", "lead", "mediator", "member", alphabetically."""
    roles = set(staff_role(user))
    if Mediator.objects.filter(Q(user=user) | Q(stand_in=user)).exists():
        roles.add("mediator")
    return sorted(roles)
