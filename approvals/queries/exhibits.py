"""The parts of the evidence in a case, as plain data. Everything a party may know, and nothing else."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from approvals.models import Case
from campaigns.rules.severity import Severity


@dataclass(frozen=True)
class OfferLine:
    """`audience` empty = every customer; `channels` empty = every channel; sizes are counts."""

    pk: int
    code: str
    name: str
    starts_on: date
    ends_before: date
    terms: str
    audience: str
    customers: int
    products: int
    channels: tuple[str, ...]
    held: bool
    live: bool
    withdrawn: bool

    @property
    def ends_on(self) -> date:
        return self.ends_before - timedelta(days=1)


@dataclass(frozen=True)
class Side:
    pk: int
    code: str
    name: str
    department: str
    status: str
    status_label: str
    starts_on: date
    ends_before: date
    accountable: str
    contact: str
    offers: tuple[OfferLine, ...]

    @property
    def ends_on(self) -> date:
        return self.ends_before - timedelta(days=1)


@dataclass(frozen=True)
class OverlapFact:
    """One collision, `left` and `right` in the order of the sides. `severity` explains the score as it is now.

    `severity` is None where an offer has no products or customers left to compute it from.
    """

    pk: int
    left: OfferLine
    right: OfferLine
    starts_on: date
    ends_before: date
    days: int
    customers: int
    products: int
    score: int
    level: str
    state: str
    severity: Severity | None

    @property
    def ends_on(self) -> date:
        return self.ends_before - timedelta(days=1)


@dataclass(frozen=True)
class Totals:
    """Over the collisions that are open, else those allowed by decision; people and products counted once each."""

    collisions: int
    customers: int
    products: int
    days: int
    starts_on: date | None
    ends_before: date | None

    @property
    def ends_on(self) -> date | None:
        return self.ends_before and self.ends_before - timedelta(days=1)


@dataclass(frozen=True)
class RulingFacts:
    by: str
    at: datetime
    reason: str
    orders: tuple[str, ...]
    effect: dict[str, Any]


@dataclass(frozen=True)
class Step:
    """`who` empty = the system; `changes` is {field: [before, after]}."""

    at: datetime
    who: str
    verb: str
    words: str
    reason: str
    changes: dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """`sides` alphabetically by department; `passed_over` [(person, why)]; `because` why it closed, in words."""

    case: Case
    sides: tuple[Side, Side]
    overlaps: tuple[OverlapFact, ...]
    totals: Totals
    mediator: str
    passed_over: tuple[tuple[str, str], ...]
    because: str
    ruling: RulingFacts | None
    timeline: tuple[Step, ...]
    may_decide: bool
    may_escalate: bool
