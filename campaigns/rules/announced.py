"""The prices of one offer by list price, and those that it announces beside another one.

An offer announces a price of a product where customers read it next to the product, whatever else is in their basket.
Offers on whole orders, points, gifts, shipping, bundles and "buy two, get one" announce none.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from campaigns.rules.combinability import ITEM, discount_class
from campaigns.rules.prices import common_channels, price_in_order, terms_on

if TYPE_CHECKING:  # the package of the rules imports the rules, and these import this module
    from campaigns.rules.collisions.facts import Offer, Plan, Product, Terms

REDUCTIONS = ("percent", "amount_off", "fixed_price")


class PriceList:
    """What products cost with one offer alone on one channel; a scope of thousands has far fewer list prices."""

    def __init__(self, plan: "Plan", offer: "Offer", channel: int | None) -> None:
        self._plan, self._offer, self._channel = plan, offer, channel
        self._prices: dict[Decimal | None, Decimal | None] = {}

    def of(self, product: "Product") -> Decimal | None:
        """The price to the customer, None = not known."""
        if product.price not in self._prices:
            alone = price_in_order(self._plan, product, (self._offer,), channel=self._channel)
            self._prices[product.price] = alone
        return self._prices[product.price]


def price_list(plan: "Plan", offer: "Offer", channel: int | None) -> PriceList:
    """Kept in the plan, for all that the offer meets."""
    key = ("price list", offer.id, channel)
    if key not in plan.kept:
        plan.kept[key] = PriceList(plan, offer, channel)
    return cast("PriceList", plan.kept[key])


def names_a_price(terms: "Terms") -> bool:
    return terms.mechanic in REDUCTIONS and discount_class(terms) == ITEM


def terms_beside(offer: "Offer", other: "Offer") -> list["Terms"]:
    """Every different terms that `offer` has on the channels where `other` is too; empty when they share none."""
    return list(dict.fromkeys(terms_on(offer, channel) for channel in common_channels([offer, other])))


def announced(plan: "Plan", offer: "Offer", other: "Offer") -> list[PriceList]:
    """The lists of prices that `offer` announces on the channels of both."""
    channels = [one for one in common_channels([offer, other]) if names_a_price(terms_on(offer, one))]
    return [price_list(plan, offer, channel) for channel in channels]
