"""The terms of an offer: which ones its mechanic needs, and how a file writes them in one cell."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_BUY_AND_GET = re.compile(r"([0-9]+)(?:\+([0-9]+))?", re.ASCII)
_LARGEST_QUANTITY = 2**31 - 1


# Which columns each mechanic needs and which it may have; every other value column stays empty.
TERMS: dict[str, tuple[list[str], list[str]]] = {
    "": ([], []),
    "percent": (["percent_off"], []),
    "amount_off": (["amount_off"], []),
    "fixed_price": (["fixed_price"], []),
    "bxgy": (["buy_quantity", "get_quantity"], []),
    "bundle": ([], ["fixed_price"]),
    "free_shipping": ([], ["min_spend"]),
    "points": (["points_multiplier"], []),
    "gift": ([], ["gift_product"]),
    "message": ([], []),
}
TERM_COLUMNS = sorted({column for needs, may in TERMS.values() for column in needs + may})
# Mechanics that take something off what is paid, so that there is something to cap.
DISCOUNTS = frozenset({"percent", "amount_off", "fixed_price", "bxgy", "bundle", "free_shipping"})
NO_USE = _("Leave it empty: this kind of offer has no use for it.")


def bears_a_price(mechanic: str) -> bool:
    """Whether it promises more than words: no mere message, nor terms that nobody has stated yet."""
    return mechanic not in ("", "message")


def missing_terms(mechanic: str, terms: Mapping[str, Any]) -> list[str]:
    """Columns that the mechanic needs and `terms` leave empty."""
    needs, _may = TERMS.get(mechanic, ([], []))
    return [column for column in needs if terms.get(column) is None]


def superfluous_terms(mechanic: str, terms: Mapping[str, Any]) -> list[str]:
    """Columns that `terms` fill although the mechanic has no use for them."""
    needs, may = TERMS.get(mechanic, ([], []))
    return [column for column in TERM_COLUMNS if column not in needs + may and terms.get(column) is not None]


def wrong_terms(mechanic: str, terms: Mapping[str, Any]) -> dict[str, Any]:
    """What to say about each column that does not fit the mechanic; empty = they fit."""
    missing = dict.fromkeys(missing_terms(mechanic, terms), _("Give it: this kind of offer needs it."))
    return missing | dict.fromkeys(superfluous_terms(mechanic, terms), NO_USE)


class WrongTerms(ValueError):
    """The value does not fit the mechanic; `text` says what would."""

    def __init__(self, text: object) -> None:
        super().__init__(text)
        self.text = text


def terms_of(mechanic: str, value: str) -> Mapping[str, Any]:
    """The columns that `mechanic` fills from the cell `value` ("" = empty); a gift's product comes as its code.

    Raises:
        WrongTerms: the value is missing, superfluous, not a number, or out of range.
    """
    match mechanic:
        case "percent":
            return {"percent_off": _decimal(value, _("a percentage above 0 and at most 100, such as 20"), "100")}
        case "amount_off":
            return {"amount_off": _decimal(value, _("an amount above 0, such as 1.50"))}
        case "fixed_price":
            return {"fixed_price": _decimal(value, _("a price, such as 9.99"), zero=True)}
        case "points":
            return {"points_multiplier": _decimal(value, _("a multiplier above 0, such as 2"), "999.99")}
        case "bxgy":
            return _buy_and_get(value)
        case "bundle":
            return {"fixed_price": _decimal(value, _("the bundle's price or nothing"), zero=True) if value else None}
        case "free_shipping":
            return {"min_spend": _decimal(value, _("the minimum spend or nothing"), zero=True) if value else None}
        case "gift":
            return {"gift_product": value or None}
    if value:
        raise WrongTerms(_("a message has no value: leave the cell empty") if mechanic else _("say the mechanic"))
    return {}


def _decimal(value: str, wanted: object, at_most: str = "9999999999.99", *, zero: bool = False) -> Decimal:
    if not _NUMBER.fullmatch(value):
        raise WrongTerms(wanted)
    number = Decimal(value)
    if number > Decimal(at_most) or (number == 0 and not zero):
        raise WrongTerms(wanted)
    cents = number.quantize(Decimal("0.01"))
    if cents != number:
        raise WrongTerms(wanted)
    return cents


def _buy_and_get(value: str) -> Mapping[str, int]:
    wanted = _("how many to buy and how many are free, such as 2+1")
    found = _BUY_AND_GET.fullmatch(value)
    if not found:
        raise WrongTerms(wanted)
    buy, get = int(found[1]), int(found[2] or 1)
    if not (0 < buy <= _LARGEST_QUANTITY and 0 < get <= _LARGEST_QUANTITY):
        raise WrongTerms(wanted)
    return {"buy_quantity": buy, "get_quantity": get}
