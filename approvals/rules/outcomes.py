"""What was decided, in a form that can be compared between cases: what is ordered, and what is said of the side that it meets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from approvals.rules.operations import AllowBoth, ExcludeProducts, Operation, ShiftDates, Withdraw

YOUNGER, OLDER = "younger", "older"
DEEPER, SHALLOWER = "deeper", "shallower"

# A move as far as nothing is shared any more is the same order in every case, whatever number of days it takes.
CLEAR_LATER, CLEAR_EARLIER = "clear_later", "clear_earlier"
ALLOW = "allow_both"
_BOTH, _AGAINST, _AND = "both:", "|", "+"


@dataclass(frozen=True)
class Standing:
    """A side as an outcome speaks of it. `planned` orders sides: the younger has the greater number."""

    campaign: str
    department: int
    planned: int
    discount: Decimal


@dataclass(frozen=True)
class Outcome:
    """`shape` says what is ordered: the orders of a side joined by "+"; "both:" and the orders, if both sides get the
    same; "x|y" if they get different ones; "allow_both".

    The rest says which side it is that gets the orders (the first ones): its department (id), whether it was planned
    later, whether its discount is deeper. None or empty = nothing is said.
    """

    shape: str
    department: int | None = None
    age: str = ""
    depth: str = ""

    @property
    def names_a_side(self) -> bool:
        """Whether the two sides are not treated alike."""
        return self.shape != ALLOW and not self.shape.startswith(_BOTH)


def outcome_of(operations: Sequence[Operation], sides: tuple[Standing, Standing], *, is_clear: bool) -> Outcome:
    """What the operations are in every case. `is_clear`: nothing is left that collides between the two sides."""
    orders: dict[str, list[str]] = {side.campaign: [] for side in sides}
    for operation in operations:
        if isinstance(operation, AllowBoth):
            return Outcome(ALLOW)
        orders[operation.campaign].append(_order(operation, is_clear=is_clear))
    shapes = [_AND.join(sorted(orders[side.campaign])) for side in sides]
    if shapes[0] == shapes[1]:
        return Outcome(f"{_BOTH}{shapes[0]}")
    # Whoever gets nothing is not named; of two different orders the first by the alphabet.
    met = min((place for place in (0, 1) if shapes[place]), key=lambda place: shapes[place])
    shape = shapes[met] + (f"{_AGAINST}{shapes[1 - met]}" if shapes[1 - met] else "")
    return _of(shape, sides[met], sides[1 - met])


def _order(operation: ShiftDates | ExcludeProducts | Withdraw, *, is_clear: bool) -> str:
    if not isinstance(operation, ShiftDates):
        return operation.kind
    if is_clear:
        return CLEAR_LATER if operation.days > 0 else CLEAR_EARLIER
    return f"shift_{operation.days}"


def _of(shape: str, side: Standing, other: Standing) -> Outcome:
    """With all that may be said of this side."""
    depth = "" if side.discount == other.discount else DEEPER if side.discount > other.discount else SHALLOWER
    return Outcome(shape, side.department, YOUNGER if side.planned > other.planned else OLDER, depth)


def common(outcomes: Sequence[Outcome]) -> Outcome | None:
    """What is the same in all of them; None if they order different things, or never of a side of one kind."""
    first = outcomes[0]
    if len({one.shape for one in outcomes}) != 1:
        return None
    shared = Outcome(
        first.shape,
        first.department if len({one.department for one in outcomes}) == 1 else None,
        first.age if len({one.age for one in outcomes}) == 1 else "",
        first.depth if len({one.depth for one in outcomes}) == 1 else "",
    )
    return shared if not first.names_a_side or shared.department or shared.age or shared.depth else None


def side_meant(outcome: Outcome, sides: tuple[Standing, Standing]) -> int | None:
    """Place (0 or 1) of the side that the outcome speaks of: all that it says of a side fits; None if it fits none."""
    if not outcome.names_a_side:
        return 0
    for place in (0, 1):
        here = _of(outcome.shape, sides[place], sides[1 - place])
        if (
            outcome.department in (None, here.department)
            and outcome.age in ("", here.age)
            and outcome.depth in ("", here.depth)
        ):
            return place
    return None


def operations_of(
    outcome: Outcome, sides: tuple[Standing, Standing], *, days_to_clear: tuple[Mapping[str, int], Mapping[str, int]]
) -> tuple[Operation, ...]:
    """The outcome as operations on these two sides; empty if it does not fit them.

    `days_to_clear`: by how many days each side would have to move so that nothing is shared, {order: days}.
    """
    if outcome.shape == ALLOW:
        return (AllowBoth(),)
    met = side_meant(outcome, sides)
    if met is None:
        return ()
    if outcome.shape.startswith(_BOTH):
        shapes = [outcome.shape.removeprefix(_BOTH)] * 2
    else:
        shapes = [*outcome.shape.split(_AGAINST), ""][:2]
    found: list[Operation] = []
    for place, shape in zip((met, 1 - met), shapes, strict=True):
        found += [_read(order, sides[place].campaign, days_to_clear[place]) for order in shape.split(_AND) if order]
    return tuple(found)


def _read(order: str, campaign: str, days_to_clear: Mapping[str, int]) -> Operation:
    match order:
        case ExcludeProducts.kind:
            return ExcludeProducts(campaign)
        case Withdraw.kind:
            return Withdraw(campaign)
        case "clear_later" | "clear_earlier":
            return ShiftDates(campaign, days_to_clear[order])
    return ShiftDates(campaign, int(order.removeprefix("shift_")))


_ORDERS: Mapping[str, object] = {
    CLEAR_LATER: _("moves later, until the two share no day"),
    CLEAR_EARLIER: _("moves earlier, until the two share no day"),
    ExcludeProducts.kind: _("takes the shared products out"),
    Withdraw.kind: _("withdraws its offers"),
}


def describe(outcome: Outcome, departments: Mapping[int, str] | None = None) -> str:
    """The outcome as a sentence in the language that is active now; without `departments` (names by id) none is named."""
    if outcome.shape == ALLOW:
        return str(_("Both campaigns run as planned."))
    if outcome.shape.startswith(_BOTH):
        return str(_("Each of the two %(orders)s.") % {"orders": _orders(outcome.shape.removeprefix(_BOTH))})
    first, _bar, second = outcome.shape.partition(_AGAINST)
    side = _side(outcome, departments or {})
    if second:
        return str(
            _("%(side)s %(orders)s; the other one %(others)s.")
            % {"side": side, "orders": _orders(first), "others": _orders(second)}
        )
    return str(_("%(side)s %(orders)s.") % {"side": side, "orders": _orders(first)})


def _side(outcome: Outcome, departments: Mapping[int, str]) -> str:
    traits = []
    if outcome.age:
        traits.append(_("planned later") if outcome.age == YOUNGER else _("planned earlier"))
    if outcome.depth:
        traits.append(_("deeper discount") if outcome.depth == DEEPER else _("smaller discount"))
    name = departments.get(outcome.department or 0) or str(_("One of the two"))
    return f"{name} ({', '.join(map(str, traits))})" if traits else name


def _orders(shape: str) -> str:
    said = []
    for order in shape.split(_AND):
        if order in _ORDERS:
            said.append(str(_ORDERS[order]))
        else:
            days = int(order.removeprefix("shift_"))
            words = (
                ngettext_lazy("moves %(days)d day later", "moves %(days)d days later", "days")
                if days > 0
                else ngettext_lazy("moves %(days)d day earlier", "moves %(days)d days earlier", "days")
            )
            said.append(str(words % {"days": abs(days)}))
    return ", ".join(said)
