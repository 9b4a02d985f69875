"""What two offers share, as `numbers` of a finding keep it, and products that stand for many."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest
from typing import Any

from django.utils.translation import gettext as _

from campaigns.rules.collisions.facts import Meeting, Numbers, Offer, Plan, Product
from campaigns.rules.collisions.words import customers, day, last_day, named, products, who

MOST_EXAMPLES = 3


@dataclass(frozen=True)
class Alike:
    """Products of one list price: the one with the lowest id, and how many there are."""

    product: Product
    count: int

    @property
    def listed(self) -> Decimal:
        return self.product.price or Decimal(0)


def shared(plan: Plan, meeting: Meeting) -> dict[str, Any]:
    """The two offers and what they have in common, for `on_what`."""
    return {
        "a": named(meeting.a),
        "b": named(meeting.b),
        "products": len(meeting.products),
        "examples": examples(plan, meeting.products),
        "customers": meeting.customers,
        "channels": channel_names(plan, (meeting.a, meeting.b)),
        "first_day": meeting.starts_on.isoformat(),
        "last_day": last_day(meeting.ends_before),
    }


def examples(plan: Plan, numbers: Numbers) -> list[str]:
    """Names of the first few products."""
    known = (plan.products[number] for number in nsmallest(MOST_EXAMPLES, numbers) if number in plan.products)
    return [product.name or product.code for product in known]


def channel_names(plan: Plan, offers: Sequence[Offer]) -> list[str]:
    """The channels that all offers run on; empty = every channel."""
    named_ones = [offer.channels for offer in offers if offer.channels]
    common = frozenset.intersection(*named_ones) if named_ones else frozenset()
    return sorted(plan.channel_names.get(channel, str(channel)) for channel in common)


def alike(plan: Plan, numbers: Numbers) -> tuple[list[Alike], int]:
    """Products grouped by list price, as all of one price have the same prices; and how many have none."""
    prices: dict[int, Decimal | None] = plan.kept.get("list_prices") or {
        number: product.price for number, product in plan.products.items()
    }
    plan.kept["list_prices"] = prices
    ordered = sorted(numbers, reverse=True)
    first = dict(zip(map(prices.get, ordered), ordered, strict=True))
    counts = Counter(map(prices.get, ordered))
    missing = counts.pop(None, 0)
    groups = [Alike(plan.products[first[price]], count) for price, count in counts.items()]
    return sorted(groups, key=lambda one: one.product.id), missing


def on_what(numbers: Mapping[str, Any]) -> dict[str, str]:
    """The words for what `shared` kept."""
    return {
        "a": who(numbers["a"]),
        "b": who(numbers["b"]),
        "products": with_examples(numbers["products"], numbers["examples"]),
        "customers": customers(numbers["customers"]),
        "first": day(numbers["first_day"]),
        "last": day(numbers["last_day"]),
        "channels": listed(numbers["channels"]),
    }


def with_examples(count: int, names: Sequence[str]) -> str:
    """3 products (Tea, Milk, Bread)"""
    if not names:
        return products(count)
    rest = ", …" if count > len(names) else ""
    return f"{products(count)} ({', '.join(names)}{rest})"


def listed(names: Sequence[str]) -> str:
    """Tea, Milk and Bread"""
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}
