"""What each mechanic takes off a unit of a product, as a function of its price so far and of its list price L.

    percent      v·p (or v·L)                         amount off the item    v
    buy x get y  y/(x+y)·p (or ·L)                    amount off the order   v·p/max(min_spend, L)
    fixed price  p - v                                bundle                 p - v·L/list price of the bundle
    points       (multiplier - 1)·point_cost·p        gift                   cost·p/max(min_spend, L)

never less than nothing. A percentage is of L for the base "initial". The discount of one order is capped at the smallest
order that qualifies, where the cap does least.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from campaigns.rules.combinability import ORDER, discount_class

if TYPE_CHECKING:  # the package of the rules imports the rules, and these import this module
    from campaigns.rules.collisions.facts import Offer, Plan, Terms

# The price so far, the list price -> what is taken off.
Step = Callable[[Decimal, Decimal], Decimal]

ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)
INITIAL, DISCOUNTED = "initial", "discounted"
_NEEDS = {
    "percent": ("percent_off",),
    "amount_off": ("amount_off",),
    "fixed_price": ("fixed_price",),
    "bxgy": ("buy_quantity", "get_quantity"),
    "bundle": ("fixed_price",),
    "points": ("points_multiplier",),
}


def unknown_terms(terms: "Terms") -> bool:
    """Whether a column is empty without which the mechanic has no price."""
    return not terms.mechanic or any(getattr(terms, name) is None for name in _NEEDS.get(terms.mechanic, ()))


def in_hundredths(terms: "Terms") -> bool:
    """Whether the terms take the same part off every price, and a decimal number writes that part exactly."""
    return terms.mechanic in {"percent", "points", "free_shipping", "message"} and terms.max_discount is None


def taken_off(plan: "Plan", offer: "Offer", terms: "Terms", base: str, point_cost: Decimal | None) -> Step | None:
    """What the terms of an offer take off; `None` when something of them is not known."""
    off = None if unknown_terms(terms) else _uncapped(plan, offer, terms, base, point_cost)
    return off if off is None or terms.max_discount is None else _capped(off, terms, terms.max_discount)


def _uncapped(plan: "Plan", offer: "Offer", terms: "Terms", base: str, point_cost: Decimal | None) -> Step | None:
    match terms.mechanic:
        case "percent":
            return _part(terms.percent_off or ZERO, HUNDRED, base)
        case "bxgy":
            free = Decimal(terms.get_quantity or 0)
            return _part(free, free + (terms.buy_quantity or 0), base)
        case "points":
            more = max(ZERO, (terms.points_multiplier or ONE) - 1)
            return _part(more * (point_cost or ZERO), HUNDRED, DISCOUNTED)
        case "amount_off":
            amount = terms.amount_off or ZERO
            return _of_order(amount, terms) if discount_class(terms) == ORDER else lambda _price, _listed: amount
        case "fixed_price":
            fixed = terms.fixed_price or ZERO
            return lambda price, _listed: max(ZERO, price - fixed)
        case "bundle":
            whole = bundle_price(plan, offer)
            fixed = terms.fixed_price or ZERO
            return (lambda price, listed: max(ZERO, price - listed * fixed / whole)) if whole else None
        case "gift":
            cost = ZERO if point_cost is None else gift_cost(plan, terms)
            return None if cost is None else _of_order(cost, terms)
    return lambda _price, _listed: ZERO


def _part(part: Decimal, of: Decimal, base: str) -> Step:
    # Divided last: a third of 0.03 is a cent, and 0.03 times a third is less.
    if base == INITIAL:
        return lambda _price, listed: listed * part / of
    return lambda price, _listed: price * part / of


def _of_order(amount: Decimal, terms: "Terms") -> Step:
    """A unit's part of an amount off the smallest order that qualifies."""
    least = terms.min_spend or ZERO
    return lambda price, listed: amount * price / max(least, listed) if listed else ZERO


def _capped(off: Step, terms: "Terms", most: Decimal) -> Step:
    """The same with a cap on the discount of one order, divided over the smallest order that qualifies."""
    units = (terms.buy_quantity or 0) + (terms.get_quantity or 0) if terms.mechanic == "bxgy" else 1
    least = terms.min_spend or ZERO

    def at_most(price: Decimal, listed: Decimal) -> Decimal:
        return min(off(price, listed), most * listed / max(least, listed * units)) if listed else ZERO

    return at_most


def bundle_price(plan: "Plan", offer: "Offer") -> Decimal | None:
    """What the products of a bundle cost together without it; `None` when one of the prices is not known."""
    products = [plan.products.get(number) for number in offer.products]
    prices = [one.price for one in products if one is not None and one.price is not None]
    return sum(prices, ZERO) if len(prices) == len(products) else None


def gift_cost(plan: "Plan", terms: "Terms") -> Decimal | None:
    if terms.gift_cost is not None:
        return terms.gift_cost
    gift = plan.products.get(terms.gift_product) if terms.gift_product is not None else None
    return gift.cost if gift else None
