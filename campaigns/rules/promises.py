"""Whether two offers promise the same: the figures of their mechanic, and how alike the products are."""

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the package of the rules imports the rules, and these import this module
    from campaigns.rules.collisions.facts import Meeting, Terms

# The figure that customers hear of, by mechanic, and those that must be equal beside it.
_FIGURES = {
    "percent": "percent_off",
    "amount_off": "amount_off",
    "fixed_price": "fixed_price",
    "bundle": "fixed_price",
    "points": "points_multiplier",
}
_EQUAL = ("mechanic", "buy_quantity", "get_quantity", "gift_product")


def jaccard(meeting: "Meeting") -> Fraction:
    """Shared products / all products of the two."""
    shared = len(meeting.products)
    both = len(meeting.a.products) + len(meeting.b.products) - shared
    return Fraction(shared, both) if both else Fraction(0)


def figure(terms: "Terms") -> Decimal | None:
    """The number that the promise is about, in percent, money or points; `None` for those without, or not stated."""
    name = _FIGURES.get(terms.mechanic)
    found: Decimal | None = getattr(terms, name) if name else None
    return found


def is_money(terms: "Terms") -> bool:
    return _FIGURES.get(terms.mechanic) in {"amount_off", "fixed_price"}


def is_stated(terms: "Terms") -> bool:
    """Whether the terms say what they promise: a bundle's price and what a gift is may be left open in an offer."""
    if terms.mechanic == "bxgy":
        return terms.buy_quantity is not None and terms.get_quantity is not None
    if terms.mechanic == "gift":
        return terms.gift_product is not None
    return bool(terms.mechanic) and (terms.mechanic not in _FIGURES or figure(terms) is not None)


def same_kind(one: "Terms", other: "Terms") -> bool:
    """The same mechanic, on the same thing, with the same quantities or gift; figures may differ."""
    same_class = one.mechanic not in _FIGURES or one.applies_to == other.applies_to
    return same_class and all(getattr(one, name) == getattr(other, name) for name in _EQUAL)


def same_promise(one: "Terms", other: "Terms") -> bool:
    return same_kind(one, other) and figure(one) == figure(other)
