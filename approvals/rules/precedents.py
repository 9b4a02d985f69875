"""What a case is about, in facts that can be compared; how alike two cases are; when decisions have become a habit."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from approvals.rules.outcomes import Outcome, common

# The first number of each band but the first.
DAYS = (2, 4, 8, 15)
CUSTOMERS = (100, 1_000, 10_000, 100_000)
# Percent off a price; the band below is "no discount".
DISCOUNTS = (Decimal("0.01"), Decimal(10), Decimal(20), Decimal(30), Decimal(50))

FEW, MANY = 2, 20

# How many are shown, and how much of the most they have to weigh.
MOST_SHOWN = 5
LEAST_ALIKE = 6

# What a fact weighs, the heaviest first: this is also the order in which pages name them.
WEIGHTS: Mapping[str, int] = {
    "leading": 3,
    "departments": 3,
    "category": 2,
    "discounts": 2,
    "kinds": 1,
    "days": 1,
    "customers": 1,
    "stages": 1,
}
NAMES: Mapping[str, object] = {
    "leading": _("most severe collision"),
    "departments": _("departments"),
    "category": _("shared category"),
    "discounts": _("discounts of both sides"),
    "kinds": _("kinds of collisions"),
    "days": _("days in common"),
    "customers": _("customers in both"),
    "stages": _("journey stages"),
}


@dataclass(frozen=True)
class Facts:
    """A dispute in facts that do not depend on who is named first.

    `leading` is the rule of the most severe collision, `kinds` all rules, sorted. `departments` (ids) and `stages` are
    sorted pairs, `discounts` the bands of both sides, the shallower first; `category` (id) is the one of most shared
    products, None without any. `days` and `customers` are bands: places in DAYS and CUSTOMERS.
    """

    leading: str
    kinds: tuple[str, ...]
    departments: tuple[int, int]
    category: int | None
    days: int
    customers: int
    discounts: tuple[int, int]
    stages: tuple[str, str]


@dataclass(frozen=True)
class Found:
    """A collision of the case: its rule and how severe it is."""

    rule: str
    score: int


@dataclass(frozen=True)
class Party:
    """A side: its department (id), the deepest percentage that it takes off a price, its journey stage."""

    department: int
    discount: Decimal
    stage: str


def facts_of(
    found: Iterable[Found],
    parties: tuple[Party, Party],
    *,
    category_of: Mapping[int, int],
    days: int,
    customers: int,
) -> Facts:
    """The facts of a dispute. `category_of`: category id -> how many shared products it has."""
    ordered = sorted(found, key=lambda one: (-one.score, one.rule))
    one, two = parties
    departments = sorted((one.department, two.department))
    discounts = sorted(bisect_right(DISCOUNTS, party.discount) for party in parties)
    stages = sorted((one.stage, two.stage))
    return Facts(
        leading=ordered[0].rule if ordered else "",
        kinds=tuple(sorted({each.rule for each in ordered})),
        departments=(departments[0], departments[1]),
        category=min(category_of, key=lambda pk: (-category_of[pk], pk), default=None),
        days=bisect_right(DAYS, days),
        customers=bisect_right(CUSTOMERS, customers),
        discounts=(discounts[0], discounts[1]),
        stages=(stages[0], stages[1]),
    )


@dataclass(frozen=True)
class Likeness:
    """Which facts of two cases are the same, and which are not, the heaviest first; `score` adds up the weights."""

    alike: tuple[str, ...]
    differ: tuple[str, ...]

    @property
    def score(self) -> int:
        return sum(WEIGHTS[name] for name in self.alike)


def compare(one: Facts, two: Facts) -> Likeness:
    same = [name for name in WEIGHTS if getattr(one, name) == getattr(two, name)]
    return Likeness(tuple(same), tuple(name for name in WEIGHTS if name not in same))


@dataclass(frozen=True)
class Decided:
    """A precedent as rules see it."""

    pk: int
    at: datetime
    facts: Facts
    outcome: Outcome


@dataclass(frozen=True)
class Cited:
    """What a mediator says of a precedent (its id): a stance of approvals.choices, and why if it is another matter."""

    precedent: int
    stance: str
    why: str = ""


def most_alike(facts: Facts, decided: Iterable[Decided]) -> list[tuple[Decided, Likeness]]:
    """At most MOST_SHOWN that weigh at least LEAST_ALIKE: the most alike first, of equals the newest."""
    compared = [(one, compare(facts, one.facts)) for one in decided]
    enough = [pair for pair in compared if pair[1].score >= LEAST_ALIKE]
    enough.sort(key=lambda pair: (pair[1].score, pair[0].at, pair[0].pk), reverse=True)
    return enough[:MOST_SHOWN]


def habit(decided: Sequence[Decided], *, needed: int) -> Outcome | None:
    """What the newest `needed` decisions on the same facts have in common, None if they differ or are too few.

    They order the same, and of the side that gives way something is always the same: its department, that it was
    planned later, that its discount is deeper. All of what is always the same belongs to the rule.
    """
    newest = sorted(decided, key=lambda one: (one.at, one.pk), reverse=True)[:needed]
    if len(newest) < needed or len({one.facts for one in newest}) != 1:
        return None
    return common([one.outcome for one in newest])


def band(limits: Sequence[int | Decimal], place: int) -> tuple[int | Decimal | None, int | Decimal | None]:
    """(first number of the band, first number of the next); None where it is open."""
    return (limits[place - 1] if place else None, limits[place] if place < len(limits) else None)
