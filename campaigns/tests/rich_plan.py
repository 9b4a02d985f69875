"""A random plan whose offers say all that collision rules look at."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from campaigns.models import (
    AnnouncedPrice,
    Campaign,
    CombinationClass,
    CombinationPolicy,
    Fund,
    Offer,
    Placement,
    Product,
    ProtectedScope,
    Substitution,
)
from campaigns.tests.factories import DAY
from campaigns.tests.random_plan import RandomPlan

TERMS = {
    "": {},
    "percent": {"percent_off": Decimal(20)},
    "amount_off": {"amount_off": Decimal(3)},
    "fixed_price": {"fixed_price": Decimal(6)},
    "bxgy": {"buy_quantity": 2, "get_quantity": 1},
    "free_shipping": {"min_spend": Decimal(30)},
    "points": {"points_multiplier": Decimal(3)},
}
EMPTY = dict.fromkeys(column for columns in TERMS.values() for column in columns)


class RichPlan(RandomPlan):
    def __init__(self, seed, offers=14):
        self.is_ready = False
        super().__init__(seed, offers)
        pick = self.random
        for product in Product.objects.order_by("pk"):
            price = pick.choice([None, 5, 10, 20, 20])
            cost = None if price is None else pick.choice([None, price * Decimal("0.6"), price * Decimal("0.8")])
            brand = pick.choice(["", "Norte", "Sur"])
            Product.objects.filter(pk=product.pk).update(
                price=price, cost=cost, brand=brand, stock=pick.choice([None, 5])
            )
        self.classes = [CombinationClass.objects.create(code=f"K{i}", name=f"K{i}") for i in range(3)]
        CombinationPolicy.objects.create(low=self.classes[0], high=self.classes[1], decision="deny")
        self.placements = [
            Placement.objects.create(code=f"P{i}", name=f"P{i}", page="home", slots=1 + i) for i in range(3)
        ]
        days = {"starts_on": DAY - timedelta(days=200), "ends_before": DAY + timedelta(days=200)}
        self.funds = [Fund.objects.create(code=f"F{i}", name=f"F{i}", amount=100, **days) for i in range(2)]
        products = list(Product.objects.order_by("pk"))
        for one, two in pairwise(products):
            Substitution.objects.create(product=one, substitute=two, rate=Decimal("0.5"))
        ProtectedScope.objects.create(
            name="Norte", kind="brand_exclusive", brand="Norte", department=self.departments[0], **days
        )
        for product in products[:3]:
            AnnouncedPrice.objects.create(
                product=product,
                price=4,
                starts_on=DAY - timedelta(days=10),
                ends_before=DAY - timedelta(days=5),
                department=self.departments[1],
            )
        Campaign.objects.filter(code="K0").update(control_group=self.segments[0])
        self.is_ready = True
        for offer in Offer.objects.order_by("pk"):
            self.write_details(offer)

    def edit(self):
        self.say() if self.random.random() < 0.4 else super().edit()

    def add_offer(self):
        super().add_offer()
        if self.is_ready:
            self.write_details(Offer.objects.latest("pk"))

    def say(self):
        offer = self.offer()
        self.write_details(offer)

    def write_details(self, offer):
        pick = self.random
        mechanic = pick.choice(list(TERMS))
        offer = Offer.objects.get(pk=offer.pk)
        fields = (
            EMPTY
            | TERMS[mechanic]
            | {
                "mechanic": mechanic,
                "applies_to": pick.choice(["item", "item", "order"]),
                "stackable": pick.choice([None, True, True, False]),
                "only_one_of_its_kind": pick.random() < 0.1,
                "combination_class": pick.choice([None, *self.classes]),
                "priority": pick.choice([None, 1, 2]),
                "discount_base": pick.choice(["", "initial", "discounted"]),
                "margin_floor_pct": pick.choice([None, 10, 30]),
                "redemption_code": pick.choice(["", "", "SAVE10", "SAVE1O", "WINTER"]),
                "returns": pick.choice(["", "30 days", "none"]),
                "contacts": pick.choice([None, 1, 2]),
                "recommendation_placement": pick.choice([None, *self.placements]),
                "item_reuse": pick.choice(["", "both"]),
                "expected_units": pick.choice([None, 20, 40]),
                "reference_price": pick.choice([None, 10]),
                "reference_price_policy": pick.choice(["", "none", "list", "lowest_30d"]),
            }
        )
        Offer.objects.filter(pk=offer.pk).update(**fields)
        offer.accepts.set(pick.sample(self.classes, pick.choice([0, 1, 2])))
        self._write_satellites(offer)
        self.changed(offer)

    def _write_satellites(self, offer):
        pick = self.random
        for rows in (offer.channel_terms, offer.claims, offer.bookings, offer.draws):
            rows.all().delete()
        if pick.random() < 0.3:
            offer.channel_terms.create(channel=pick.choice(self.channels), percent_off=40, reason="a reason")
        product = pick.choice(list(Product.objects.order_by("pk")))
        claim = {
            "lowest_price": {"product": product},
            "exclusive_to": {"segment": pick.choice(self.segments)},
            "ends": {"until": offer.ends_before - timedelta(days=1)},
            "never_discounted": {"brand": "Sur"},
            "only_here": {"channel": pick.choice(self.channels)},
            "new_customers_only": {"segment": pick.choice(self.segments)},
            "free_shipping_always": {"amount": 0},
            "limited_quantity": {"product": product, "quantity": 20},
        }
        if pick.random() < 0.3:
            kind = pick.choice(list(claim))
            offer.claims.create(kind=kind, text="A claim", is_legal=pick.random() < 0.5, **claim[kind])
        if pick.random() < 0.4:
            offer.bookings.create(
                placement=pick.choice(self.placements),
                starts_on=offer.starts_on,
                ends_before=offer.ends_before,
                share=pick.choice([50, 100]),
                goal=pick.choice(["", "grow_list", "conversion", "clear_stock", "margin"]),
            )
        if pick.random() < 0.4:
            offer.draws.create(fund=pick.choice(self.funds), amount=40)
