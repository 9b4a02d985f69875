"""Which plans a person may see: what RACI, department or a mandate grants, stored by campaigns.actions.access."""

from typing import Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import Q

from customers.permissions import is_administrator

User = AbstractBaseUser | AnonymousUser


class CampaignQuerySet(models.QuerySet):
    def visible(self, user: User) -> Self:
        """Campaigns whose content this person may read; administrators read all."""
        if not user.is_active or not getattr(user, "is_staff", False):
            return self.none()
        if is_administrator(user):
            return self
        # Straight from guardian's table: its own query also asks for groups, which have no grants, and an OR keeps the
        # database from walking an index. A model-wide "may view campaigns" opens nothing.
        return self.filter(pk__in=_granted(user, "view_campaign"))

    def owned(self, user: User) -> Self:
        """Campaigns of the person's departments, and those they answer for (A) or are the contact of."""
        in_house = Q(department__in=_departments(user))
        return self.filter(in_house | Q(accountable_id=user.pk) | Q(contact_person_id=user.pk))

    def planned(self, user: User) -> Self:
        """Campaigns that the person has a part in: those they own, and those they write (R)."""
        owned = self.model._default_manager.owned(user).values("pk")
        return self.filter(Q(pk__in=owned) | Q(pk__in=_writable_campaigns(user)))


def _departments(user: User) -> models.QuerySet:
    from campaigns.models.departments import Membership  # loaded after the managers below

    return Membership.objects.filter(user_id=user.pk).values("department")


def _granted(user: User, right: str) -> models.QuerySet:
    """Ids of the campaigns on which this person has the right, as a subquery."""
    from campaigns.models.access import CampaignUserObjectPermission  # loaded after the managers below

    grants = CampaignUserObjectPermission.objects.filter(user_id=user.pk, permission__codename=right)
    return grants.values("content_object")


def _writable_campaigns(user: User) -> models.QuerySet:
    return _granted(user, "change_campaign")


def _visible_campaigns(user: User) -> models.QuerySet:
    from campaigns.models.campaigns import Campaign  # the manager below is part of that module's own import

    return Campaign.objects.visible(user)


class OfCampaignQuerySet(models.QuerySet):
    """Rows that belong to a campaign are seen by whoever reads it."""

    def visible(self, user: User) -> Self:
        return self.filter(campaign__in=_visible_campaigns(user))


class CollisionQuerySet(models.QuerySet):
    def visible(self, user: User) -> Self:
        """Collisions this person is a party to, or whose two campaigns they both may read; administrators read all.

        Who is told of one side only (C, I) reads that plan, but not whom it disturbs, on what and how much: that would
        show them the plan of the other side. Parties are the departments of both campaigns and both offers, who answers
        for a campaign, its contact person, and who writes it (R).
        """
        if not user.is_active or not getattr(user, "is_staff", False):
            return self.none()
        if is_administrator(user):
            return self
        read = _visible_campaigns(user).values("pk")
        return self.filter(Q(offer_a__campaign__in=read, offer_b__campaign__in=read) | _party(user))

    def disputed_by(self, user: User) -> Self:
        """Those of them this person is a party to, and of which they may know every offer; for administrators all."""
        return self.visible(user) if is_administrator(user) else self.visible(user).filter(_party(user))


def _party(user: User) -> Q:
    """Collisions of an offer that this person's department makes, or of a campaign that they own or write."""
    from campaigns.models.campaigns import Campaign  # the manager above is part of that module's own import

    mine, owned = _departments(user), Campaign.objects.owned(user).values("pk")
    written = _writable_campaigns(user)
    party = Q()
    for side in ("offer_a", "offer_b"):
        party |= Q(**{f"{side}__department__in": mine})
        party |= Q(**{f"{side}__campaign__in": owned}) | Q(**{f"{side}__campaign__in": written})
    # A collision of more than two offers names the first two; the others are parties just the same.
    from campaigns.models.collisions import CollisionMember  # the managers above are part of that module's import

    others = CollisionMember.objects.filter(
        Q(offer__department__in=mine) | Q(offer__campaign__in=owned) | Q(offer__campaign__in=written)
    )
    return party | Q(pk__in=others.values("collision"))
