"""What one offer makes its products cost by itself: too little, nothing, or as much as before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions import stack_below_floor
from campaigns.rules.collisions.facts import Offer, Plan, Product
from campaigns.rules.collisions.findings import Option, Options
from campaigns.rules.collisions.words import cents, money, per_cent, percent
from campaigns.rules.prices import changes_price, common_channels, costs_money, floor_price, margin_floor, price_after
from campaigns.rules.self_checks.verdicts import CONFIRM, ERROR, WARN, SelfCheck, called, some
from campaigns.rules.terms import TERMS

# The floor is the one that stacks of offers are held to.
OPTIONS = (
    *stack_below_floor.OPTIONS,
    Option(
        "deep",
        gettext_lazy("Discount above which an offer is looked at twice"),
        Decimal(50),
        Decimal(0),
        Decimal(100),
        "%",
    ),
)


@dataclass(frozen=True)
class _Priced:
    """The least that a product costs with the offer, and the least that is left of it to the company."""

    product: Product
    listed: Decimal
    price: Decimal
    left: Decimal

    @property
    def depth(self) -> Fraction:
        return 1 - Fraction(self.price) / Fraction(self.listed)


def check(plan: Plan, offer: Offer, options: Options) -> Iterator[SelfCheck]:
    priced = list(_priced(plan, offer, options["point_cost"])) if costs_money(offer) else []
    yield from _no_reduction(offer, priced)
    yield from _below_floor(offer, priced, options["margin_floor"])
    yield from _deep(offer, priced, options["deep"])


def _priced(plan: Plan, offer: Offer, point_cost: Decimal) -> Iterator[_Priced]:
    """The products whose price is known on every channel, in the order of their ids."""
    channels = common_channels((offer,))
    for number in sorted(offer.products):
        product = plan.products.get(number)
        if product is None or not product.price:
            continue
        prices = [price_after(plan, product, (offer,), channel=one) for one in channels]
        lefts = [price_after(plan, product, (offer,), channel=one, point_cost=point_cost) for one in channels]
        known, left = [one for one in prices if one is not None], [one for one in lefts if one is not None]
        if len(known) == len(left) == len(channels):
            yield _Priced(product, product.price, min(known), min(left))


def depth(plan: Plan, offer: Offer) -> Fraction:
    """The most that it takes off a product, as a part of its price: what it says, and what its prices come to."""
    return _depth(offer, list(_priced(plan, offer, Decimal(0))) if changes_price(offer) else [])


def columns(offer: Offer) -> tuple[str, ...]:
    needs, may = TERMS.get(offer.terms.mechanic, ([], []))
    return tuple(needs + may) or ("mechanic",)


def _no_reduction(offer: Offer, priced: Sequence[_Priced]) -> Iterator[SelfCheck]:
    same = [one for one in priced if one.price >= one.listed]
    if not same or not changes_price(offer):
        return
    is_all = len(same) == len(priced)
    words = {
        "products": some([one.product for one in same]),
        "price": money(cents(same[0].listed)),
        "product": called(same[0].product),
    }
    text = _("No cheaper than without it: %(products)s. %(product)s costs %(price)s today.") % words
    yield SelfCheck("no_reduction", ERROR if is_all else WARN, columns(offer), text)


def _below_floor(offer: Offer, priced: Sequence[_Priced], company: Decimal) -> Iterator[SelfCheck]:
    margin = margin_floor((offer,), company)
    floors = [(one, floor) for one in priced if (floor := floor_price(one.product, margin)) is not None]
    below = [(one, floor) for one, floor in floors if one.left < floor]
    if not below:
        return
    worst, floor = max(below, key=lambda pair: Fraction(pair[1] - pair[0].left) / Fraction(pair[0].listed))
    cost = worst.product.cost or Decimal(0)
    is_loss = worst.left < cost
    words = {
        "products": some([one.product for one, _floor in below]),
        "product": called(worst.product),
        "left": money(cents(worst.left)),
        "floor": money(cents(floor)),
        "cost": money(cents(cost)),
    }
    if is_loss:
        text = _("Sold at a loss: %(products)s. %(product)s leaves %(left)s and costs the company %(cost)s.") % words
        discreet = _("Sold at a loss: %(products)s.") % words
    else:
        text = _("Below the margin floor: %(products)s. %(product)s leaves %(left)s; the floor is %(floor)s.") % words
        discreet = _("Below the margin floor: %(products)s.") % words
    about = (*columns(offer), "margin_floor_pct")
    yield SelfCheck("below_floor", CONFIRM if is_loss else WARN, about, text, discreet)


def _deep(offer: Offer, priced: Sequence[_Priced], limit: Decimal) -> Iterator[SelfCheck]:
    deepest = _depth(offer, priced)
    if 100 * deepest <= Fraction(limit):
        return
    words = {"depth": percent(per_cent(deepest)), "limit": percent(str(limit))}
    if deepest >= 1:
        text = _("It gives products away: the discount is %(depth)s.") % words
    else:
        text = _("It takes off up to %(depth)s, more than the usual %(limit)s.") % words
    yield SelfCheck("deep_discount", CONFIRM if deepest >= 1 else WARN, columns(offer), text)


def _depth(offer: Offer, priced: Sequence[_Priced]) -> Fraction:
    # A percentage is deep whatever it is taken from; other terms only by the prices of their products.
    said = Fraction(offer.terms.percent_off or 0) / 100
    worst = max((one.depth for one in priced), default=Fraction(0)) if changes_price(offer) else Fraction(0)
    return max(said, worst)
