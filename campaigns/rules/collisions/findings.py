"""What a rule says: a collision with the numbers that its sentence quotes, or what it would have to know first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from campaigns.rules.collisions.facts import Plan
from campaigns.rules.severity import Severity

# What an offer earns is its owner's business: numbers of these names, however deep they lie in `numbers`, are taken out
# before `tell` writes a sentence for anybody else. A rule that has them writes its sentence without them, too.
CONFIDENTIAL = frozenset({"cost", "floor", "gain", "loss", "margin"})


@dataclass(frozen=True)
class Finding:
    """A rule fired. Once per (rule, offers, key).

    `offers` are ids in ascending order, at least two; the first two are the pair for which it is listed. `key` tells
    apart what one rule says several times of the same offers: a placement, a fund, a product ("" = nothing to tell apart).
    `products` and `customers` are what they share, 0 where the rule does not need it. `numbers` holds JSON values alone
    (money as text; see CONFIDENTIAL) and is all that `tell` needs; `levers` are the kinds of remedies that could clear it,
    the best first.
    """

    rule: str
    offers: tuple[int, ...]
    starts_on: date
    ends_before: date
    severity: Severity
    key: str = ""
    products: int = 0
    customers: int = 0
    numbers: Mapping[str, Any] = field(default_factory=dict)
    levers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """The rule cannot be ruled out for an offer, as `missing` is not known: "cost", "price", "products", "terms"…"""

    rule: str
    offer: int
    missing: str


@dataclass(frozen=True)
class Option:
    """A number that administrators may set for a rule; `lowest` and `highest` are allowed."""

    name: str
    label: Any
    default: Decimal
    lowest: Decimal
    highest: Decimal
    unit: Any = ""

    @property
    def places(self) -> int:
        """Digits behind the point that it may have: none where it counts something, such as days."""
        written = max(-int(number.as_tuple().exponent) for number in (self.default, self.lowest, self.highest))
        return max(2, written) if written > 0 or str(self.unit) == "%" else 0


Options = Mapping[str, Decimal]


class Rule(Protocol):
    """A module of this package."""

    CODE: str
    NAME: Any
    SUMMARY: Any
    BASE: int

    @property
    def OPTIONS(self) -> Sequence[Option]: ...  # noqa: N802 - a constant of a module

    def find(self, plan: Plan, options: Options) -> Iterator[Finding | Gap]: ...

    def tell(self, numbers: Mapping[str, Any]) -> str: ...


def disclosed(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of a finding that every party may read."""
    return {name: _disclosed(value) for name, value in numbers.items() if name not in CONFIDENTIAL}


def _disclosed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return disclosed(value)
    return [_disclosed(one) for one in value] if isinstance(value, list) else value


def defaults(options: Sequence[Option]) -> dict[str, Decimal]:
    return {option.name: option.default for option in options}
