"""A discount takes a basket below the amount from which another offer applies.

The basket that just reaches the amount at list prices is taken, of those products of both offers that the discount makes
cheapest. It only counts what the till takes off before it looks at the amount: discounts on items come before those on
the order, these before shipping, and within a class the priority decides; where it does not, either may come first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions.evidence import alike, shared
from campaigns.rules.collisions.facts import Meeting, Offer, Plan, Product
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps, may_meet, unsaid
from campaigns.rules.collisions.words import cents, money, named, who
from campaigns.rules.combinability import ITEM, ORDER, SHIPPING, combinable, discount_class
from campaigns.rules.prices import common_channels, order_is_open, price_in_order, terms_on, till_order, unknown
from campaigns.rules.severity import weigh

CODE = "trigger_invalidated"
NAME = gettext_lazy("Minimum out of reach")
SUMMARY = gettext_lazy("A discount takes baskets below the amount from which another offer applies.")
BASE = 40
OPTIONS = (
    Option(
        "after_discounts",
        gettext_lazy("The till compares minimum amounts with prices after discounts (1 = yes, 0 = no)"),
        Decimal(1),
        Decimal(0),
        Decimal(1),
    ),
)
LEVERS = ("set_priority", "declare_exclusive", "exclude_products", "shift_dates")
# A basket that loses this part of its value is the worst.
WORST = Fraction(1, 4)


@dataclass(frozen=True)
class _Loss:
    """On `channel` (None = where there are no terms of its own) a basket of `minimum` is only worth `after`."""

    channel: int | None
    minimum: Decimal
    after: Decimal

    @property
    def part(self) -> Fraction:
        return Fraction(self.minimum - self.after) / Fraction(self.minimum)


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    if not options["after_discounts"]:
        return
    for meeting in plan.meetings:
        for promise, discount in ((meeting.a, meeting.b), (meeting.b, meeting.a)):
            if not _asks_for_a_minimum(promise):
                continue
            by_product = not (_whole_order(promise) or _whole_order(discount))
            if not may_meet(meeting, products=by_product) or not combinable(plan, promise, discount):
                continue
            losses, missing = _losses(plan, meeting, promise, discount)
            if losses or missing:
                missing += unsaid(meeting, products=by_product)
            if not gaps.add(missing) and losses:
                worst = max(losses, key=lambda one: one.part)
                yield _finding(plan, meeting, promise, discount, worst, options)
    yield from gaps


def _asks_for_a_minimum(offer: Offer) -> bool:
    return any(terms.min_spend for terms in (offer.terms, *(one.terms for one in offer.channel_terms)))


def _whole_order(offer: Offer) -> bool:
    """Whether it names no products, as it is about the order whatever is in it."""
    return offer.knows_products and not offer.products and discount_class(offer.terms) in {ORDER, SHIPPING}


def _losses(
    plan: Plan, meeting: Meeting, promise: Offer, discount: Offer
) -> tuple[list[_Loss], list[tuple[int, str]]]:
    """Where a basket falls below the minimum, the first channel first, and what is missing to tell: (offer, what)."""
    losses: list[_Loss] = []
    missing: list[tuple[int, str]] = []
    for channel in common_channels((promise, discount)):
        minimum = terms_on(promise, channel).min_spend
        if not minimum or not _may_go_first(discount, promise, channel):
            continue
        lacking = unknown(plan, discount, channel)
        after = None if lacking else _after(plan, meeting, discount, channel, minimum)
        if after is None:
            missing.append((discount.id, lacking or "price"))
        elif after < minimum:
            losses.append(_Loss(channel, minimum, after))
    return losses, missing


def _may_go_first(discount: Offer, promise: Offer, channel: int | None) -> bool:
    """Whether the till may take something off before it looks at the promise's minimum."""
    kind = discount_class(terms_on(discount, channel))
    if not kind:
        return True
    if kind not in {ITEM, ORDER}:
        return False
    return order_is_open(discount, promise, channel) or till_order((promise, discount), channel)[0] is discount


def _after(plan: Plan, meeting: Meeting, discount: Offer, channel: int | None, minimum: Decimal) -> Decimal | None:
    """What a basket of `minimum` is worth after the discount; `None` = the list prices that matter are not known."""
    terms = terms_on(discount, channel)
    if (terms.min_spend or 0) > minimum:
        return minimum
    # The cap is on the order, not on a unit, so that it is applied to the basket.
    uncapped = replace(discount, terms=replace(terms, max_discount=None), channel_terms=())
    if terms.applies_to == ITEM and terms.mechanic in {"amount_off", "fixed_price"}:
        groups, without_price = alike(plan, meeting.products or discount.products)
        parts = [_part_left(plan, one.product, uncapped) for one in groups if one.product.price]
        lowest = min(parts, default=Decimal(1))
        if without_price and lowest >= 1:
            return None
    else:
        # The part that is left of a product does not depend on its price, or it is of the order.
        lowest = _part_left(plan, Product(0, "", "", price=minimum), uncapped)
    after = minimum * lowest
    return after if terms.max_discount is None else max(after, minimum - terms.max_discount)


def _part_left(plan: Plan, product: Product, discount: Offer) -> Decimal:
    """The part of the list price, which is known and above 0, that is left after the discount."""
    price = price_in_order(plan, product, (discount,))
    assert price is not None
    assert product.price
    return price / product.price


def _finding(plan: Plan, meeting: Meeting, promise: Offer, discount: Offer, loss: _Loss, options: Options) -> Finding:
    return Finding(
        CODE,
        (min(meeting.offers), max(meeting.offers)),
        meeting.starts_on,
        meeting.ends_before,
        weigh(
            base=int(options["base"]),
            impact=loss.part / WORST,
            parts=(Fraction(*meeting.time), Fraction(*meeting.audience_part)),
        ),
        # Two offers can each put the other one out of reach.
        key=str(promise.id),
        products=len(meeting.products),
        customers=meeting.customers,
        numbers=shared(plan, meeting)
        | {
            "promise": named(promise),
            "discount": named(discount),
            "minimum": cents(loss.minimum),
            "after": cents(loss.after),
            "channel": "" if loss.channel is None else plan.channel_names.get(loss.channel, str(loss.channel)),
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    words = {
        "promise": who(numbers["promise"]),
        "discount": who(numbers["discount"]),
        "minimum": money(numbers["minimum"]),
        "after": money(numbers["after"]),
        "channel": numbers["channel"],
    }
    if numbers["channel"]:
        return (
            _(
                "A basket of %(minimum)s is enough for %(promise)s. With %(discount)s it comes to %(after)s on "
                "%(channel)s, and %(promise)s is lost at the till."
            )
            % words
        )
    return (
        _(
            "A basket of %(minimum)s is enough for %(promise)s. With %(discount)s it comes to %(after)s, and "
            "%(promise)s is lost at the till."
        )
        % words
    )
