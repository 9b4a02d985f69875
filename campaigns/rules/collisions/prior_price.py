"""An offer says "was 100" of a product that another one sold for less within the days before.

In the European Union the price before is the lowest of the 30 days before a reduction (Directive 98/6/EC, article 6a;
what counts as a reduction differs between countries, so take legal advice). Whoever goes first spoils what the other says,
on the channels that both use; whether the same customers see both does not matter.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.announced import announced, names_a_price, terms_beside
from campaigns.rules.collisions.evidence import alike
from campaigns.rules.collisions.facts import Meeting, Numbers, Offer, Plan, PriceFact, Product
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps
from campaigns.rules.collisions.words import cents, day, last_day, money, named, products, quantity, who
from campaigns.rules.severity import weigh

CODE = "prior_price"
NAME = gettext_lazy("Undercut reference price")
SUMMARY = gettext_lazy("An offer compares with a price that another offer undercut shortly before.")
BASE = 50
OPTIONS = (
    Option(
        "window",
        gettext_lazy("Days before an offer of which the lowest price counts"),
        Decimal(30),
        Decimal(1),
        Decimal(365),
        gettext_lazy("days"),
    ),
)
LEVERS = ("change_reference_price", "shift_dates", "exclude_products", "withdraw")
# A reduction as large as this part of the reference price has the full impact.
FULL = Fraction(1, 5)
# Policies that compare with nothing, or with what is lowest by definition.
HARMLESS = ("none", "lowest_30d")

# Announced prices by offer (its code) or department (its id), then by product.
_History = dict[str | int, dict[int, list[PriceFact]]]


@dataclass(frozen=True)
class _Undercut:
    """`products` cost at least `price` before and are announced as `reference`; `product` is the first of them."""

    product: Product
    price: Decimal
    reference: Decimal
    products: int

    @property
    def rank(self) -> tuple[Decimal, int]:
        """The lowest is the worst."""
        return self.price / self.reference, self.product.id


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    window = timedelta(days=int(options["window"]))
    history = _announcements(plan)
    gaps = Gaps(CODE)
    for meeting in plan.meetings:
        earlier, later = sorted((meeting.a, meeting.b), key=lambda one: one.starts_on)
        is_before = earlier.starts_on < later.starts_on < earlier.ends_before + window
        if not is_before or not meeting.channels_meet or meeting.is_joint or meeting.rules_out_products:
            continue
        if not _compares(later, earlier):
            continue
        sold = _lowest(history, earlier, meeting.products, later.starts_on - window, later.starts_on)
        if not sold and not _may_name_a_price(earlier, later):
            continue
        undercuts = list(_undercuts(plan, meeting, earlier, later, sold, gaps))
        if undercuts and _has_no_terms(later, earlier) and not _states_a_reference(later):
            gaps.add([(later.id, "terms")])
        elif undercuts:
            yield _finding(earlier, later, undercuts, options)
    yield from gaps


def _announcements(plan: Plan) -> _History:
    found: _History = defaultdict(lambda: defaultdict(list))
    for fact in plan.prices:
        if source := fact.offer_code or fact.department:
            found[source][fact.product].append(fact)
    return found


def _states_a_reference(offer: Offer) -> bool:
    return offer.reference_price is not None or bool(offer.reference_price_policy)


def _compares(later: Offer, earlier: Offer) -> bool:
    """Whether the later offer announces a reduction, or may do so once its terms are stated."""
    if later.reference_price_policy in HARMLESS:
        return False
    return _states_a_reference(later) or _may_name_a_price(later, earlier)


def _may_name_a_price(offer: Offer, other: Offer) -> bool:
    return any(not terms.mechanic or names_a_price(terms) for terms in terms_beside(offer, other))


def _has_no_terms(offer: Offer, other: Offer) -> bool:
    return any(not terms.mechanic for terms in terms_beside(offer, other))


def _lowest(history: _History, earlier: Offer, products: Numbers, since: date, until: date) -> Mapping[int, Decimal]:
    """The lowest price of each product that was really announced for an offer, between two days, `until` excluded.

    A price that is noted without an offer is that of the offer which its department had on the product in those days.
    """
    found: dict[int, Decimal] = {}
    for source, after, before in (
        (earlier.code, since, until),
        (earlier.department, max(since, earlier.starts_on), min(until, earlier.ends_before)),
    ):
        by_product = history.get(source, {})
        for fact in (fact for number, facts in by_product.items() if number in products for fact in facts):
            if fact.starts_on < before and fact.ends_before > after:
                found[fact.product] = min(fact.price, found.get(fact.product, fact.price))
    return found


def _undercuts(
    plan: Plan, meeting: Meeting, earlier: Offer, later: Offer, sold: Mapping[int, Decimal], gaps: Gaps
) -> Iterator[_Undercut]:
    if gaps.add((one.id, "products") for one in (earlier, later) if not one.knows_products):
        return
    groups, unpriced = alike(plan, meeting.products)
    if unpriced and later.reference_price is None:
        gaps.add([(later.id, "price")])
    elif unpriced and _may_name_a_price(earlier, later):
        gaps.add([(earlier.id, "price")])
    if groups and _has_no_terms(earlier, later):
        gaps.add([(earlier.id, "terms")])
    lowest: dict[Decimal | None, Decimal] = {}
    lists = announced(plan, earlier, later)
    for group in groups:
        known = [price for one in lists if (price := one.of(group.product)) is not None]
        if len(known) < len(lists):
            gaps.add([(earlier.id, "terms")])
        reference = _reference(later, group.product)
        if known and min(known) < reference:
            lowest[group.product.price] = min(known)
            yield _Undercut(group.product, min(known), reference, group.count)
    yield from _really_undercut(plan, later, sold, lowest)


def _really_undercut(
    plan: Plan, later: Offer, sold: Mapping[int, Decimal], lowest: Mapping[Decimal | None, Decimal]
) -> Iterator[_Undercut]:
    """Products that were announced for less than the plan makes them cost; `lowest` is that, by list price."""
    for number in sorted(sold.keys() & plan.products.keys()):
        product = plan.products[number]
        reference = _reference(later, product)
        if sold[number] < min(reference, lowest.get(product.price, reference)):
            yield _Undercut(product, sold[number], reference, 0 if product.price in lowest else 1)


def _reference(later: Offer, product: Product) -> Decimal:
    """What the later offer compares with; 0 = nobody knows."""
    reference = product.price if later.reference_price is None else later.reference_price
    return Decimal(0) if reference is None else reference


def _finding(earlier: Offer, later: Offer, undercuts: Sequence[_Undercut], options: Options) -> Finding:
    worst = min(undercuts, key=lambda one: one.rank)
    part = 1 - Fraction(worst.price) / Fraction(worst.reference)
    affected = sum(one.products for one in undercuts)
    until = min(earlier.ends_before, later.starts_on)
    return Finding(
        CODE,
        (min(earlier.id, later.id), max(earlier.id, later.id)),
        later.starts_on,
        later.ends_before,
        weigh(base=int(options["base"]), impact=part / FULL, parts=(Fraction(affected, len(later.products)),)),
        products=affected,
        numbers={
            "earlier": named(earlier),
            "later": named(later),
            "product": worst.product.name or worst.product.code,
            "reference": cents(worst.reference),
            "lowest": cents(worst.price),
            "last_day": last_day(until),
            "window": int(options["window"]),
            "affected": affected,
            "announced": len(later.products),
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    return _(
        "%(later)s compares with a price of %(reference)s for %(product)s. %(earlier)s sells it for %(lowest)s until"
        " %(day)s, and the lowest price of the %(window)s days before is what may be compared with. %(affected)s of"
        " %(announced)s are affected."
    ) % {
        "later": who(numbers["later"]),
        "earlier": who(numbers["earlier"]),
        "product": numbers["product"],
        "reference": money(numbers["reference"]),
        "lowest": money(numbers["lowest"]),
        "day": day(numbers["last_day"]),
        "window": quantity(numbers["window"]),
        "affected": quantity(numbers["affected"]),
        "announced": products(numbers["announced"]),
    }
