"""Asking the collision rules about some offers: what they say, of the plan as it is or with a draft in it."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from django.db.models import QuerySet

from campaigns.choices import RuleMode
from campaigns.models import Campaign, Offer
from campaigns.queries.collisions import PLANNED
from campaigns.queries.crowds import Crowd, crowds_of
from campaigns.queries.facts import read_plan
from campaigns.queries.neighbours import neighbours_of, planned_offers
from campaigns.queries.rule_settings import Setting
from campaigns.rules import collisions
from campaigns.rules.collisions import overlap
from campaigns.rules.collisions.facts import Plan
from campaigns.rules.collisions.findings import Finding, Gap, Rule

# Rules whose findings depend on all offers that share one thing, not on their members alone: see crowds.py.
CROWDS = ("contact_pressure", "fund_overcommit", "stock_overcommit")


def single_rules() -> list[Rule]:
    """The rules whose findings depend on their offers alone; the base fact is counted in SQL."""
    return [rule for rule in collisions.RULES if rule.CODE not in {overlap.CODE, *CROWDS}]


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
    for rule in (rule for rule in collisions.RULES if rule.CODE in CROWDS):
        window = int(settings[rule.CODE].options.get("window", 0))
        for crowd in crowds_of(rule.CODE, offer_ids, planned, window=window):
            plan = read_plan((), crowd.offers, today=today)
            yield rule.CODE, crowd, plan, list(judge(plan, [rule], settings))


def stored_key(one: Finding) -> str:
    """The key of the row that a finding is stored as: what tells it apart from others of its rule and its first pair."""
    if len(one.offers) > 2:
        return hashlib.sha256(json.dumps([one.key, sorted(one.offers)]).encode()).hexdigest()
    return one.key if len(one.key) <= 64 else hashlib.sha256(one.key.encode()).hexdigest()
