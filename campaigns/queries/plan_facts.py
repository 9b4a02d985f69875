"""Which offers a detection of everything looks at, and what it knows of them. No arrays: whoever asks may be a web process."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Count, Q

from campaigns.choices import CampaignStatus
from campaigns.models import Offer
from campaigns.queries.collisions import PLANNED

ROWS = 50_000


class Facts(NamedTuple):
    """What detection knows of an offer. If any of it is different later, what was computed for the offer is void."""

    offer: int
    code: str
    version: int
    posted: int
    starts_on: date
    ends_before: date
    department: int
    campaign: int
    status: str
    joint_group: int | None
    audience: int | None
    audience_version: int | None


@dataclass(frozen=True)
class Extent:
    """What is planned with a day from `today` on; `with_past`: whatever is or was planned.

    A slice of time holds the offers that start from `starts_from` to before `starts_before`, and those that start
    before and still run on `starts_from`; see campaigns.rules.collisions.slices.
    """

    today: date
    with_past: bool
    starts_from: date = date.min
    starts_before: date = date.max

    @property
    def statuses(self) -> set[str]:
        return {*PLANNED, CampaignStatus.ENDED} if self.with_past else set(PLANNED)

    def days(self, prefix: str = "") -> Q:
        """The condition on the days of offers; `prefix` leads to the columns `starts_on` and `ends_before`."""
        ends_after = self.starts_from if self.with_past else max(self.today, self.starts_from)
        within = Q()
        if ends_after > date.min:
            within &= Q(**{f"{prefix}ends_before__gt": ends_after})
        if self.starts_before < date.max:
            within &= Q(**{f"{prefix}starts_on__lt": self.starts_before})
        return within

    @property
    def offers(self) -> Q:
        return self.days() & Q(withdrawn_at=None, campaign__status__in=self.statuses)

    def of(self, facts: Iterable[Facts]) -> list[Facts]:
        """Those offers of the whole extent of time that this slice holds."""
        return [one for one in facts if one.ends_before > self.starts_from and one.starts_on < self.starts_before]


def read_facts(extent: Extent) -> list[Facts]:
    """Of the offers of an extent, by id."""
    columns = (
        "pk",
        "code",
        "version",
        "posted",
        "starts_on",
        "ends_before",
        "department",
        "campaign",
        "campaign__status",
        "campaign__joint_group",
        "audience",
        "audience__version",
    )
    rows = Offer.objects.filter(extent.offers).order_by("pk").values_list(*columns)
    return [Facts._make(row) for row in rows.iterator(ROWS)]


def count_periods(extent: Extent) -> list[tuple[date, date, int]]:
    """(first day, ends before, number of offers) of all periods for which offers are planned."""
    rows = Offer.objects.filter(extent.offers).order_by().values_list("starts_on", "ends_before")
    return list(rows.annotate(offers=Count("pk")))
