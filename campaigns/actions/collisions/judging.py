"""Asking all rules but the base fact about some offers, and telling what they found as rows."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet

from campaigns.actions.collisions.rows import Found
from campaigns.choices import RuleMode
from campaigns.models import Campaign, Offer
from campaigns.queries.collisions import PLANNED
from campaigns.queries.crowds import Crowd, crowds_of
from campaigns.queries.facts import read_plan
from campaigns.queries.neighbours import neighbours_of, planned_offers
from campaigns.queries.rule_settings import Setting
from campaigns.rules.collisions import RULES, facts, overlap
from campaigns.rules.collisions.facts import Plan
from campaigns.rules.collisions.findings import Finding, Gap, Rule

# Rules whose findings depend on all offers that share one thing, not on their members alone: see crowds.py.
CROWDS = ("contact_pressure", "fund_overcommit", "stock_overcommit")
SINGLE = tuple(rule for rule in RULES if rule.CODE not in {overlap.CODE, *CROWDS})


def read_around(offer_ids: Collection[int], *, today: date, draft: Campaign | None = None) -> Plan:
    """These offers, as far as they are planned, and all that might have anything to do with them."""
    planned = planned_offers(today, PLANNED, draft=draft)
    mine = set(planned.filter(pk__in=list(offer_ids)).values_list("pk", flat=True))
    return read_plan(mine, neighbours_of(mine, planned), today=today)


def judge(plan: Plan, rules: Iterable[Rule], settings: Mapping[str, Setting]) -> Iterator[Finding | Gap]:
    """What the rules that are not switched off say of a plan."""
    for rule in rules:
        setting = settings[rule.CODE]
        if setting.mode != RuleMode.OFF:
            yield from rule.find(plan, setting.options)


def judge_crowds(
    offer_ids: Collection[int], planned: QuerySet[Offer], settings: Mapping[str, Setting], *, today: date
) -> Iterator[tuple[str, Crowd, Plan, list[Finding | Gap]]]:
    """What the rules about crowds say wherever these offers may change it: rule, where, the plan there, findings."""
    for rule in (rule for rule in RULES if rule.CODE in CROWDS):
        window = int(settings[rule.CODE].options.get("window", 0))
        for crowd in crowds_of(rule.CODE, offer_ids, planned, window=window):
            plan = read_plan((), crowd.offers, today=today)
            yield rule.CODE, crowd, plan, list(judge(plan, [rule], settings))


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


def _pair(offers: list[facts.Offer]) -> tuple[facts.Offer, facts.Offer] | None:
    """The first two of different departments, for which a collision of more is listed; None = one department's own."""
    first = offers[0]
    return next(((first, other) for other in offers if other.department != first.department), None)


def _row(one: Finding, pair: tuple[facts.Offer, facts.Offer], offers: list[facts.Offer], setting: Setting) -> Found:
    a, b = pair
    key = one.key
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
        key = hashlib.sha256(json.dumps([key, sorted(ids)]).encode()).hexdigest()
        evidence |= {"offers": ids, "versions": [offer.version for offer in offers]}
    elif len(key) > 64:
        key = hashlib.sha256(key.encode()).hexdigest()
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
        key=key,
        level="note" if setting.mode == RuleMode.REPORT else one.severity.level,
        certainty=one.severity.certainty,
        evidence=json.loads(json.dumps(evidence)),
    )
