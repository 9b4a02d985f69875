"""The price of a product jumps from one offer to the next: who bought in the first feels cheated, or in the second."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

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
from campaigns.rules.prices import changes_price, common_channels, price_of, unknown
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
    product: Product
    before: Decimal
    after: Decimal
    products: int

    @property
    def part(self) -> Fraction:
        """The change as a part of the list price."""
        return Fraction(abs(self.after - self.before)) / Fraction(self.product.price or 1)


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
        least = Fraction(options["least_change"]) / 100
        jumps = [jump for group in groups if (jump := _largest(plan, group, earlier, later)).part > least]
        if jumps:
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


def _largest(plan: Plan, group: Alike, earlier: Offer, later: Offer) -> _Jump:
    """The largest change between the two on a channel of both; all prices are known by now."""
    jumps = []
    for channel in common_channels((earlier, later)):
        before, after = (price_of(plan, group.product, one, channel) for one in (earlier, later))
        if before is not None and after is not None:
            jumps.append(_Jump(group.product, before, after, group.count))
    return max(jumps, key=lambda one: one.part)


def _finding(meeting: Meeting, earlier: Offer, later: Offer, jumps: list[_Jump], options: Options) -> Finding:
    worst = max(jumps, key=lambda one: (one.part, -one.product.id))
    return Finding(
        CODE,
        (min(meeting.offers), max(meeting.offers)),
        later.starts_on,
        later.ends_before,
        weigh(base=int(options["base"]), impact=worst.part / FULL, parts=(Fraction(*meeting.audience_part),)),
        products=sum(one.products for one in jumps),
        customers=meeting.customers,
        numbers={
            "earlier": named(earlier),
            "later": named(later),
            "days_after": days_after(meeting),
            "product": worst.product.name or worst.product.code,
            "before": cents(worst.before),
            "after": cents(worst.after),
            "change": per_cent(worst.part),
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
