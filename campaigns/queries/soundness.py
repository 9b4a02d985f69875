"""Whether what is stored about plans can be true. Each judgement yields a sentence per row that is not."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from campaigns.actions.signatures import signed
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign, DetectionRun, Offer
from customers.models import HistoryEntry
from customers.queries.soundness import ROWS, broken_chains

SIGNING = ("approve", "resume")


def lost_runs(*, now: datetime, grace: timedelta) -> Iterator[str]:
    """Detections that were asked for and have not come to their end."""
    waiting = DetectionRun.objects.filter(finished_at=None)
    for run in waiting.annotate(since=Coalesce("started_at", "requested_at")).filter(since__lt=now - grace):
        yield _("Detection %(pk)d was asked for at %(at)s and is not finished.") % {
            "pk": run.pk,
            "at": run.requested_at.isoformat(timespec="seconds"),
        }


def status_without_history() -> Iterator[str]:
    stored = dict(Campaign.objects.order_by("pk").values_list("code", "status"))
    return broken_chains("campaign", "status", CampaignStatus.DRAFT, stored)


def live_unsigned() -> Iterator[str]:
    """Live campaigns whose content nobody signed, unless an import changed it since: that is told on their page."""
    live = dict(Campaign.objects.filter(status=CampaignStatus.LIVE).order_by("pk").values_list("pk", "code"))
    for pk in live.keys() - signed(live.keys()):
        own = HistoryEntry.objects.filter(scope=f"campaign:{live[pk]}")
        last_signed = own.filter(verb__in=SIGNING).order_by("-id").values_list("id", flat=True).first() or 0
        if not own.filter(verb="import", id__gt=last_signed).exists():
            yield _("Campaign %(code)s is live with content that nobody approved.") % {"code": live[pk]}


def live_offers_of_others() -> Iterator[str]:
    """Offers in front of customers although their campaign is not live."""
    rows = Offer.objects.filter(~Q(campaign__status=CampaignStatus.LIVE), live_since__isnull=False).order_by("pk")
    for code, campaign, status in rows.values_list("code", "campaign__code", "campaign__status").iterator(ROWS):
        yield _("Offer %(offer)s is live, but its campaign %(campaign)s is “%(status)s”.") % {
            "offer": code,
            "campaign": campaign,
            "status": status,
        }
