"""Versions of a plan as they can be read and compared."""

from collections.abc import Iterable, Sequence
from typing import Any

from campaigns.models import Campaign, SectionContent, Version
from campaigns.queries.content import Content

# Content by section, as campaigns.rules.differences compares it.
Sections = dict[str, dict[str, Any]]


def versions_of(campaign: Campaign) -> list[Version]:
    """The newest first."""
    return list(Version.objects.filter(campaign=campaign).order_by("-number"))


def current(content: Content) -> Sections:
    return {section: content.readable(section) for section in content.sections}


def as_it_was(version: Version) -> Sections:
    return of_hashes(version.campaign_id, version.sections.items())


def as_they_were(versions: Sequence[Version]) -> list[Sections]:
    """Versions of one campaign in their order, in one query."""
    hashes = {hashed for version in versions for hashed in version.sections.values()}
    rows = SectionContent.objects.filter(campaign__in={version.campaign_id for version in versions}, hash__in=hashes)
    kept = {(row.section, row.hash): row.content for row in rows}
    return [{pair[0]: kept[pair] for pair in version.sections.items() if pair in kept} for version in versions]


def of_hashes(campaign_id: int, hashes: Iterable[tuple[str, str]]) -> Sections:
    """Sections as they once were, by (section, hash); those that were never kept are left out."""
    wanted = dict(hashes)
    rows = SectionContent.objects.filter(campaign=campaign_id, hash__in=wanted.values())
    kept = {(row.section, row.hash): row.content for row in rows}
    return {section: kept[section, hashed] for section, hashed in wanted.items() if (section, hashed) in kept}
