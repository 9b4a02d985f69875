"""What a product costs when offers apply to it, in the order of the till, and where the company's floor is.

Order: discounts on the item, then on the order, then shipping, points and messages; within a class by priority (none =
last), then by id. What each takes off stands in campaigns.rules.discounts. Points and gifts leave the customer's price
alone; they count in what is left to the company, when `point_cost` (what a customer's ordinary points cost, in percent of
the price) is given. An offer that declares no base takes its percentage off the list price, which never gives the higher
price. No price is below 0, and cents are rounded half up once, at the end. `None` = cannot be known: see `unknown`.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from campaigns.rules.combinability import CLASSES, MESSAGE, POINTS, SHIPPING, cliques, combinable, discount_class
from campaigns.rules.discounts import (
    HUNDRED,
    INITIAL,
    ONE,
    ZERO,
    Step,
    bundle_price,
    gift_cost,
    in_hundredths,
    taken_off,
    unknown_terms,
)

if TYPE_CHECKING:  # the package of the rules imports the rules, and these import this module
    from campaigns.rules.collisions.facts import Offer, Plan, Product, Terms

# List price -> price.
Pricing = Callable[[Decimal], Decimal]

CENT = Decimal("0.01")
# No margin makes a floor higher than this; at 100 % it would be infinite.
_HIGHEST_MARGIN = Decimal("99.99")
_LAST = 2**31


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def terms_on(offer: "Offer", channel: int | None) -> "Terms":
    """What the offer promises on a channel; `None` = on those for which it has no terms of their own."""
    return next((one.terms for one in offer.channel_terms if one.channel == channel), offer.terms)


def changes_price(offer: "Offer") -> bool:
    """Whether a customer pays less for a product because of it: no points, gifts, shipping or messages."""
    return bool(offer.terms.mechanic) and discount_class(offer.terms) not in {SHIPPING, POINTS, MESSAGE}


def costs_money(offer: "Offer") -> bool:
    """Whether less of a product's price is left because of it: what changes the price, points and gifts."""
    return changes_price(offer) or offer.terms.mechanic in {"points", "gift"}


def common_channels(offers: Sequence["Offer"]) -> list[int | None]:
    """Where all of these can be used together, one channel for each set of terms; `None` = without terms of its own.

    Empty when they name channels and have none in common.
    """
    named = [offer.channels for offer in offers if offer.channels]
    special = {one.channel for offer in offers for one in offer.channel_terms}
    if not named:
        return [None, *sorted(special)]
    common = frozenset.intersection(*named)
    ordinary: list[int | None] = [None] if common - special else []
    return ordinary + sorted(common & special)


def till_order(offers: Iterable["Offer"], channel: int | None = None) -> list["Offer"]:
    return sorted(offers, key=lambda one: (_place(terms_on(one, channel)), _priority(one), one.id))


def order_is_open(one: "Offer", other: "Offer", channel: int | None = None) -> bool:
    """Whether nothing but chance says which of the two goes first: one class, and no priority that tells them apart."""
    same_class = _place(terms_on(one, channel)) == _place(terms_on(other, channel))
    return same_class and (one.priority is None or other.priority is None or one.priority == other.priority)


def price_of(plan: "Plan", product: "Product", offer: "Offer", channel: int | None = None) -> Decimal | None:
    """What a customer pays for the product with this offer alone."""
    return price_after(plan, product, (offer,), channel=channel)


def price_after(
    plan: "Plan",
    product: "Product",
    offers: Iterable["Offer"],
    *,
    channel: int | None = None,
    point_cost: Decimal | None = None,
) -> Decimal | None:
    """The price with all of these offers, in the order of the till whatever the order given.

    The customer's price, or what is left of it to the company when `point_cost` is given.
    """
    return price_in_order(plan, product, till_order(offers, channel), channel=channel, point_cost=point_cost)


def price_in_order(
    plan: "Plan",
    product: "Product",
    offers: Sequence["Offer"],
    *,
    channel: int | None = None,
    point_cost: Decimal | None = None,
    bases: Sequence[str] = (),
) -> Decimal | None:
    """The price when the offers apply in exactly this order, with these bases in place of what they declare."""
    price = pricing(plan, offers, channel=channel, point_cost=point_cost, bases=bases)
    return None if price is None or product.price is None else price(product.price)


def pricing(
    plan: "Plan",
    offers: Sequence["Offer"],
    *,
    channel: int | None = None,
    point_cost: Decimal | None = None,
    bases: Sequence[str] = (),
) -> Pricing | None:
    """What `price_in_order` makes of a list price, as a function for many products; kept for offers as they are planned.

    `None` when something is not known of an offer.
    """
    if any(plan.offers.get(one.id) is not one for one in offers):
        return _pricing(plan, offers, channel, point_cost, bases)
    if all(one.channel != channel for offer in offers for one in offer.channel_terms):
        channel = None
    key = ("pricing", tuple(one.id for one in offers), channel, point_cost, tuple(bases))
    if key not in plan.kept:
        plan.kept[key] = _pricing(plan, offers, channel, point_cost, bases)
    found: Pricing | None = plan.kept[key]
    return found


def _pricing(
    plan: "Plan", offers: Sequence["Offer"], channel: int | None, point_cost: Decimal | None, bases: Sequence[str]
) -> Pricing | None:
    steps: list[Step] = []
    for place, offer in enumerate(offers):
        terms = terms_on(offer, channel)
        off = taken_off(plan, offer, terms, (bases[place] if bases else offer.discount_base) or INITIAL, point_cost)
        if off is None:
            return None
        steps.append(off)
    if all(in_hundredths(terms_on(one, channel)) for one in offers):
        left = _run(steps, ONE)
        return lambda listed: cents(listed * left)
    return lambda listed: cents(_run(steps, listed))


def _run(steps: Sequence[Step], listed: Decimal) -> Decimal:
    price = listed
    for off in steps:
        price -= off(price, listed)
        if price <= 0:
            return ZERO
    return price


def worst(
    plan: "Plan", product: "Product", offers: Sequence["Offer"], *, point_cost: Decimal | None = None
) -> Decimal | None:
    """The lowest price that these offers can lead to: over the stacks that combine, and over channels.

    The offers are taken to meet in time and people. The list price without offers; `None` when a price is not known.
    """
    by_id = {one.id: one for one in offers}
    stacks = cliques(sorted(by_id), lambda one, other: combinable(plan, by_id[one], by_id[other]))
    prices = [
        price_after(plan, product, stack, channel=channel, point_cost=point_cost)
        for ids in stacks
        for stack in [[by_id[one] for one in ids]]
        for channel in common_channels(stack)
    ]
    known = [price for price in prices if price is not None]
    if len(known) < len(prices) or product.price is None:
        return None
    return min(known, default=cents(product.price))


def margin_floor(offers: Iterable["Offer"], company: Decimal) -> Decimal:
    """The margin, in percent of the price, that must be left: the company's, or the strictest of the offers'."""
    floors = (one.margin_floor_pct for one in offers)
    return min(max([company, *(floor for floor in floors if floor is not None)]), _HIGHEST_MARGIN)


def floor_price(product: "Product", margin: Decimal) -> Decimal | None:
    """The lowest price that leaves `margin` (percent of the price), not rounded; `None` without a cost."""
    return None if product.cost is None else product.cost / (1 - margin / HUNDRED)


def unknown(plan: "Plan", offer: "Offer", channel: int | None = None) -> str:
    """What is missing of the offer for a price: "" = nothing, "terms", "price" (of a bundle) or "gift_cost"."""
    terms = terms_on(offer, channel)
    if unknown_terms(terms):
        return "terms"
    if terms.mechanic == "bundle" and not bundle_price(plan, offer):
        return "price"
    if terms.mechanic == "gift" and gift_cost(plan, terms) is None:
        return "gift_cost"
    return ""


def _place(terms: "Terms") -> int:
    kind = discount_class(terms)
    return CLASSES.index(kind) if kind else len(CLASSES)


def _priority(offer: "Offer") -> int:
    return _LAST if offer.priority is None else offer.priority
