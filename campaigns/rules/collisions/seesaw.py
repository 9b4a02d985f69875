"""The price of a product jumps from one offer to the next: who bought in the first feels cheated, or in the second."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.rules.announced import price_list
from campaigns.rules.collisions.evidence import Alike, alike
from campaigns.rules.collisions.facts import Meeting, Offer, Plan, Product
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps, unsaid
from campaigns.rules.collisions.words import (
    cents,
    customers,
    money,
    named,
    per_cent,
    percent,
    products,
    quantity,
    who,
)
from campaigns.rules.prices import changes_price, common_channels, unknown
from campaigns.rules.severity import weigh

CODE = "seesaw"
NAME = gettext_lazy("Price jumps")
SUMMARY = gettext_lazy("The same customers see another price of the same product shortly after an offer ends.")
BASE = 15
OPTIONS = (
    Option(
        "days_after",
        gettext_lazy("Days after the end of an offer within which another price surprises"),
        Decimal(14),
        Decimal(1),
        Decimal(90),
        gettext_lazy("days"),
    ),
    Option(
        "least_change",
        gettext_lazy("Change, in percent of the list price, up to which nobody minds"),
        Decimal(5),
        Decimal(0),
        Decimal(100),
        "%",
    ),
)
LEVERS = ("shift_dates", "align_terms", "exclude_products", "exclude_customers", "withdraw")
# A change as large as this part of the list price has the full impact.
FULL = Fraction(3, 20)


@dataclass(frozen=True)
class _Jump:
    """The price of `products`, of which `product` is the first, goes from `before` to `after`."""

    product: Product
    listed: Decimal
    before: Decimal
    after: Decimal
    products: int

    @property
    def change(self) -> Decimal:
        return abs(self.after - self.before)


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    for meeting in plan.meetings:
        if meeting.days or days_after(meeting) > options["days_after"] or not _may_meet(meeting):
            continue
        sides = (meeting.a, meeting.b)
        channels = common_channels(sides)
        missing = [(one.id, what) for one in sides for channel in channels if (what := unknown(plan, one, channel))]
        if gaps.add(missing + unsaid(meeting)):
            continue
        groups, unpriced = alike(plan, meeting.products)
        if unpriced:
            gaps.add((one.id, "price") for one in sides)
        earlier, later = sorted(sides, key=lambda one: one.starts_on)
        least = options["least_change"]
        if jumps := [one for one in _largest(plan, groups, earlier, later) if one.change * 100 > one.listed * least]:
            yield _finding(meeting, earlier, later, jumps, options)
    yield from gaps


def days_after(meeting: Meeting) -> int:
    """Days from the last day of the first offer to the first day of the next: 1 = on the next day."""
    return (meeting.starts_on - meeting.ends_before).days + 1


def _may_meet(meeting: Meeting) -> bool:
    """Whether both may sell something in common at a price of theirs to somebody in common, whatever the days."""
    a, b = meeting.a, meeting.b
    if (
        not meeting.channels_meet
        or meeting.is_joint
        or any(one.terms.mechanic and not changes_price(one) for one in (a, b))
    ):
        return False
    knows_products, knows_audience = a.knows_products and b.knows_products, a.knows_audience and b.knows_audience
    return bool(meeting.products or not knows_products) and bool(meeting.customers or not knows_audience)


def _largest(plan: Plan, groups: Iterable[Alike], earlier: Offer, later: Offer) -> Iterator[_Jump]:
    """For each group the largest change between the two on a channel of both."""
    channels = common_channels((earlier, later))
    lists = [(price_list(plan, earlier, channel), price_list(plan, later, channel)) for channel in channels]
    for group in groups:
        prices = [(first.of(group.product), second.of(group.product)) for first, second in lists]
        known = [(before, after) for before, after in prices if before is not None and after is not None]
        if known and group.product.price:
            before, after = max(known, key=lambda pair: abs(pair[1] - pair[0]))
            yield _Jump(group.product, group.product.price, before, after, group.count)


def _finding(meeting: Meeting, earlier: Offer, later: Offer, jumps: list[_Jump], options: Options) -> Finding:
    worst = max(jumps, key=lambda one: (one.change / one.listed, -one.product.id))
    part = Fraction(worst.change) / Fraction(worst.listed)
    return Finding(
        CODE,
        (min(meeting.offers), max(meeting.offers)),
        later.starts_on,
        later.ends_before,
        weigh(base=int(options["base"]), impact=part / FULL, parts=(Fraction(*meeting.audience_part),)),
        products=sum(one.products for one in jumps),
        customers=meeting.customers,
        numbers={
            "earlier": named(earlier),
            "later": named(later),
            "days_after": days_after(meeting),
            "product": worst.product.name or worst.product.code,
            "before": cents(worst.before),
            "after": cents(worst.after),
            "change": per_cent(part),
            "products": sum(one.products for one in jumps),
            "customers": meeting.customers,
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    named = {
        "n": quantity(numbers["days_after"]),
        "earlier": who(numbers["earlier"]),
        "later": who(numbers["later"]),
        "product": numbers["product"],
        "before": money(numbers["before"]),
        "after": money(numbers["after"]),
        "change": percent(numbers["change"]),
        "products": products(numbers["products"]),
        "customers": customers(numbers["customers"]),
    }
    jump = ngettext(
        "%(n)s day after the end of %(earlier)s, %(later)s sells %(product)s for %(after)s instead of %(before)s.",
        "%(n)s days after the end of %(earlier)s, %(later)s sells %(product)s for %(after)s instead of %(before)s.",
        numbers["days_after"],
    )
    people = _("The price of %(products)s changes by up to %(change)s of the list price for %(customers)s.")
    return f"{jump % named} {people % named}"
