"""The terms of an offer, written in one cell of a file as the mechanic says."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_BUY_AND_GET = re.compile(r"([0-9]+)(?:\+([0-9]+))?", re.ASCII)
_LARGEST_QUANTITY = 2**31 - 1


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
