"""Whether one offer gives customers as much as another: on which channels each runs, and what it is worth there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from campaigns.rules.collisions.evidence import alike, examples
from campaigns.rules.collisions.facts import Numbers, Offer, Plan, Product, Terms
from campaigns.rules.combinability import ITEM, ORDER, SHIPPING, discount_class
from campaigns.rules.prices import price_of, terms_on, unknown
from campaigns.rules.promises import figure, same_kind

_PRICED = {ITEM, ORDER}

Channels = Sequence[int | None]


class Unknown(Exception):
    """It cannot be told; `missing` says what of which offer (id)."""

    def __init__(self, missing: Iterable[tuple[int, str]]) -> None:
        self.missing = tuple(missing)
        super().__init__(*self.missing)


@dataclass(frozen=True)
class Offered:
    """An offer on some of its channels; `None` among them = wherever it has no terms of its own."""

    offer: Offer
    channels: Channels

    def terms(self) -> list[Terms]:
        """All different terms.

        Raises:
            Unknown: some are not stated.
        """
        found = list(dict.fromkeys(terms_on(self.offer, channel) for channel in self.channels))
        if any(not one.mechanic for one in found):
            raise Unknown([(self.offer.id, "terms")])
        return found


@dataclass(frozen=True)
class Some:
    """How many products, and the names of the first few."""

    count: int
    names: Sequence[str]


def channels_of(plan: Plan, offer: Offer, *, outside: frozenset[int] = frozenset()) -> Channels:
    """Where the offer runs, without the channels `outside` of which is asked; empty = nowhere else."""
    named = offer.channels or frozenset(plan.channel_names)
    if named:
        return sorted(named - outside)
    return [None, *sorted({one.channel for one in offer.channel_terms} - outside)]


def runs_on(offer: Offer, channel: int) -> bool:
    return not offer.channels or channel in offer.channels


def lowest_price(plan: Plan, product: Product, offered: Offered) -> Decimal | None:
    """What customers pay for the product at best; `None` = the offer does not change its price.

    Raises:
        Unknown: a price that matters is not known.
    """
    prices: list[Decimal] = []
    for channel in offered.channels:
        terms = terms_on(offered.offer, channel)
        if terms.mechanic and discount_class(terms) not in _PRICED:
            continue
        price = price_of(plan, product, offered.offer, channel)
        if price is None:
            raise Unknown([(offered.offer.id, unknown(plan, offered.offer, channel) or "price")])
        prices.append(price)
    return min(prices, default=None)


def as_good(plan: Plan, theirs: Offered, mine: Offered, products: Numbers) -> Some | None:
    """For which of the products `theirs` is at least as good for customers as `mine`; `None` = for none of them.

    Prices are compared with prices, and points, gifts and shipping each with their own kind; of other pairs neither is
    called better.

    Raises:
        Unknown: what the comparison needs is not known.
    """
    if not products or not theirs.channels or not mine.channels:
        return None
    if any(discount_class(one) in _PRICED for one in mine.terms()):
        return _as_cheap(plan, theirs, mine, products)
    if any(_gives_as_much(one, other) for one in theirs.terms() for other in mine.terms()):
        return Some(len(products), examples(plan, products))
    return None


def _as_cheap(plan: Plan, theirs: Offered, mine: Offered, products: Numbers) -> Some | None:
    if not any(discount_class(one) in _PRICED for one in theirs.terms()):
        return None
    groups, without_price = alike(plan, products)
    found = []
    for group in groups:
        price, other = lowest_price(plan, group.product, theirs), lowest_price(plan, group.product, mine)
        listed = group.product.price
        if price is not None and other is not None and listed is not None and price <= other and price < listed:
            found.append(group)
    if found:
        names = [group.product.name or group.product.code for group in found[:3]]
        return Some(sum(group.count for group in found), names)
    if without_price:
        raise Unknown([(theirs.offer.id, "price"), (mine.offer.id, "price")])
    return None


def _gives_as_much(theirs: Terms, mine: Terms) -> bool:
    if not same_kind(theirs, mine) or theirs.mechanic == "message":
        return False
    if discount_class(theirs) == SHIPPING:
        return (theirs.min_spend or 0) <= (mine.min_spend or 0)
    if theirs.mechanic == "points":
        multiplier, other = figure(theirs), figure(mine)
        return multiplier is not None and other is not None and multiplier >= other
    return theirs.mechanic == "gift" and theirs.gift_product is not None
