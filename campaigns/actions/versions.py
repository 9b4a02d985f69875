"""Keeping what was planned, version by version. The only writer of Version and SectionContent."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery

from campaigns.choices import CampaignStatus
from campaigns.models import Campaign, SectionContent, Version
from campaigns.queries.content import Content, contents


@transaction.atomic
def keep(campaign_ids: Collection[int], *, now: datetime) -> None:
    """Keep what these campaigns plan now, where that is not what their last version says. Drafts have no versions.

    The caller holds their locks: versions are numbered.
    """
    latest = Version.objects.filter(campaign=OuterRef("pk")).order_by("-number")
    rows = (
        Campaign.objects.filter(pk__in=campaign_ids)
        .exclude(status=CampaignStatus.DRAFT)
        .annotate(number=Subquery(latest.values("number")[:1]), kept=Subquery(latest.values("content_hash")[:1]))
    )
    known = {pk: (number or 0, kept) for pk, number, kept in rows.values_list("pk", "number", "kept")}
    changed = {pk: one for pk, one in contents(list(known)).items() if one.hash != known[pk][1]}
    SectionContent.objects.bulk_create(_sections(changed), batch_size=200, ignore_conflicts=True)
    Version.objects.bulk_create(
        [
            Version(
                campaign_id=pk,
                number=known[pk][0] + 1,
                content_hash=content.hash,
                sections=content.sections,
                made_at=now,
            )
            for pk, content in sorted(changed.items())
        ],
        batch_size=200,
    )


def _sections(changed: dict[int, Content]) -> list[SectionContent]:
    """Those that no earlier version holds."""
    stored = SectionContent.objects.filter(campaign__in=changed).values_list("campaign", "section", "hash")
    known = set(stored)
    return [
        SectionContent(campaign_id=pk, section=section, hash=hashed, content=content.readable(section))
        for pk, content in sorted(changed.items())
        for section, hashed in content.sections.items()
        if (pk, section, hashed) not in known
    ]
