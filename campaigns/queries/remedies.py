"""What would clear a collision: the smallest changes, each tried on the plan as it is now, and what they would cause."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from campaigns import advice
from campaigns.choices import CollisionState, Level, Mode, RuleMode
from campaigns.models import Collision, Offer, OfferAudience
from campaigns.queries.collisions import PLANNED
from campaigns.queries.crowds import crowds_of
from campaigns.queries.explanation import offers_in
from campaigns.queries.facts import read_plan
from campaigns.queries.foresight import Foreseen, foreseen
from campaigns.queries.judging import CROWDS, stored_key
from campaigns.queries.neighbours import neighbours_of, planned_offers
from campaigns.queries.rule_settings import Setting, rule_called, settings_of
from campaigns.queries.scopes import members_of
from campaigns.rules import collisions
from campaigns.rules.collisions.facts import Group, Plan
from campaigns.rules.collisions.findings import Finding, Rule, disclosed
from campaigns.rules.remedies import Remedy, candidates, clearing
from customers.models import Segment

# How far around a collision of many the plan is read, as nobody tries all their days beforehand.
AROUND = timedelta(days=30)


@dataclass(frozen=True)
class Suggestion:
    """One change that clears a collision. `key` names it as long as it stays the same.

    `offer` gives way; `touched` are all that change. Its price: `days` that the offer moves (below 0 = earlier), and how
    many `customers` and `products` it loses. `new` are the collisions that it would cause. `departments` are those of
    all offers in the collision; `is_confidential`: the numbers tell what these earn. `plan` is what it was tried on.
    """

    key: str
    remedy: Remedy
    offer: Offer
    touched: tuple[Offer, ...]
    sentence: str
    new: tuple[Foreseen, ...]
    departments: frozenset[int]
    is_confidential: bool
    plan: Plan = field(repr=False, compare=False)

    @property
    def codes(self) -> list[str]:
        return sorted(offer.code for offer in self.touched)

    @property
    def days(self) -> int:
        return self.remedy.days

    @property
    def customers(self) -> int:
        return self.remedy.customers

    @property
    def products(self) -> int:
        return self.remedy.products


def suggestions_of(collision: Collision, *, today: date) -> list[Suggestion]:
    """The smallest change of each kind and offer, what causes the least first; empty = none found.

    Read `collision` with explanation.with_offers. The number of queries does not depend on how much is planned.
    """
    offers = {offer.pk: offer for offer in offers_in(collision)}
    settings = settings_of()
    rule, setting = rule_called(collision.rule), settings.get(collision.rule)
    if rule is None or setting is None or collision.state != CollisionState.OPEN:
        return []
    plan = _plan_around(collision, rule, offers, settings, today)
    finding = None if plan is None else _finding(plan, collision, rule, setting)
    if plan is None or finding is None:
        return []
    asked = [one for one in collisions.RULES if settings[one.CODE].mode != RuleMode.OFF or one is rule]
    options = {code: one.options for code, one in settings.items()}
    observed = {code for code, one in settings.items() if one.mode == RuleMode.REPORT}
    is_confidential = disclosed(finding.numbers) != finding.numbers
    made = [
        Suggestion(
            key=key_of(plan, remedy),
            remedy=remedy,
            offer=offers[remedy.offer],
            touched=tuple(offers[pk] for pk in sorted(remedy.touched)),
            sentence=advice.sentence(plan, remedy),
            new=tuple(_caused(checked.new, plan, observed)),
            departments=frozenset(offer.department_id for offer in offers.values()),
            is_confidential=is_confidential and remedy.lever == "cap_discount",
            plan=plan,
        )
        for remedy, checked in clearing(plan, finding, asked, options)
    ]
    return list(_smallest(made))


def _smallest(made: Sequence[Suggestion]) -> Iterator[Suggestion]:
    """One for each lever and offer; in the order of levers where they cause equally many collisions."""
    seen: set[tuple[str, int]] = set()
    place = {one.key: number for number, one in enumerate(made)}
    order = sorted(made, key=lambda one: (len(one.new), abs(one.days), one.customers, one.products))
    kept = []
    for one in order:
        if (one.remedy.lever, one.offer.pk) not in seen:
            seen.add((one.remedy.lever, one.offer.pk))
            kept.append(one)
    yield from sorted(kept, key=lambda one: (len(one.new), place[one.key]))


def _plan_around(
    collision: Collision, rule: Rule, ids: Collection[int], settings: Mapping[str, Setting], today: date
) -> Plan | None:
    """The plan around these offers and around wherever they may move; None = one of them is not planned any more."""
    planned = planned_offers(today, PLANNED)
    alone = read_plan(ids, (), today=today)
    if planned.filter(pk__in=ids).count() < len(ids):
        return None
    finding = _finding(alone, collision, rule, settings[rule.CODE])
    moves = AROUND
    if finding is not None:
        shifts = candidates(alone, replace(finding, levers=("shift_dates",)), rule, settings[rule.CODE].options)
        moves = timedelta(days=max((abs(one.days) for one in shifts), default=0))
    around = neighbours_of(ids, planned, moves=moves)
    for code in CROWDS:
        window = int(settings[code].options.get("window", 0))
        if settings[code].mode != RuleMode.OFF or code == rule.CODE:
            around |= {pk for crowd in crowds_of(code, ids, planned, window=window) for pk in crowd.offers}
    if "swap_placement" in rule.LEVERS:
        around |= _booked(alone, planned)
    plan = read_plan(ids, around - set(ids), today=today)
    return replace(plan, groups=_groups(ids), kept={})


def _booked(alone: Plan, planned: Any) -> set[int]:
    """Offers in whatever placement on the days of these: what is free is seen among all."""
    first = min(offer.starts_on for offer in alone.offers.values())
    end = max(offer.ends_before for offer in alone.offers.values())
    there = Q(bookings__isnull=False) | Q(recommendation_placement__isnull=False)
    return set(planned.filter(there, starts_on__lt=end, ends_before__gt=first).values_list("pk", flat=True))


def _groups(ids: Collection[int]) -> dict[int, list[Group]]:
    """The segments that each offer includes, and the control group of its campaign."""
    named = OfferAudience.objects.filter(offer__in=ids, mode=Mode.INCLUDE).order_by("segment")
    pairs = list(named.values_list("offer", "segment"))
    kept = Offer.objects.filter(pk__in=ids, campaign__control_group__isnull=False).order_by()
    pairs += kept.values_list("pk", "campaign__control_group")
    segments = {segment for _offer, segment in pairs}
    names, members = dict(Segment.objects.filter(pk__in=segments).values_list("pk", "name")), members_of(segments)
    found: dict[int, list[Group]] = {}
    for offer, segment in pairs:
        found.setdefault(offer, []).append(Group(segment, names[segment], members[segment]))
    return found


def _finding(plan: Plan, collision: Collision, rule: Rule, setting: Setting) -> Finding | None:
    ids = tuple(sorted(offer.pk for offer in offers_in(collision)))
    said = (one for one in rule.find(plan, setting.options) if isinstance(one, Finding) and one.offers == ids)
    return next((one for one in said if stored_key(one) == collision.key), None)


def _caused(new: Sequence[Finding], plan: Plan, observed: Collection[str]) -> Iterator[Foreseen]:
    """What would be collisions: notes want nothing of anybody, and what one department does to itself is its own."""
    for one in new:
        told = foreseen(one, plan, is_observed=one.rule in observed)
        if told.level != Level.NOTE and len(told.departments) > 1:
            yield told


def key_of(plan: Plan, remedy: Remedy) -> str:
    """`lever:offer:detail`, where the detail is the days that it moves, or a digest of all that changes."""
    offer = plan.offers[remedy.offer].code
    if remedy.days:
        return f"{remedy.lever}:{offer}:{remedy.days:+d}"
    if remedy.groups:
        said: Any = sorted(remedy.groups)
    else:
        said = [_plain(remedy.changes), _plain({str(sorted(pair)): one for pair, one in remedy.decisions.items()})]
        said.append(_plain(remedy.funds))
    return f"{remedy.lever}:{offer}:{hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]}"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [[str(name), _plain(one)] for name, one in sorted(value.items())]
    # Bitmaps are no sets to Python, but they are to us.
    if isinstance(value, AbstractSet) or hasattr(value, "intersection_cardinality"):
        return sorted(value)
    return str(value)
