"""What a mediator can order: typed operations, their JSON form and their words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

MOST_DAYS = 366


class OperationError(ValueError):
    """The operations cannot be read or contradict each other; the text is for the person who entered them."""


@dataclass(frozen=True)
class ShiftDates:
    """Move the offers that a campaign has in the case by `days` (negative = earlier)."""

    kind: ClassVar[str] = "shift_dates"
    campaign: str
    days: int


@dataclass(frozen=True)
class ExcludeProducts:
    """Take the shared products out of the offers that a campaign has in the case."""

    kind: ClassVar[str] = "exclude_products"
    campaign: str


@dataclass(frozen=True)
class Withdraw:
    """Withdraw the offers that a campaign has in the case."""

    kind: ClassVar[str] = "withdraw"
    campaign: str


@dataclass(frozen=True)
class AllowBoth:
    """Change nothing: both campaigns run as planned."""

    kind: ClassVar[str] = "allow_both"


Operation = ShiftDates | ExcludeProducts | Withdraw | AllowBoth

KINDS: Mapping[str, type[Operation]] = {kind.kind: kind for kind in (ShiftDates, ExcludeProducts, Withdraw, AllowBoth)}


def serialise(operations: Iterable[Operation]) -> list[dict[str, Any]]:
    """`[{"do": "shift_dates", "campaign": "CJ13", "days": 7}]`"""
    return [{"do": operation.kind, **asdict(operation)} for operation in operations]


def canonical(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The same operations in the order that names them, whoever wrote them down in which."""
    return tuple(sorted(operations, key=lambda operation: (getattr(operation, "campaign", ""), operation.kind)))


def parse(data: object) -> tuple[Operation, ...]:
    """Read the JSON form.

    Raises:
        OperationError: not a list of known operations with exactly their fields.
    """
    if not isinstance(data, list):
        raise OperationError(_("The operations are not a list."))
    return tuple(_parse_one(item, place) for place, item in enumerate(data, start=1))


def _parse_one(item: object, place: int) -> Operation:
    if not isinstance(item, dict) or str(item.get("do")) not in KINDS:
        raise OperationError(
            _("Operation %(place)d is unknown; possible are %(kinds)s.") % {"place": place, "kinds": ", ".join(KINDS)}
        )
    kind = KINDS[str(item["do"])]
    given = {name: value for name, value in item.items() if name != "do"}
    wanted: dict[str, Any] = {field.name: field.type for field in fields(kind)}
    wrong = sorted(given.keys() ^ wanted.keys()) or [
        # bool is an int to Python, and never a number of days to a person.
        name
        for name, type_ in wanted.items()
        if not isinstance(given[name], type_) or isinstance(given[name], bool)
    ]
    if wrong:
        raise OperationError(
            _("Operation %(place)d (%(kind)s): check %(fields)s.")
            % {"place": place, "kind": kind.kind, "fields": ", ".join(wrong)}
        )
    return kind(**given)


def check(operations: Sequence[Operation], *, campaigns: Sequence[str]) -> None:
    """See that the operations make one decision about exactly these campaigns (their codes).

    Raises:
        OperationError: nothing ordered; a third campaign; a shift of 0 or more than MOST_DAYS days; the same thing
            twice; "allow both" or a withdrawal together with a change of what it leaves alone.
    """
    if not operations:
        raise OperationError(_("Choose what happens: nothing is ordered yet."))
    if any(isinstance(operation, AllowBoth) for operation in operations) and len(operations) > 1:
        raise OperationError(_("“Allow both” changes nothing, so that it stands alone."))
    seen: dict[str, set[str]] = {}
    for operation in operations:
        if isinstance(operation, AllowBoth):
            continue
        _check_one(operation, campaigns)
        kinds = seen.setdefault(operation.campaign, set())
        if operation.kind in kinds:
            raise OperationError(_("The same operation is ordered twice for %(campaign)s.") % _named(operation))
        kinds.add(operation.kind)
        if Withdraw.kind in kinds and len(kinds) > 1:
            raise OperationError(
                _("%(campaign)s is withdrawn, so that nothing else can change in it.") % _named(operation)
            )


def _check_one(operation: ShiftDates | ExcludeProducts | Withdraw, campaigns: Sequence[str]) -> None:
    if operation.campaign not in campaigns:
        raise OperationError(_("%(campaign)s is not a party to this case.") % _named(operation))
    if isinstance(operation, ShiftDates) and not 0 < abs(operation.days) <= MOST_DAYS:
        raise OperationError(
            _("Move %(campaign)s by 1 to %(most)d days, earlier (negative) or later.")
            % {**_named(operation), "most": MOST_DAYS}
        )


def _named(operation: ShiftDates | ExcludeProducts | Withdraw) -> dict[str, Any]:
    return {"campaign": operation.campaign}


def describe(operation: Operation) -> str:
    """The operation as a sentence in the language that is active now."""
    if isinstance(operation, AllowBoth):
        return str(_("Both campaigns run as planned."))
    if isinstance(operation, Withdraw):
        return str(_("The offers of %(campaign)s in this case are withdrawn.") % _named(operation))
    if isinstance(operation, ExcludeProducts):
        return str(_("The shared products leave the offers of %(campaign)s in this case.") % _named(operation))
    if operation.days < 0:
        words = ngettext_lazy(
            "The offers of %(campaign)s in this case move %(days)d day earlier.",
            "The offers of %(campaign)s in this case move %(days)d days earlier.",
            "days",
        )
    else:
        words = ngettext_lazy(
            "The offers of %(campaign)s in this case move %(days)d day later.",
            "The offers of %(campaign)s in this case move %(days)d days later.",
            "days",
        )
    return str(words % {**_named(operation), "days": abs(operation.days)})
