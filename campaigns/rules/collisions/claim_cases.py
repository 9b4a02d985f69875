"""A claim, the offer it is held against, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from campaigns.rules.collisions.benefits import Unknown
from campaigns.rules.collisions.facts import NOBODY, Claim, Meeting, Numbers, Offer, Plan, Product
from campaigns.rules.severity import EXACT


@dataclass(frozen=True)
class Contradiction:
    """`fact` says which of the sentences tells `numbers`; `people` meet it: how many, and of how many they are a part."""

    fact: str
    numbers: Mapping[str, Any]
    starts_on: date
    ends_before: date
    time: Fraction
    people: tuple[int, int]
    products: int = 0
    certainty: str = EXACT


@dataclass(frozen=True)
class Case:
    """A claim of the offer `mine`, held against the offer `theirs`.

    `days_after`: so many days must pass before what was said to end may come again. Methods raise `Unknown` where it is
    not known what they ask for, and nothing that is known answers it.
    """

    plan: Plan
    meeting: Meeting
    claim: Claim
    mine: Offer
    theirs: Offer
    days_after: int

    @property
    def product(self) -> Product | None:
        return None if self.claim.product is None else self.plan.products.get(self.claim.product)

    def needs(self, *names: str) -> None:
        """See that the claim says all of these."""
        missing = [name for name in names if (said := getattr(self.claim, name)) is None or said == ""]
        if missing:
            raise Unknown((self.mine.id, name) for name in missing)

    def window(self, first: date, end: date) -> tuple[date, date] | None:
        """The days on which the other offer runs between these; `None` = on none, or the two have no customer in common."""
        shared = max(first, self.theirs.starts_on), min(end, self.theirs.ends_before)
        return shared if shared[0] < shared[1] and self._may_share_customers() else None

    def products(self) -> Numbers:
        """What the claim speaks of, as far as both have it on offer."""
        both, product = (self.mine, self.theirs), self.claim.product
        known = [one.products for one in both if one.knows_products]
        if not all(products if product is None else product in products for products in known):
            return NOBODY
        if len(known) < 2:
            raise Unknown((one.id, "products") for one in both if not one.knows_products)
        return self.meeting.products if product is None else frozenset({product})

    def has(self, product: int | None) -> bool:
        """Whether the other offer has the product on offer."""
        if not self.theirs.knows_products:
            raise Unknown([(self.theirs.id, "products")])
        return product in self.theirs.products

    def told(
        self,
        fact: str,
        numbers: Mapping[str, Any],
        window: tuple[date, date],
        *,
        time: Fraction | None = None,
        products: int = 0,
        certainty: str = EXACT,
    ) -> Contradiction:
        """A contradiction before the customers that both have, for their part of the common days if `time` is not given."""
        missing = [(one.id, "audience") for one in (self.mine, self.theirs) if not one.knows_audience]
        if missing:
            raise Unknown(missing)
        part = Fraction(*self.meeting.time) if time is None else time
        return Contradiction(fact, numbers, *window, part, self.meeting.audience_part, products, certainty)

    def _may_share_customers(self) -> bool:
        known = [one for one in (self.mine, self.theirs) if one.knows_audience]
        return self.meeting.customers > 0 if len(known) == 2 else all(one.customers for one in known)
