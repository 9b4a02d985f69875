"""The price that an offer announces for a product: what customers read beside it, whatever else is in their basket.

Offers on whole orders, points, gifts, shipping, bundles and "buy two, get one" announce no price of a single product.
"""

from decimal import Decimal
from typing import TYPE_CHECKING

from campaigns.rules.combinability import ITEM, discount_class
from campaigns.rules.prices import common_channels, price_of, terms_on

if TYPE_CHECKING:  # the package of the rules imports the rules, and these import this module
    from campaigns.rules.collisions.facts import Offer, Plan, Product, Terms

REDUCTIONS = ("percent", "amount_off", "fixed_price")


def names_a_price(terms: "Terms") -> bool:
    return terms.mechanic in REDUCTIONS and discount_class(terms) == ITEM


def terms_beside(offer: "Offer", other: "Offer") -> list["Terms"]:
    """Every different terms that `offer` has on the channels where `other` is too; empty when they share none."""
    return list(dict.fromkeys(terms_on(offer, channel) for channel in common_channels([offer, other])))


def announced(plan: "Plan", product: "Product", offer: "Offer", other: "Offer") -> list[Decimal | None]:
    """The prices that `offer` names for the product on the channels of both; None = one that is not known."""
    channels = [one for one in common_channels([offer, other]) if names_a_price(terms_on(offer, one))]
    return list(dict.fromkeys(price_of(plan, product, offer, channel) for channel in channels))
