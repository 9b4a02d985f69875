"""What a stored collision says: which rule found it, a sentence with its exact numbers, and how its severity adds up."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from campaigns.models import Collision, CollisionMember, Offer
from campaigns.permissions import departments_of
from campaigns.rules import collisions
from campaigns.rules.collisions import overlap
from campaigns.rules.collisions.findings import disclosed
from campaigns.rules.severity import CAPS, EXPOSURE, IMPACT, Severity
from customers.permissions import is_administrator

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reader:
    """Who reads: `departments` (ids) are those they work in; `reads_everything` is true for administrators.

    What offers earn is read by whoever belongs to the departments of all of them, and by administrators.
    """

    departments: frozenset[int] = frozenset()
    reads_everything: bool = False

    def owns(self, departments: Iterable[int]) -> bool:
        return self.reads_everything or self.departments.issuperset(departments)


NOBODY = Reader()


@dataclass(frozen=True)
class Explanation:
    """`severity` is None for the base fact, whose terms follow from both offers as they are: see arithmetic.py.

    `numbers` are those that the reader may see; `levers` the kinds of remedies that could clear it, the best first.
    """

    rule: str
    name: str
    summary: str
    sentence: str
    severity: Severity | None
    certainty: str
    levers: tuple[str, ...]
    numbers: Mapping[str, Any]

    @property
    def cap(self) -> int | None:
        """The most that a score of this certainty can be, where that is less than any score."""
        most = CAPS.get(self.certainty, 100)
        return most if most < 100 else None

    @property
    def is_capped(self) -> bool:
        """Whether the points add up to more than the score can be."""
        return self.severity is not None and points_of(self.severity) >= CAPS.get(self.certainty, 100) + 0.5


def reader_of(user: AbstractBaseUser | AnonymousUser) -> Reader:
    """One query."""
    return Reader(frozenset(departments_of(user)), is_administrator(user))


def with_offers(rows: QuerySet[Collision], *parts: str) -> QuerySet[Collision]:
    """With all offers of each row, their campaigns, departments and `parts` (relations of an offer).

    One query more however many rows there are.
    """
    parts = ("campaign", "department", *parts)
    members = CollisionMember.objects.select_related(*(f"offer__{part}" for part in parts)).order_by("offer__code")
    if "audience" in parts:
        # Bitmaps of up to a megabyte, of which a list needs none.
        rows = rows.defer("offer_a__audience__members", "offer_b__audience__members")
        members = members.defer("offer__audience__members")
    pair = [f"offer_{side}__{part}" for side in "ab" for part in parts]
    return rows.select_related(*pair).prefetch_related(Prefetch("members", members))


def offers_in(row: Collision) -> list[Offer]:
    """All its offers in the order of their codes; reads what `with_offers` brings along."""
    return [member.offer for member in row.members.all()] or [row.offer_a, row.offer_b]


def name_of(rule: str) -> str:
    """What a rule is called in lists; the code of one that is no part of the house any more."""
    module = collisions.BY_CODE.get(rule)
    return str(module.NAME) if module else rule


def rule_choices() -> list[tuple[str, str]]:
    """(code, name) of every rule, by name."""
    return sorted(((code, str(rule.NAME)) for code, rule in collisions.BY_CODE.items()), key=lambda one: one[1])


def explain(row: Collision, reader: Reader = NOBODY) -> Explanation:
    """Why this row is there, for this reader. No query for rows of `with_offers`, none at all for the base fact."""
    if row.rule == overlap.CODE:
        numbers = numbers_of_overlap(row.shared_products, row.shared_customers, row.starts_on, row.ends_before)
        return explained(row.rule, numbers, certainty=row.certainty, levers=overlap.LEVERS)
    kept = row.evidence or {}
    return explained(
        row.rule,
        kept.get("numbers", {}),
        certainty=row.certainty,
        levers=kept.get("levers", ()),
        severity=_severity_of(row, kept.get("severity")),
        is_owner=reader.owns(offer.department_id for offer in offers_in(row)),
    )


def explained(
    rule: str,
    numbers: Mapping[str, Any],
    *,
    certainty: str,
    levers: Iterable[str],
    severity: Severity | None = None,
    is_owner: bool = False,
) -> Explanation:
    """What a rule found, stored or not; who is no owner of all the offers reads nothing of what they earn."""
    shown = dict(numbers) if is_owner else disclosed(numbers)
    if severity and shown != numbers:
        # The impact of a price below a floor gives the floor away; what the score itself tells is not more exact.
        severity = replace(severity, impact=round(severity.impact_points) / IMPACT)
    module = collisions.BY_CODE.get(rule)
    return Explanation(
        rule=rule,
        name=name_of(rule),
        summary=str(module.SUMMARY) if module else _("This rule is no longer in use."),
        sentence=_sentence(rule, shown),
        severity=severity,
        certainty=certainty,
        levers=tuple(levers),
        numbers=shown,
    )


def points_of(severity: Severity) -> float:
    """What the terms add up to, before rounding and before the cap."""
    return severity.base_points + IMPACT * severity.impact + EXPOSURE * severity.exposure


def _sentence(rule: str, numbers: Mapping[str, Any]) -> str:
    module = collisions.BY_CODE.get(rule)
    if module is None:
        return _("Found by the rule “%(rule)s”, which is no longer in use.") % {"rule": rule}
    try:
        return module.tell(numbers)
    except (LookupError, TypeError, ValueError, ArithmeticError):
        # Found by an older version of the rule, which kept other numbers, and not looked at again since.
        logger.warning("rule %s cannot tell what it found", rule, exc_info=True)
        return str(module.SUMMARY)


def numbers_of_overlap(products: int, customers: int, starts_on: date, ends_before: date) -> dict[str, Any]:
    """What the base fact quotes: it follows from the columns of its row."""
    return {
        "products": products,
        "customers": customers,
        "days": (ends_before - starts_on).days,
        "first_day": starts_on.isoformat(),
        "last_day": (ends_before - timedelta(days=1)).isoformat(),
    }


def _severity_of(row: Collision, terms: Mapping[str, Any] | None) -> Severity | None:
    if not terms:
        return None
    return Severity(
        score=row.score,
        level=row.level,
        impact=terms["impact"],
        exposure=terms["exposure"],
        base_points=terms["base"],
        certainty=row.certainty,
    )
