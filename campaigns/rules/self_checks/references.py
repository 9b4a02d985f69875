"""The price before, with which one offer compares its own."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from campaigns.rules.announced import announced, names_a_price, terms_beside
from campaigns.rules.collisions import prior_price
from campaigns.rules.collisions.facts import Offer, Plan, PriceFact, Product
from campaigns.rules.collisions.findings import Options
from campaigns.rules.collisions.words import cents, day, last_day, money, quantity
from campaigns.rules.self_checks.verdicts import ERROR, WARN, SelfCheck, called, some

# As far back as between two offers.
OPTIONS = prior_price.OPTIONS
CODE = "reference_price"
COLUMNS = ("reference_price", "reference_price_policy")
# Policies under which the reference is a price that the product has today.
TODAY = ("current", "list")


def check(plan: Plan, offer: Offer, options: Options) -> Iterator[SelfCheck]:
    policy, stated = offer.reference_price_policy, offer.reference_price
    if policy == "none":
        if stated is not None:
            text = _("It compares with %(price)s, although it is to compare with nothing.")
            yield SelfCheck(CODE, WARN, COLUMNS, text % {"price": money(cents(stated))})
        return
    known = [one for number in sorted(offer.products) if (one := plan.products.get(number)) is not None]
    if stated is not None:
        yield from _against_own_price(plan, offer, known, stated)
        yield from _against_list_price(policy, known, stated)
    if policy != "msrp":
        yield from _against_history(plan, offer, int(options["window"]))


def _against_own_price(plan: Plan, offer: Offer, known: Sequence[Product], stated: Decimal) -> Iterator[SelfCheck]:
    lists = announced(plan, offer, offer)
    own = [(one, [price for it in lists if (price := it.of(one)) is not None]) for one in known]
    dear = [(one, max(prices)) for one, prices in own if prices and max(prices) >= stated]
    if dear:
        words = {
            "stated": money(cents(stated)),
            "products": some([one for one, _price in dear]),
            "product": called(dear[0][0]),
            "price": money(cents(dear[0][1])),
        }
        text = _(
            "It compares with %(stated)s, which is no more than it asks itself: %(products)s. %(product)s costs %(price)s"
            " with it."
        )
        yield SelfCheck(CODE, ERROR, COLUMNS, text % words)


def _against_list_price(policy: str, known: Sequence[Product], stated: Decimal) -> Iterator[SelfCheck]:
    cheap = [(one, one.price) for one in known if one.price is not None and one.price < stated]
    if cheap and policy in ("", *TODAY):
        words = {
            "stated": money(cents(stated)),
            "products": some([one for one, _price in cheap]),
            "product": called(cheap[0][0]),
            "price": money(cents(cheap[0][1])),
        }
        text = _("It compares with %(stated)s, more than today: %(products)s. %(product)s costs %(price)s without it.")
        yield SelfCheck(CODE, ERROR if policy in TODAY else WARN, COLUMNS, text % words)


def _against_history(plan: Plan, offer: Offer, window: int) -> Iterator[SelfCheck]:
    since = offer.starts_on - timedelta(days=window)
    undercut: list[tuple[Decimal, PriceFact]] = []
    for fact in plan.prices:
        if fact.offer_code == offer.code or not (fact.starts_on < offer.starts_on and fact.ends_before > since):
            continue
        reference = _reference(plan, offer, fact.product)
        if fact.product in offer.products and reference is not None and fact.price < reference:
            undercut.append((reference, fact))
    if undercut:
        reference, lowest = min(undercut, key=lambda pair: (pair[1].price / pair[0], pair[1].product))
        product = plan.products.get(lowest.product)
        words = {
            "reference": money(cents(reference)),
            "product": called(product) if product else "",
            "lowest": money(cents(lowest.price)),
            "last": day(last_day(min(lowest.ends_before, offer.starts_on))),
            "window": quantity(window),
        }
        text = _(
            "It compares with %(reference)s, but %(product)s cost %(lowest)s until %(last)s, within the %(window)s days"
            " before."
        )
        is_false = offer.reference_price_policy == "lowest_30d"
        yield SelfCheck(CODE, ERROR if is_false else WARN, COLUMNS, text % words)


def _reference(plan: Plan, offer: Offer, number: int) -> Decimal | None:
    """What it compares with for a product; `None` = nothing, or nobody knows."""
    if offer.reference_price is not None:
        return offer.reference_price
    product = plan.products.get(number)
    announces = any(names_a_price(one) for one in terms_beside(offer, offer)) or offer.reference_price_policy in TODAY
    return product.price if product and announces and offer.reference_price_policy != "lowest_30d" else None
