"""Which rows of the agreement a person may see: the parties, who mediates, and administrators."""

from typing import Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q

from approvals.choices import BRIEFING_EVENTS, MailEvent
from campaigns.models import Campaign, Membership
from customers.permissions import is_administrator

User = AbstractBaseUser | AnonymousUser


class CaseQuerySet(models.QuerySet):
    def visible(self, user: User) -> Self:
        """Cases of campaigns or offers of the person's departments or in their care, and those they (were to) decide."""
        if not user.is_active or not getattr(user, "is_staff", False):
            return self.none()
        if is_administrator(user):
            return self
        mine = Membership.objects.filter(user_id=user.pk).values("department")
        own = Q(mediator_id=user.pk)
        for side in ("campaign_a", "campaign_b"):
            own |= Q(**{f"{side}__department__in": mine})
            own |= Q(**{f"{side}__accountable_id": user.pk}) | Q(**{f"{side}__contact_person_id": user.pk})
        from approvals.models.cases import CaseCollision  # that module imports this one for its manager

        of_my_offers = CaseCollision.objects.filter(case=OuterRef("pk")).filter(
            Q(collision__offer_a__department__in=mine)
            | Q(collision__offer_b__department__in=mine)
            | Q(collision__members__offer__department__in=mine)
        )
        return self.filter(own | Exists(of_my_offers))


class OfCaseQuerySet(models.QuerySet):
    """Rows that belong to a case are seen with it."""

    def visible(self, user: User) -> Self:
        from approvals.models.cases import Case  # that module imports this one for its manager

        return self.filter(case__in=Case.objects.visible(user))


class AttachmentQuerySet(models.QuerySet):
    def visible(self, user: User) -> Self:
        """With the case, as long as the statement stands."""
        from approvals.models.cases import Case  # that module imports this one for its manager

        return self.filter(statement__case__in=Case.objects.visible(user), statement__retraction=None)


class OfTermsQuerySet(models.QuerySet):
    """Rows that belong to terms are seen with their case."""

    def visible(self, user: User) -> Self:
        from approvals.models.cases import Case  # that module imports this one for its manager

        return self.filter(terms__case__in=Case.objects.visible(user))


class OfCampaignQuerySet(models.QuerySet):
    """Rows that belong to a campaign are seen with it."""

    def visible(self, user: User) -> Self:
        return self.filter(campaign__in=Campaign.objects.visible(user).values("pk"))


class MailQuerySet(models.QuerySet):
    def visible(self, user: User) -> Self:
        """One's own mail, about a campaign or case only as long as one may read that; administrators see all.

        Digests name much at once, of which a reader may lose any: what they told is here row by row.
        """
        if not user.is_active or not getattr(user, "is_staff", False):
            return self.none()
        if is_administrator(user):
            return self
        readable = Q(campaign=None) | Q(campaign__in=Campaign.objects.visible(user).values("pk"))
        # A briefing is everybody's.
        readable |= Q(event__in=BRIEFING_EVENTS)
        from approvals.models.cases import Case  # that module imports this one for its manager

        of_cases = Q(case=None) | Q(case__in=Case.objects.visible(user).values("pk"))
        return self.filter(readable, of_cases, recipient_id=user.pk).exclude(event=MailEvent.DIGEST)

    def inbox(self, user: User) -> Self:
        """What a person was told, however it reached them: their own alone, also of administrators."""
        return self.visible(user).filter(recipient_id=user.pk).exclude(event=MailEvent.DIGEST)

    def unread(self, user: User) -> Self:
        return self.inbox(user).filter(read_at=None)


class ProfileQuerySet(models.QuerySet):
    def visible(self, user: User) -> Self:
        return self if is_administrator(user) else self.filter(user_id=user.pk)
