"""Which plans a person may see: what RACI, department or a mandate grants, stored by campaigns.actions.access."""

from typing import Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from guardian.shortcuts import get_objects_for_user

User = AbstractBaseUser | AnonymousUser


class CampaignQuerySet(models.QuerySet):
    def visible(self, user: User) -> Self:
        """Campaigns whose content this person may read; administrators read all."""
        if not user.is_active or not getattr(user, "is_staff", False):
            return self.none()
        # accept_global_perms=False: a model-wide "may view campaigns" must never open every campaign.
        return get_objects_for_user(user, "campaigns.view_campaign", klass=self, accept_global_perms=False)


def _visible_campaigns(user: User) -> models.QuerySet:
    from campaigns.models.campaigns import Campaign  # the manager below is part of that module's own import

    return Campaign.objects.visible(user)


class OfferQuerySet(models.QuerySet):
    def visible(self, user: User) -> Self:
        return self.filter(campaign__in=_visible_campaigns(user))


class CollisionQuerySet(models.QuerySet):
    def visible(self, user: User) -> Self:
        """Collisions that touch a campaign this person may read: both parties see the row."""
        seen = _visible_campaigns(user)
        touches = Q(Exists(seen.filter(pk=OuterRef("offer_a__campaign")))) | Q(
            Exists(seen.filter(pk=OuterRef("offer_b__campaign")))
        )
        return self.filter(touches)
