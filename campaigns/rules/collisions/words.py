"""The numbers of a finding: kept as JSON values, and written as the reader's language writes them."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.rules.collisions.facts import Offer


def named(offer: Offer) -> dict[str, str]:
    """An offer in `numbers`, for `who`."""
    return {"name": offer.name or offer.code, "department": offer.department_name}


def cents(amount: Decimal) -> str:
    return format(amount.quantize(Decimal("0.01"), ROUND_HALF_UP), "f")


def per_cent(part: Fraction) -> str:
    """A part of 1 in per cent with one decimal, for `percent`."""
    value = Decimal(part.numerator * 100) / Decimal(part.denominator)
    return format(value.quantize(Decimal("0.1"), ROUND_HALF_UP), "f")


def last_day(ends_before: date) -> str:
    return (ends_before - timedelta(days=1)).isoformat()


def who(side: Mapping[str, Any]) -> str:
    """Offer 1 (Department 1)"""
    if not side["department"]:
        return str(side["name"])
    return _("%(offer)s (%(department)s)") % {"offer": side["name"], "department": side["department"]}


def day(text: str) -> str:
    return date_format(date.fromisoformat(text), "DATE_FORMAT")


def money(text: str) -> str:
    return number_format(Decimal(text), 2)


def percent(text: str) -> str:
    """“12 %”, “12.5 %”: no zeros behind the point."""
    return _("%(percent)s %%") % {"percent": quantity(text)}


def quantity(value: str | int) -> str:
    """A number without zeros behind the point: 1,234.5"""
    text = str(value)
    return number_format(text.rstrip("0").rstrip(".") if "." in text else text)


def products(count: int) -> str:
    return ngettext("%(n)s product", "%(n)s products", count) % {"n": number_format(count)}


def customers(count: int) -> str:
    return ngettext("%(n)s customer", "%(n)s customers", count) % {"n": number_format(count)}


def days(count: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", count) % {"n": number_format(count)}
