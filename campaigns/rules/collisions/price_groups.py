"""Products by list price: a price is worked out once for all that cost the same, which is many in a large scope."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import cast

from campaigns.rules.collisions.facts import Meeting, Numbers, Offer, Plan, Product


def by_price(plan: Plan, offer: Offer) -> Mapping[Decimal | None, Numbers]:
    """The offer's products by list price, `None` for those whose price is not known; kept in the plan."""
    key = ("products by price", offer.id)
    if key not in plan.kept:
        groups: dict[Decimal | None, list[int]] = defaultdict(list)
        for number in offer.products:
            product = plan.products.get(number)
            groups[product.price if product else None].append(number)
        kind = type(offer.products)
        plan.kept[key] = {price: kind(numbers) for price, numbers in groups.items()}  # type: ignore[call-arg]
    return cast("Mapping[Decimal | None, Numbers]", plan.kept[key])


def shared_by_price(plan: Plan, meeting: Meeting) -> Iterator[tuple[Product, Numbers]]:
    """The products that two offers share, in groups of one list price, each with the first of its products.

    In the order of these; a product that the plan does not know has no price.
    """
    smaller = min((meeting.a, meeting.b), key=lambda one: len(one.products))
    groups = [numbers & meeting.products for numbers in by_price(plan, smaller).values()]
    for numbers in sorted(filter(None, groups), key=min):
        first = min(numbers)
        yield plan.products.get(first) or Product(first, "", ""), numbers
