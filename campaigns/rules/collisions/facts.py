"""What the collision rules know of a plan: plain data, read by campaigns.queries.facts, written by hand in tests.

Sets of products and customers are sets of integers: frozensets, or Roaring bitmaps, which behave alike. Money is
Decimal, percentages are Decimal from 0 to 100, days are local dates and `ends_before` is exclusive. None = unknown.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

Numbers = AbstractSet[int]
NOBODY: Numbers = frozenset()


def in_common(one: Numbers, other: Numbers) -> int:
    """How many both have; bitmaps count them without making a third."""
    count = getattr(one, "intersection_cardinality", None)
    return count(other) if count else len(one & other)


@dataclass(frozen=True)
class Product:
    id: int
    code: str
    name: str
    category: int = 0
    category_name: str = ""
    brand: str = ""
    price: Decimal | None = None
    cost: Decimal | None = None
    stock: int | None = None


@dataclass(frozen=True)
class Terms:
    """What an offer promises: exactly the columns of its mechanic (campaigns.rules.terms). "" = not stated yet.

    `applies_to` is "item" or "order"; `max_discount` caps the discount of one order; `gift_cost` is what a gift costs.
    """

    mechanic: str = ""
    percent_off: Decimal | None = None
    amount_off: Decimal | None = None
    fixed_price: Decimal | None = None
    buy_quantity: int | None = None
    get_quantity: int | None = None
    min_spend: Decimal | None = None
    points_multiplier: Decimal | None = None
    gift_product: int | None = None
    gift_cost: Decimal | None = None
    applies_to: str = "item"
    max_discount: Decimal | None = None


@dataclass(frozen=True)
class ChannelTerms:
    """Other terms on one channel; `is_exclusive`: its messages say that they hold there alone."""

    channel: int
    terms: Terms
    is_exclusive: bool = False


@dataclass(frozen=True)
class Claim:
    """A statement that other offers can make untrue: `kind` of campaigns.choices.ClaimKind, with what the kind needs.

    `product`, `brand`, `channel`, `segment` (a set of customers), `until` (a day), `amount`, `quantity`; `text` is the
    sentence that customers read. `is_legal`: the law asks for it to be true, which weighs more.
    """

    kind: str
    text: str
    product: int | None = None
    brand: str = ""
    channel: int | None = None
    segment: Numbers | None = None
    until: date | None = None
    amount: Decimal | None = None
    quantity: int | None = None
    is_legal: bool = False


@dataclass(frozen=True)
class Booking:
    """A part of a placement: `share` of it from above 0 to 1; 1 = alone. `goal` is what it is to achieve there."""

    placement: int
    starts_on: date
    ends_before: date
    share: Decimal = Decimal(1)
    goal: str = ""


@dataclass(frozen=True)
class Draw:
    """What an offer plans to take out of a fund."""

    fund: int
    amount: Decimal


@dataclass(frozen=True)
class Offer:
    """One planned offer.

    `products` are those on offer, `customers` its audience; `triggers` and `recommended` belong to a cross-sell.
    `channels` empty = every channel. `stackable` None = nobody decided; True = combines, with the classes in
    `accepts` or, when that is empty, with all; False = never combines. `only_one_of_its_kind`: never with another of the
    same discount class. `priority`: lower goes first at the till. `discount_base`: "discounted", "initial" or "".
    `knows_products`, `knows_audience`: false when nobody said so yet, and then nothing can be ruled out.
    `conditions` are the terms in words by key: eligibility, returns, place, per_customer, code_required.
    """

    id: int
    code: str
    department: int
    starts_on: date
    ends_before: date
    version: int = 1
    name: str = ""
    department_name: str = ""
    campaign: int = 0
    campaign_code: str = ""
    joint_group: str = ""
    products: Numbers = NOBODY
    customers: Numbers = NOBODY
    # Categories that its products belong to.
    categories: Numbers = NOBODY
    channels: frozenset[int] = frozenset()
    knows_products: bool = True
    knows_audience: bool = True
    terms: Terms = Terms()
    channel_terms: Sequence[ChannelTerms] = ()
    stackable: bool | None = None
    only_one_of_its_kind: bool = False
    combination_class: int | None = None
    accepts: frozenset[int] = frozenset()
    priority: int | None = None
    discount_base: str = ""
    margin_floor_pct: Decimal | None = None
    redemption_code: str = ""
    conditions: Mapping[str, str] = field(default_factory=dict)
    claims: Sequence[Claim] = ()
    bookings: Sequence[Booking] = ()
    draws: Sequence[Draw] = ()
    contacts: int | None = None
    triggers: Numbers = NOBODY
    recommended: Numbers = NOBODY
    recommendation_placement: int | None = None
    max_recommendations: int = 1
    item_reuse: str = ""
    expected_units: int | None = None
    forecast_source: str = ""
    reference_price: Decimal | None = None
    reference_price_policy: str = ""
    control_group: Numbers = NOBODY

    @property
    def days(self) -> int:
        return (self.ends_before - self.starts_on).days

    @property
    def bears_a_price(self) -> bool:
        return self.terms.mechanic not in ("", "message")


@dataclass(frozen=True)
class Placement:
    """A place that offers share: `page` groups places that one customer sees together, `slots` how many fit."""

    id: int
    name: str
    page: str = ""
    slots: int = 1


@dataclass(frozen=True)
class Fund:
    """`available` is what is left for the plan; `currency` of the whole house."""

    id: int
    name: str
    available: Decimal


@dataclass(frozen=True)
class Substitution:
    """Of the units that `product` sells more, `rate` (0 to 1) are missing from `substitute`."""

    product: int
    substitute: int
    rate: Decimal
    source: str = ""
    is_default: bool = False


@dataclass(frozen=True)
class Protected:
    """A scope that others keep out of: `products` protected from `starts_on` to before `ends_before`.

    `kind` of campaigns.choices.ProtectionKind: embargo, minimum_price, brand_exclusive, legal, never_promote. `department`
    is the one it is reserved for, None = for nobody. `is_hard` false = a wish.
    """

    id: int
    kind: str
    name: str
    products: Numbers
    starts_on: date
    ends_before: date
    department: int | None = None
    department_name: str = ""
    min_price: Decimal | None = None
    is_hard: bool = True
    reason: str = ""


@dataclass(frozen=True)
class PriceFact:
    """A price that was announced for a product, from `starts_on` to before `ends_before`, by a department if known."""

    product: int
    price: Decimal
    starts_on: date
    ends_before: date
    department: int | None = None
    offer_code: str = ""


@dataclass(frozen=True)
class Group:
    """Customers who have a name in common: a segment."""

    id: int
    name: str
    customers: Numbers


@dataclass(frozen=True)
class Meeting:
    """What two offers have in common; all parts are overlap coefficients (shared / the smaller of the two), 0 to 1.

    `a` and `b` as in their code's order. Without a shared day `starts_on` is not before `ends_before`, and `time` is 0.
    """

    a: Offer
    b: Offer
    starts_on: date
    ends_before: date
    products: Numbers
    customers: int
    channels_meet: bool

    @property
    def days(self) -> int:
        return max(0, (self.ends_before - self.starts_on).days)

    @property
    def same_department(self) -> bool:
        return self.a.department == self.b.department

    @property
    def offers(self) -> tuple[int, int]:
        return (self.a.id, self.b.id)

    @cached_property
    def time(self) -> tuple[int, int]:
        """Shared days and the days of the shorter one."""
        return self.days, min(self.a.days, self.b.days)

    @cached_property
    def product_part(self) -> tuple[int, int]:
        """Shared products and the products of the smaller scope."""
        return len(self.products), min(len(self.a.products), len(self.b.products))

    @cached_property
    def audience_part(self) -> tuple[int, int]:
        """Shared customers and the customers of the smaller audience."""
        return self.customers, min(len(self.a.customers), len(self.b.customers))

    @property
    def rules_out_products(self) -> bool:
        """They share none, as far as can be known: both say what they are on."""
        return not self.products and self.a.knows_products and self.b.knows_products

    @property
    def is_gated(self) -> bool:
        """The gate of most rules: a common day, a common customer, a common channel where both name some."""
        return self.days > 0 and self.customers > 0 and self.channels_meet and not self.is_joint

    @property
    def is_joint(self) -> bool:
        return bool(self.a.joint_group) and self.a.joint_group == self.b.joint_group


@dataclass
class Plan:
    """Everything a rule may look at. `pairs` are those (ids) that might have anything in common; rules check what.

    `products` holds at least those that two offers share or that a claim, gift, link or protection names. `combinations`
    are decisions about two offers ("allow" or "deny") by ids, `policy` those about two combination classes.
    `contact_cap` offers a customer may get within `contact_window` days.
    """

    today: date
    offers: Mapping[int, Offer]
    pairs: Sequence[tuple[int, int]]
    products: Mapping[int, Product] = field(default_factory=dict)
    combinations: Mapping[frozenset[int], str] = field(default_factory=dict)
    policy: Mapping[frozenset[int], str] = field(default_factory=dict)
    placements: Mapping[int, Placement] = field(default_factory=dict)
    funds: Mapping[int, Fund] = field(default_factory=dict)
    substitutions: Sequence[Substitution] = ()
    protected: Sequence[Protected] = ()
    prices: Sequence[PriceFact] = ()
    channel_names: Mapping[int, str] = field(default_factory=dict)
    # The groups that an offer (id) is made for, and its control group; None = single customers can be left out.
    groups: Mapping[int, Sequence[Group]] | None = None
    # What several rules work out once for all of them (campaigns.rules.prices), by a name of theirs.
    kept: dict[Any, Any] = field(default_factory=dict, repr=False)

    def meeting(self, one: int, two: int) -> Meeting:
        """What two offers (ids in any order) have in common, worked out once."""
        a, b = sorted((self.offers[one], self.offers[two]), key=lambda offer: offer.code)
        found: Meeting | None = self.kept.get(("meeting", a.id, b.id))
        if found is None:
            found = Meeting(
                a,
                b,
                max(a.starts_on, b.starts_on),
                min(a.ends_before, b.ends_before),
                a.products & b.products,
                self._shared_customers(a.customers, b.customers),
                not a.channels or not b.channels or not a.channels.isdisjoint(b.channels),
            )
            self.kept["meeting", a.id, b.id] = found
        return found

    def _shared_customers(self, one: Numbers, two: Numbers) -> int:
        """Counted once per pair of audiences: many offers have the very same set."""
        key = ("customers", *sorted((id(one), id(two))))
        if key not in self.kept:
            self.kept[key] = in_common(one, two)
        shared: int = self.kept[key]
        return shared

    @cached_property
    def meetings(self) -> list[Meeting]:
        """The pairs in the order of their codes; cached, as every rule on two offers starts from them."""
        return sorted((self.meeting(*pair) for pair in self.pairs), key=lambda one: (one.a.code, one.b.code))
