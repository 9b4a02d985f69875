"""Telling what the rules found as rows; asking them is campaigns.queries.judging."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from campaigns.actions.collisions.rows import Found
from campaigns.choices import RuleMode
from campaigns.queries.judging import CROWDS, judge, judge_crowds, read_around, single_rules, stored_key
from campaigns.queries.rule_settings import Setting
from campaigns.rules.collisions.facts import Offer, Plan
from campaigns.rules.collisions.findings import Finding, Gap

__all__ = ["CROWDS", "as_rows", "judge", "judge_crowds", "read_around", "single_rules"]


def as_rows(
    findings: Iterable[Finding | Gap], plan: Plan, settings: Mapping[str, Setting], *, about: Collection[int]
) -> list[Found]:
    """Findings of several departments that concern `about` (ids of offers), each once, as rows."""
    rows = {}
    for one in findings:
        if isinstance(one, Finding) and not set(about).isdisjoint(one.offers):
            offers = sorted((plan.offers[pk] for pk in one.offers), key=lambda offer: offer.code)
            if pair := _pair(offers):
                row = _row(one, pair, offers, settings[one.rule])
                rows[row.identity] = row
    return [rows[identity] for identity in sorted(rows)]


def _pair(offers: list[Offer]) -> tuple[Offer, Offer] | None:
    """The first two of different departments, for which a collision of more is listed; None = one department's own."""
    first = offers[0]
    return next(((first, other) for other in offers if other.department != first.department), None)


def _row(one: Finding, pair: tuple[Offer, Offer], offers: list[Offer], setting: Setting) -> Found:
    a, b = pair
    evidence: dict[str, Any] = {
        "numbers": one.numbers,
        "severity": {
            "base": one.severity.base_points,
            "impact": round(one.severity.impact, 6),
            "exposure": round(one.severity.exposure, 6),
        },
        "levers": list(one.levers),
    }
    if len(offers) > 2:
        ids = [offer.id for offer in offers]
        evidence |= {"offers": ids, "versions": [offer.version for offer in offers]}
    return Found(
        a.id,
        b.id,
        a.version,
        b.version,
        one.starts_on,
        one.ends_before,
        one.products,
        one.customers,
        one.severity.score,
        rule=one.rule,
        key=stored_key(one),
        level="note" if setting.mode == RuleMode.REPORT else one.severity.level,
        certainty=one.severity.certainty,
        evidence=json.loads(json.dumps(evidence)),
    )
