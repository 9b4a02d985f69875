"""A small plan that changes at random, and what collides in it by sets and loops."""

from datetime import date, timedelta
from itertools import combinations
from random import Random

from django.db.models import Count, F
from pyroaring import BitMap

from campaigns.actions import postings
from campaigns.choices import CampaignStatus, CollisionState, Mode, ScopeRole
from campaigns.models import Campaign, Category, Collision, Department, Offer, Product
from campaigns.rules.collisions import overlap
from campaigns.tests.factories import DAY, NOW
from customers.actions import events, segments
from customers.models import Channel, Customer, Segment

PLANNED = ["submitted", "approved", "live", "paused"]
STATUSES = [*PLANNED, *PLANNED, "draft", "ended", "cancelled"]


class RandomPlan:
    """Writes rows directly, with the postings and events that the actions would write."""

    def __init__(self, seed, offers=14):
        self.random = Random(seed)
        self.departments = [Department.objects.create(code=f"D{i}", name=f"D{i}") for i in range(3)]
        self.categories = [Category.objects.create(code=f"c{i}") for i in range(4)]
        for i in range(12):
            Product.objects.create(code=f"p{i}", name=f"p{i}", category=self.random.choice(self.categories[:3]))
        self.count_categories()
        self.channels = [Channel.objects.create(code=f"ch{i}", name=f"ch{i}") for i in range(3)]
        self.add_customers(20)
        empty = BitMap().serialize()
        self.segments = [Segment.objects.create(code=f"S{i}", name=f"S{i}", members=empty) for i in range(4)]
        segments.replace_many({segment.pk: self.some_customers() for segment in self.segments}, by=None, now=NOW)
        for i in range(5):
            Campaign.objects.create(
                code=f"K{i}",
                name=f"K{i}",
                department=self.departments[i % 3],
                starts_on=DAY - timedelta(days=90),
                ends_before=DAY + timedelta(days=90),
                status=self.random.choice(PLANNED),
                approved_hash="signed",
            )
        for _ in range(offers):
            self.add_offer()

    def edit(self):
        """One random change, with its event."""
        edits = [self.move, self.move, self.scope, self.scope, self.reach, self.place, self.add_offer, self.withdraw]
        edits += [self.status, self.members, self.grow, self.catalogue, self.rename]
        self.random.choice(edits)()

    def offer(self):
        return self.random.choice(list(Offer.objects.order_by("pk")))

    def some_customers(self):
        share = self.random.choice([0, 0.2, 0.4, 0.6, 0.8])
        return BitMap(n for n in range(Customer.objects.count()) if self.random.random() < share)

    def add_offer(self):
        campaign = self.random.choice(list(Campaign.objects.order_by("pk")))
        pick = self.random.random()
        offer = Offer.objects.create(
            # Not in the order of ids, so that codes decide which one is first.
            code=f"{campaign.code}-{pick:.9f}",
            name="offer",
            campaign=campaign,
            department=campaign.department if pick < 0.8 else self.random.choice(self.departments),
            **self.dates(),
        )
        self.write_scope(offer)
        self.write_reach(offer)
        offer.channels.set(self.random.sample(self.channels, self.random.choice([0, 0, 1, 2])))
        self.changed(offer, version=False)

    def changed(self, offer, *, version=True):
        postings.rewrite([offer.pk])
        if version:
            Offer.objects.filter(pk=offer.pk).update(version=F("version") + 1)
        events.record("offer.changed", now=NOW, offers=[offer.pk])

    def dates(self):
        starts_on = DAY + timedelta(days=self.random.randrange(-20, 20))
        return {"starts_on": starts_on, "ends_before": starts_on + timedelta(days=self.random.randrange(1, 16))}

    def move(self):
        offer = self.offer()
        Offer.objects.filter(pk=offer.pk).update(**self.dates())
        self.changed(offer)

    def rename(self):
        offer = self.offer()
        Offer.objects.filter(pk=offer.pk).update(name="renamed")
        self.changed(offer)

    def scope(self):
        offer = self.offer()
        self.write_scope(offer)
        self.changed(offer)

    def write_scope(self, offer):
        pick = self.random
        offer.product_rows.all().delete()
        offer.category_rows.all().delete()
        for product in pick.sample(list(Product.objects.order_by("pk")), pick.randrange(1, 6)):
            role = pick.choice([ScopeRole.TARGET] * 4 + [ScopeRole.TRIGGER])
            mode = pick.choice([Mode.INCLUDE, Mode.INCLUDE, Mode.EXCLUDE])
            offer.product_rows.create(product=product, role=role, mode=mode)
        for category in pick.sample(self.categories, pick.choice([0, 0, 1, 2])):
            role = pick.choice([ScopeRole.TARGET] * 4 + [ScopeRole.TRIGGER])
            mode = pick.choice([Mode.INCLUDE, Mode.INCLUDE, Mode.EXCLUDE])
            offer.category_rows.create(category=category, role=role, mode=mode)

    def reach(self):
        offer = self.offer()
        self.write_reach(offer)
        self.changed(offer)

    def write_reach(self, offer):
        offer.audience_rows.all().delete()
        for segment in self.random.sample(self.segments, self.random.choice([0, 1, 1, 2])):
            mode = self.random.choice([Mode.INCLUDE, Mode.INCLUDE, Mode.EXCLUDE])
            offer.audience_rows.create(segment=segment, mode=mode)

    def place(self):
        offer = self.offer()
        offer.channels.set(self.random.sample(self.channels, self.random.choice([0, 1, 2])))
        self.changed(offer)

    def withdraw(self):
        offer = self.offer()
        Offer.objects.filter(pk=offer.pk).update(withdrawn_at=self.random.choice([None, NOW]))
        self.changed(offer)

    def status(self):
        campaign = self.random.choice(list(Campaign.objects.order_by("pk")))
        Campaign.objects.filter(pk=campaign.pk).update(status=self.random.choice(STATUSES))
        events.record("campaign.changed", now=NOW, campaigns=[campaign.pk])

    def members(self):
        chosen = self.random.sample(self.segments, 2)
        segments.replace_many({segment.pk: self.some_customers() for segment in chosen}, by=None, now=NOW)

    def grow(self):
        self.add_customers(2)
        segments.customers_added(now=NOW)

    def add_customers(self, number):
        start = Customer.objects.count()
        Customer.objects.bulk_create([Customer(number=n, code=f"k{n}") for n in range(start, start + number)])

    def catalogue(self):
        product = self.random.choice(list(Product.objects.order_by("pk")))
        before, after = product.category, self.random.choice(self.categories)
        Product.objects.filter(pk=product.pk).update(category=after)
        Product.objects.create(code=f"p{Product.objects.count()}", name="new", category=after)
        self.count_categories()
        touched = [before.pk, after.pk]
        postings.rewrite_categories(touched)
        events.record("catalogue.changed", now=NOW, categories=touched)

    def count_categories(self):
        for category in Category.objects.annotate(number=Count("products")):
            Category.objects.filter(pk=category.pk).update(size=category.number)


def targets(offer):
    """Ids of the target products of an offer: what it includes, less what it excludes."""
    named = {mode: set() for mode in Mode}
    for row in offer.product_rows.filter(role=ScopeRole.TARGET):
        named[row.mode].add(row.product_id)
    for row in offer.category_rows.filter(role=ScopeRole.TARGET):
        named[row.mode].update(row.category.products.values_list("pk", flat=True))
    return set() if offer.withdrawn_at else named[Mode.INCLUDE] - named[Mode.EXCLUDE]


def customers(offer):
    """Numbers of the customers in the audience of an offer."""
    named = {mode: set() for mode in Mode}
    rows = offer.audience_rows.all()
    for row in rows:
        named[row.mode].update(BitMap.deserialize(bytes(row.segment.members)))
    if all(row.mode == Mode.EXCLUDE for row in rows):
        named[Mode.INCLUDE] = set(Customer.objects.values_list("number", flat=True))
    return named[Mode.INCLUDE] - named[Mode.EXCLUDE]


def expected(*, today: date | None, with_past: bool = False, draft: Campaign | None = None):
    """What collides: {(code_a, code_b): (first day, ends before, products, customers, score, level)}."""
    offers = list(Offer.objects.select_related("campaign"))
    offers.sort(key=lambda offer: offer.code)
    sets = {offer.pk: (targets(offer), customers(offer), set(offer.channels.all())) for offer in offers}
    found = {}
    for a, b in combinations(offers, 2):
        judged = overlap.judge(
            *(
                overlap.Side(
                    department=offer.department_id,
                    starts_on=offer.starts_on,
                    ends_before=offer.ends_before,
                    products=len(sets[offer.pk][0]),
                    customers=len(sets[offer.pk][1]),
                    channels=frozenset(sets[offer.pk][2]),
                )
                for offer in (a, b)
            ),
            shared_products=len(sets[a.pk][0] & sets[b.pk][0]),
            shared_customers=len(sets[a.pk][1] & sets[b.pk][1]),
        )
        if judged and _counts(a, b, judged.ends_before, today, with_past, draft):
            found[a.code, b.code] = _facts(judged)
    return found


def _counts(a, b, ends_before, today, with_past, draft):
    over = today is not None and ends_before <= today
    statuses = [*PLANNED, CampaignStatus.ENDED] if with_past and over else PLANNED
    return (with_past or not over) and all(
        offer.campaign.status in statuses or offer.campaign == draft for offer in (a, b)
    )


def _facts(found):
    counts = found.shared_products, found.shared_customers, found.severity.score, found.severity.level
    return found.starts_on, found.ends_before, *counts


def found_by(overlaps):
    """The answer of campaigns.queries.collisions in the form of `expected`."""
    return {(one.code_a, one.code_b): _facts(one.finding) for one in overlaps}


def stored(*states: str):
    """The overlaps in these states, in the form of `expected`."""
    columns = ("starts_on", "ends_before", "shared_products", "shared_customers", "score", "level")
    rows = Collision.objects.filter(rule=overlap.CODE, state__in=states or [CollisionState.OPEN])
    return {(a, b): tuple(facts) for a, b, *facts in rows.values_list("offer_a__code", "offer_b__code", *columns)}
