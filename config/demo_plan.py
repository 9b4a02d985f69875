"""The demo's next month: made-up campaigns in which every kind of collision occurs, and some that only nearly collide.

Every pair of offers below is a scene of its own, with products of its own, so that one can read off what it is for.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from pyroaring import BitMap

from approvals.actions import reviews
from campaigns.actions import catalogue, ground_rules, offers, planning
from campaigns.actions.promises import Promises
from campaigns.actions.reach import Reach
from campaigns.models import (
    Campaign,
    Department,
    DepartmentGoal,
    Fund,
    FundDraw,
    OfferClaim,
    Placement,
    PlacementBooking,
    Product,
    ProtectedScope,
    Substitution,
)
from campaigns.queries.content import content_hashes
from campaigns.rules.self_checks import MEANT
from customers.actions import segments
from customers.actions.channels import put_channels
from customers.actions.customers import add_customers
from customers.actions.upsert import upsert
from customers.clock import local_day
from customers.models import Channel, Segment

CHANNELS = ({"code": "web", "name": "Web"}, {"code": "shop", "name": "Shop"}, {"code": "mail", "name": "E-mail"})
CATEGORY = "DEMO"
SEGMENT = "DEMO-LOYAL"
BRAND = "Aurora"


@dataclass(frozen=True)
class Item:
    """A product of a scene: its price and cost in the currency of the house."""

    name: str
    price: str = "10.00"
    cost: str = "4.00"
    brand: str = ""
    stock: int | None = None


@dataclass(frozen=True)
class Line:
    """An offer of a scene. Days are counted from the first of the month; `last` is inclusive.

    `says` goes into the offer's columns as it is; the rest names things by code or by the number of an item.
    """

    department: str
    says: Mapping[str, Any]
    items: Collection[int] = (0,)
    first: int = 0
    last: int = 6
    channels: Collection[str] = ()
    claim: Mapping[str, Any] = field(default_factory=dict)
    placement: str = ""
    goal: str = ""
    draw: int = 0
    triggers: Collection[int] = ()
    recommends: Collection[int] = ()
    slot: str = ""
    is_for_second_segment: bool = False


@dataclass(frozen=True)
class Scene:
    name: str
    items: tuple[Item, ...]
    lines: tuple[Line, ...]


def _off(percent: int, **more: Any) -> dict[str, Any]:
    return {"mechanic": "percent", "percent_off": Decimal(percent), **more}


def _for(price: str, **more: Any) -> dict[str, Any]:
    return {"mechanic": "fixed_price", "fixed_price": Decimal(price), **more}


def _less(amount: str, **more: Any) -> dict[str, Any]:
    return {"mechanic": "amount_off", "amount_off": Decimal(amount), **more}


_BOTH = {"stackable": True, "contacts": 0}
_QUIET = {"contacts": 0}

# What a wording check is for: everything in it is flagged.
LOUD = "Unbelievable shampoo at unbeatable prices, on selected products, while stocks last!"

# What collides, by the rule that each scene is made for.
SCENES: dict[str, Scene] = {
    "overlap_undeclared": Scene(
        "Shampoo week", (Item("Shampoo"),), (Line("CRM", _off(10)), Line("MKT", _off(15, message=LOUD, **_QUIET)))
    ),
    "duplicate_offer": Scene(
        "Soap twice", (Item("Soap"),), (Line("CRM", _off(20, **_BOTH)), Line("TRADE", _off(20, **_BOTH)))
    ),
    "exclusivity_contradiction": Scene(
        "Coffee",
        (Item("Coffee"),),
        (Line("CRM", _off(10, stackable=False)), Line("MKT", _off(12, **_BOTH))),
    ),
    "stack_below_floor": Scene(
        "Detergent",
        (Item("Detergent", cost="6.00"),),
        (
            Line("MKT", _off(20, margin_floor_pct=Decimal(15), **_BOTH)),
            Line("TRADE", _off(15, applies_to="order", margin_floor_pct=Decimal(15), **_BOTH)),
        ),
    ),
    "stack_too_deep": Scene(
        "Scented candles",
        (Item("Scented candle", cost="0.50"),),
        (
            Line("CRM", _off(30, priority=1, discount_base="discounted", **_BOTH)),
            Line("TRADE", _off(40, priority=2, discount_base="discounted", **_BOTH)),
        ),
    ),
    "order_dependent_price": Scene(
        "Pasta",
        (Item("Pasta", cost="0.10"),),
        (Line("CRM", _less("6.00", **_BOTH)), Line("MKT", _off(50, **_BOTH))),
    ),
    "price_inconsistent": Scene(
        "Olive oil, web and shop",
        (Item("Olive oil"),),
        (
            Line("MKT", _for("8.00", **_QUIET), channels=("web",)),
            Line("TRADE", _for("9.00", **_QUIET), channels=("shop",)),
        ),
    ),
    "terms_contradiction": Scene(
        "Towels",
        (Item("Towel"),),
        (
            Line("CRM", _off(25, returns="30 days", eligibility="Loyalty card", **_BOTH)),
            Line("MKT", _off(25, returns="No returns", eligibility="Everybody", **_BOTH)),
        ),
    ),
    "claim_contradiction": Scene(
        "Lowest price for tea",
        (Item("Tea"),),
        (
            Line(
                "MKT", _for("9.00", **_QUIET), claim={"kind": "lowest_price", "text": "The lowest price of the year"}
            ),
            Line("TRADE", _for("7.00", **_QUIET)),
        ),
    ),
    "contact_pressure": Scene(
        "A full inbox",
        tuple(Item(f"Biscuits {number}") for number in range(1, 5)),
        (
            Line("CRM", _off(5, contacts=1), items=(0,), first=20),
            Line("MKT", _off(5, contacts=2), items=(1,), first=21),
            Line("TRADE", _off(5, contacts=1), items=(2,), first=22),
            Line("MKT", _off(5, contacts=1), items=(3,), first=23),
        ),
    ),
    "placement_double_booking": Scene(
        "Home page banner",
        (Item("Sun cream"), Item("Sun hat")),
        (
            Line("CRM", _off(5, **_QUIET), items=(0,), placement="home-banner"),
            Line("TRADE", _off(5, **_QUIET), items=(1,), placement="home-banner"),
        ),
    ),
    "conflicting_goals": Scene(
        "Pop-up against shop window",
        (Item("Beach bag"), Item("Beach towel")),
        (
            Line("CRM", _off(5, **_QUIET), items=(0,), first=8, last=12, placement="basket-popup", goal="grow_list"),
            Line("MKT", _off(5, **_QUIET), items=(1,), first=8, last=12, placement="basket-offer", goal="conversion"),
        ),
    ),
    "cannibalisation": Scene(
        "Two yoghurts",
        (Item("Yoghurt with fruit"), Item("Yoghurt, plain")),
        (
            Line("CRM", _off(10, expected_units=4000, forecast_source="Last year", **_QUIET), items=(0,)),
            Line("TRADE", _off(5, expected_units=500, forecast_source="Last year", **_QUIET), items=(1,)),
        ),
    ),
    "cross_sell_loop": Scene(
        "Bread and butter",
        (Item("Bread", "20.00"), Item("Butter", "10.00")),
        (
            Line("CRM", _off(15, item_reuse="both", **_BOTH), items=(1,), triggers=(0,), recommends=(1,)),
            Line("MKT", _off(20, item_reuse="both", **_BOTH), items=(0,), triggers=(1,), recommends=(0,)),
        ),
    ),
    "trigger_invalidated": Scene(
        "Free delivery",
        (Item("Frying pan", "100.00", "30.00"),),
        (
            Line("CRM", {"mechanic": "free_shipping", "min_spend": Decimal(100), **_BOTH}),
            Line("TRADE", _off(26, **_BOTH)),
        ),
    ),
    "competing_recommendation": Scene(
        "Who follows the printer",
        (Item("Printer"), Item("Ink"), Item("Paper")),
        (
            Line("MKT", _off(5, **_QUIET), items=(1,), triggers=(0,), recommends=(1,), slot="basket-offer"),
            Line("TRADE", _off(5, **_QUIET), items=(2,), triggers=(0,), recommends=(2,), slot="basket-offer"),
        ),
    ),
    "fund_overcommit": Scene(
        "The supplier's money",
        (Item("Juice"), Item("Lemonade")),
        (
            Line("CRM", _off(5, **_QUIET), items=(0,), draw=7000),
            Line("TRADE", _off(5, **_QUIET), items=(1,), draw=5000),
        ),
    ),
    "stock_overcommit": Scene(
        "The last umbrellas",
        (Item("Umbrella", stock=100),),
        (
            Line("CRM", _off(10, expected_units=150, **_BOTH)),
            Line("MKT", _off(10, expected_units=140, **_BOTH), first=2),
        ),
    ),
    "prior_price": Scene(
        "Was 100",
        (Item("Suitcase", "100.00", "30.00"),),
        (
            Line("TRADE", _for("80.00", **_QUIET), last=4),
            Line(
                "MKT",
                _for("85.00", reference_price=Decimal(100), reference_price_policy="list", **_QUIET),
                first=10,
                last=14,
            ),
        ),
    ),
    "seesaw": Scene(
        "Cheaper a week later",
        (Item("Rice"),),
        (Line("CRM", _for("9.00", **_QUIET), last=4), Line("TRADE", _for("7.00", **_QUIET), first=8, last=12)),
    ),
    "protected_scope": Scene(
        "A reserved brand",
        (Item("Aurora face cream", brand=BRAND),),
        (Line("TRADE", _off(10, **_QUIET)), Line("MKT", _off(10, stackable=False, **_QUIET))),
    ),
    "code_collision": Scene(
        "One code, two offers",
        (Item("Notebook"), Item("Pencils")),
        (
            Line("CRM", _off(5, redemption_code="SUMMER10", **_QUIET), items=(0,)),
            Line("MKT", _off(5, redemption_code="SUMMER1O", **_QUIET), items=(1,)),
        ),
    ),
    "holdout_contamination": Scene(
        "A test that is spoilt",
        (Item("Vitamins"),),
        (
            Line("TEST", _off(10, **_QUIET)),
            Line("TRADE", _off(5, stackable=False, **_QUIET), is_for_second_segment=True),
        ),
    ),
    "shadowed_offer": Scene(
        "Never the better one",
        (Item("Socks"),),
        (
            Line("MKT", _off(30, stackable=False, priority=1, **_QUIET), last=9),
            Line("CRM", _off(10, priority=2, **_QUIET), first=2, last=6),
        ),
    ),
}

# What only nearly collides: not the same days, not the same channel, not the same products.
NEAR_MISSES = Scene(
    "Near misses",
    (Item("Apples"), Item("Pears"), Item("Plums")),
    (
        Line("CRM", _off(10, stackable=False, **_QUIET), items=(0,), first=0, last=6),
        Line("MKT", _off(10, stackable=False, reference_price_policy="none", **_QUIET), items=(0,), first=7, last=9),
        Line("CRM", _off(10, stackable=False, **_QUIET), items=(1,), channels=("web",)),
        Line("MKT", _off(10, stackable=False, **_QUIET), items=(1,), channels=("shop",)),
        Line("TRADE", _off(10, redemption_code="AUTUMN-A", **_QUIET), items=(2,), last=3),
    ),
)

NAMES = {"CRM": "Loyal customers", "MKT": "Month of savings", "TRADE": "Suppliers' weeks", "TEST": "Vitamins, a test"}

# By campaign: the stage of the journey, and the goals that it serves; Marketing has forgotten its own.
STAGES = {"CRM": "loyalty", "MKT": "awareness", "TRADE": "decision", "TEST": "consideration"}
SERVES = {"CRM": ("CRM-REPEAT", "TRADE-SUPPLIERS"), "TRADE": ("TRADE-SUPPLIERS",), "TEST": ("CRM-REPEAT",)}


@dataclass
class _House:
    """What the scenes are played with."""

    month: date
    segments: tuple[Segment, Segment]
    campaigns: dict[str, Campaign]
    leads: Mapping[str, User]
    contacts: Mapping[str, User]
    products: dict[tuple[str, int], Product] = field(default_factory=dict)
    placements: dict[str, Placement] = field(default_factory=dict)
    fund: Fund | None = None


def plan_next_month(
    *, admin: User, leads: Mapping[str, User], contacts: Mapping[str, User] | None = None, now: datetime
) -> None:
    """Plan and submit the scenes for the month after this one, for made-up customers of their own.

    Args:
        leads: who leads CRM, MKT and TRADE, by the department's code.
        contacts: the contact persons of their campaigns.
    """
    put_channels(list(CHANNELS))
    house = _House(next_month(local_day(now)), _invite(now), {}, leads, contacts or {})
    scenes = {**SCENES, "near_miss": NEAR_MISSES}
    house.products = _put_products(scenes, now)
    _settle_ground_rules(house, admin, now)
    _plan_campaigns(house, now)
    for code, scene in scenes.items():
        for number, line in enumerate(scene.lines, start=1):
            _plan_offer(house, code, scene, number, line, now)
    for campaign in house.campaigns.values():
        shown = content_hashes([campaign.pk])[campaign.pk]
        reviews.submit(campaign=campaign, posted_hash=shown, by=house.leads[campaign.department.code], now=now)


def next_month(today: date) -> date:
    """The first day of a month that is at least a week ahead: what begins sooner has no time to agree."""
    return ((today + timedelta(days=7)).replace(day=1) + timedelta(days=32)).replace(day=1)


def _invite(now: datetime) -> tuple[Segment, Segment]:
    """Made-up customers, and two segments of them that share some; the second is the control group of a test."""
    done = add_customers([{"code": f"demo-{number}"} for number in range(1, 401)], now=now)
    numbers = sorted(customer.number for customer in done.created)
    upsert(Segment, [{"code": SEGMENT, "name": "Loyal (demo)"}, {"code": "DEMO-TEST", "name": "Test (demo)"}])
    loyal, test = Segment.objects.get(code=SEGMENT), Segment.objects.get(code="DEMO-TEST")
    segments.replace_many({loyal.pk: BitMap(numbers[:300]), test.pk: BitMap(numbers[250:])}, by=None, now=now)
    # Read again: members and sizes are the writer's.
    return Segment.objects.get(pk=loyal.pk), Segment.objects.get(pk=test.pk)


def _put_products(scenes: Mapping[str, Scene], now: datetime) -> dict[tuple[str, int], Product]:
    codes = {
        (code, place): f"DEMO-{code}-{place}" for code, scene in scenes.items() for place in range(len(scene.items))
    }
    catalogue.put_products(
        [
            {
                "code": codes[code, place],
                "name": item.name,
                # A category each: nothing meets through a category that is not meant to.
                "category": f"{CATEGORY} {scene.name}",
                "brand": item.brand,
                "price": Decimal(item.price),
                "cost": Decimal(item.cost),
                "stock": item.stock,
            }
            for code, scene in scenes.items()
            for place, item in enumerate(scene.items)
        ],
        now=now,
    )
    found = {product.code: product for product in Product.objects.filter(code__in=codes.values())}
    return {at: found[code] for at, code in codes.items()}


def _settle_ground_rules(house: _House, admin: User, now: datetime) -> None:
    year = {"starts_on": house.month - timedelta(days=180), "ends_before": house.month + timedelta(days=180)}
    for code, name, page in (
        ("home-banner", "Banner of the home page", "home"),
        ("basket-popup", "Pop-up of the basket", "basket"),
        ("basket-offer", "Offer below the basket", "basket"),
    ):
        house.placements[code] = ground_rules.put(
            row=Placement(code=code, name=name, page=page, slots=1), by=admin, now=now
        )
    house.fund = ground_rules.put(
        row=Fund(code="supplier", name="Supplier's fund", amount=Decimal(10_000), **year), by=admin, now=now
    )
    ground_rules.put(
        row=ProtectedScope(
            name="Aurora is sold by Trade Marketing",
            kind="brand_exclusive",
            brand=BRAND,
            department=Department.objects.get(code="TRADE"),
            reason="Contract with the maker",
            **year,
        ),
        by=admin,
        now=now,
    )
    fruit, plain = house.products["cannibalisation", 0], house.products["cannibalisation", 1]
    ground_rules.put(
        row=Substitution(product=fruit, substitute=plain, rate=Decimal("0.5"), source="Baskets of last year"),
        by=admin,
        now=now,
    )


def _plan_campaigns(house: _House, now: datetime) -> None:
    for code, name in NAMES.items():
        owner = "CRM" if code == "TEST" else code
        house.campaigns[code] = planning.plan_campaign(
            by=house.leads[owner],
            now=now,
            code=f"NEXT-{code}",
            name=name,
            department=Department.objects.get(code=owner),
            starts_on=house.month,
            ends_before=house.month + timedelta(days=28),
            goal="Sell more of what sells together",
            kpi="Revenue per customer",
            kpi_target=Decimal(40),
            journey_stage=STAGES[code],
            serves=DepartmentGoal.objects.filter(code__in=SERVES.get(code, ())),
            contact_person=house.contacts.get(owner),
            **({"control_group": house.segments[1]} if code == "TEST" else {}),
        )


def _plan_offer(house: _House, code: str, scene: Scene, number: int, line: Line, now: datetime) -> None:
    campaign = house.campaigns[line.department]
    starts_on = house.month + timedelta(days=line.first)
    ends_before = (
        house.month + timedelta(days=line.last + 1) if line.last >= line.first else starts_on + timedelta(days=5)
    )
    channels = {
        channel.code: channel for channel in Channel.objects.filter(code__in=[one["code"] for one in CHANNELS])
    }

    def items(places: Collection[int]) -> list[Product]:
        return [house.products[code, place] for place in places]

    names = [scene.items[place].name for place in line.items]
    offers.plan_offer(
        campaign=campaign,
        by=house.leads["CRM" if line.department == "TEST" else line.department],
        now=now,
        code=f"NEXT-{code}-{number}",
        fields={
            "name": scene.name if len(scene.lines) == 1 else f"{scene.name} ({number})",
            "starts_on": starts_on,
            "ends_before": ends_before,
            "message": f"{', '.join(names)}: this week for you.",
            "why_suggested": f"Because you have bought {names[0].lower()} or something like it before.",
            "recommendation_placement": house.placements[line.slot] if line.slot else None,
            **line.says,
        },
        reach=Reach(
            include=[house.segments[1] if line.is_for_second_segment else house.segments[0]],
            channels=[channels[one] for one in line.channels],
            add_products=items(line.items),
            triggers=items(line.triggers),
            recommended=items(line.recommends),
        ),
        promises=Promises(
            claims=[OfferClaim(product=items(line.items)[0], **line.claim)] if line.claim else [],
            bookings=[
                PlacementBooking(
                    placement=house.placements[line.placement],
                    starts_on=starts_on,
                    ends_before=ends_before,
                    goal=line.goal,
                )
            ]
            if line.placement
            else [],
            draws=[FundDraw(fund=house.fund, amount=Decimal(line.draw))] if line.draw else [],
        ),
        # The scenes show what goes wrong, and mean it.
        confirmed=MEANT,
    )
