"""What the rules say of offers before anything is stored: of a draft, of one department's own, and what they miss."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.choices import CampaignStatus, Level, RuleMode
from campaigns.models import Campaign, Offer
from campaigns.queries.collisions import PLANNED, Gap, gaps
from campaigns.queries.explanation import Explanation, Reader, explained
from campaigns.queries.judging import judge, judge_crowds, read_around, single_rules
from campaigns.queries.neighbours import planned_offers
from campaigns.queries.parties import plans_it
from campaigns.queries.rule_settings import settings_of
from campaigns.rules.collisions import findings
from campaigns.rules.collisions.facts import Plan
from campaigns.rules.severity import Severity

# What a rule misses -> what to do about it. Rules name kinds of facts, people read what stands on a page.
MISSING = {
    "audience": _("Its audience is not known. Choose segments."),
    "cost": _("What some of its products cost the company is not known. Add it to the catalogue."),
    "expected_units": _("It does not say how many units it expects to sell. State them."),
    "gift_cost": _("What its gift costs is not known. Add it to the catalogue."),
    "goal": _("It does not say what it wants to achieve in its placements. State a goal for each booking."),
    "placement": _("It does not say where it recommends products. Choose a placement."),
    "price": _("The list price of some of its products is not known. Add it to the catalogue."),
    "products": _("It names no products. Add products or categories."),
    "stock": _("How much there is of some of its products is not known. Add their stock to the catalogue."),
    "terms": _("What it promises is not stated completely. State the terms."),
}
# Gaps of an offer that are there whatever it meets -> the same in the words of rules.
SAME = {"no_products": "products", "no_terms": "terms", "empty_audience": "audience"}


@dataclass(frozen=True)
class Foreseen:
    """A rule fires, or would once all `offers` (ids) count for everybody. `level` "note": the rule is being observed."""

    rule: str
    offers: tuple[int, ...]
    departments: frozenset[int]
    starts_on: date
    ends_before: date
    products: int
    customers: int
    severity: Severity
    level: str
    numbers: Mapping[str, Any]
    levers: Sequence[str] = ()

    @property
    def rank(self) -> tuple[Any, ...]:
        """The most severe first."""
        return -self.severity.score, self.starts_on, self.rule, self.offers

    def explained_to(self, reader: Reader) -> Explanation:
        return explained(
            self.rule,
            self.numbers,
            certainty=self.severity.certainty,
            levers=self.levers,
            severity=self.severity,
            is_owner=reader.owns(self.departments),
        )


@dataclass(frozen=True)
class Said:
    """What all rules but the base fact say of some offers."""

    found: tuple[Foreseen, ...]
    gaps: tuple[findings.Gap, ...]


@dataclass(frozen=True)
class Prospect:
    """What an offer's page tells beyond stored collisions: hits inside its department, and what is not known of it."""

    within: tuple[Foreseen, ...]
    gaps: tuple[Gap, ...]


def ask(offer_ids: Collection[int], *, today: date, draft: Campaign | None = None) -> Said:
    """Ask all rules but the base fact about these offers; `draft` counts as if it were submitted."""
    settings = settings_of()
    observed = {rule for rule, setting in settings.items() if setting.mode == RuleMode.REPORT}
    mine = set(offer_ids)
    found: dict[Any, Foreseen] = {}
    missing: dict[findings.Gap, None] = {}

    def note(said: Iterable[findings.Finding | findings.Gap], plan: Plan) -> None:
        for one in said:
            if isinstance(one, findings.Gap):
                if one.offer in mine:
                    missing[one] = None
            elif not mine.isdisjoint(one.offers):
                found[one.rule, one.offers, one.key] = foreseen(one, plan, is_observed=one.rule in observed)

    plan = read_around(mine, today=today, draft=draft)
    note(judge(plan, single_rules(), settings), plan)
    planned = planned_offers(today, PLANNED, draft=draft)
    for _rule, crowd, there, said in judge_crowds(mine, planned, settings, today=today):
        inside = (one for one in said if isinstance(one, findings.Gap) or crowd.holds(one.starts_on, one.ends_before))
        note(inside, there)
    return Said(tuple(sorted(found.values(), key=lambda one: one.rank)), tuple(missing))


def prospect_of(offer: Offer, user: Any, reader: Reader, *, today: date) -> Prospect:
    """Counted when asked, never stored, never a case. What its department does to itself is for that department.

    Which rules miss what is for those who plan the offer: to others it would tell what else is planned around it.
    """
    known = gaps(offer) if offer.withdrawn_at is None else []
    is_own = reader.owns([offer.department_id])
    if not is_own and not plans_it(offer.campaign, user):
        return Prospect((), tuple(known))
    is_draft = offer.campaign.status == CampaignStatus.DRAFT
    said = ask([offer.pk], today=today, draft=offer.campaign if is_draft else None)
    within = [one for one in said.found if one.departments == {offer.department_id} and one.level != Level.NOTE]
    return Prospect(tuple(within) if is_own else (), tuple(_with_rules(known, said.gaps)))


def _with_rules(known: Iterable[Gap], said: Iterable[findings.Gap]) -> list[Gap]:
    """One gap for each fact that is missing, with all rules that miss it."""
    rules: dict[str, set[str]] = defaultdict(set)
    for one in said:
        rules[one.missing].add(one.rule)
    told = [gap._replace(rules=tuple(sorted(rules.pop(SAME.get(gap.code, ""), ())))) for gap in known]
    unknown = _("Something that these rules need is not known of it.")
    return told + [Gap(kind, MISSING.get(kind, unknown), tuple(sorted(some))) for kind, some in sorted(rules.items())]


def foreseen(one: findings.Finding, plan: Plan, *, is_observed: bool) -> Foreseen:
    offers = sorted((plan.offers[pk] for pk in one.offers), key=lambda offer: offer.code)
    return Foreseen(
        rule=one.rule,
        offers=tuple(offer.id for offer in offers),
        departments=frozenset(offer.department for offer in offers),
        starts_on=one.starts_on,
        ends_before=one.ends_before,
        products=one.products,
        customers=one.customers,
        severity=one.severity,
        level=Level.NOTE if is_observed else one.severity.level,
        numbers=one.numbers,
        levers=one.levers,
    )
