"""Percentages and amounts in the sentences of an offer that are not those of its terms."""

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from campaigns.rules.collisions.evidence import alike, listed
from campaigns.rules.collisions.facts import Offer, Plan
from campaigns.rules.figures import Figure, figures
from campaigns.rules.prices import cents, common_channels, price_of, terms_on
from campaigns.rules.self_checks.verdicts import WARN, SelfCheck

AMOUNTS = ("amount_off", "fixed_price", "min_spend", "max_discount")
# "100 % cotton", "0 % fat" and "100 % satisfaction" are no discounts.
NO_DISCOUNT = {Decimal(0), Decimal(100)}


def check(plan: Plan, offer: Offer, texts: Mapping[str, str]) -> Iterator[SelfCheck]:
    if not offer.terms.mechanic:
        return
    right = _Right(plan, offer)
    for field, text in [*texts.items(), *(("claims", claim.text) for claim in offer.claims)]:
        if wrong := list(dict.fromkeys(one.text for one in figures(text) if not right.allows(one))):
            words = {"figures": listed([f"“{one}”" for one in wrong]), "sentence": text}
            message = _("“%(sentence)s” says %(figures)s, which is not what the offer gives.") % words
            yield SelfCheck("text_differs", WARN, (field,), message)


class _Right:
    """The percentages and amounts that may be said of an offer."""

    def __init__(self, plan: Plan, offer: Offer) -> None:
        self.plan, self.offer = plan, offer
        self.terms = [terms_on(offer, channel) for channel in common_channels((offer,))]

    def allows(self, figure: Figure) -> bool:
        if figure.is_percent:
            return not figure.readings.isdisjoint(self.percentages | NO_DISCOUNT)
        return not figure.readings.isdisjoint(self.amounts)

    @cached_property
    def prices(self) -> list[tuple[Decimal, Decimal]]:
        """The different (list price, price) of its products."""
        groups, _unpriced = alike(self.plan, self.offer.products)
        return [
            (group.product.price, price)
            for group in groups
            for channel in common_channels((self.offer,))
            if group.product.price and (price := price_of(self.plan, group.product, self.offer, channel)) is not None
        ]

    @cached_property
    def percentages(self) -> set[Decimal]:
        """Those of the terms, and what its prices come to, in whole percent."""
        said = {one.percent_off for one in self.terms if one.percent_off is not None}
        depths = {100 * (listed_at - price) / listed_at for listed_at, price in self.prices}
        return said | {depth.quantize(Decimal(1), ROUND_HALF_UP) for depth in depths}

    @cached_property
    def amounts(self) -> set[Decimal]:
        """Those of the terms and of the claims, prices before and after, and the difference."""
        said = [getattr(one, name) for one in self.terms for name in AMOUNTS]
        said += [self.offer.reference_price, *(claim.amount for claim in self.offer.claims)]
        gifts = (self.plan.products.get(one.gift_product) for one in self.terms if one.gift_product is not None)
        said += [gift.price for gift in gifts if gift is not None]
        for before, after in self.prices:
            said += [before, after, cents(before - after)]
        return {amount for amount in said if amount is not None}
