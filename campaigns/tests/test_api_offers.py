"""Offers through the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.actions import access, lifecycle, offers
from campaigns.choices import Mode, ScopeRole
from campaigns.models import Campaign, Offer, OfferCategory, OfferProduct
from campaigns.tests import factories as make
from customers.models import HistoryEntry
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db

OFFERS = "/api/v1/offers/"
TODAY = timezone.localdate()


@pytest.fixture
def campaign():
    return make.make_campaign(make.make_department("CRM"), "CRM-1", starts_on=TODAY + timedelta(days=10))


@pytest.fixture
def lead(campaign):
    return make.lead_of(campaign.department)


@pytest.fixture
def client(lead):
    return client_of(lead)


@pytest.fixture
def stranger():
    return client_of(make.lead_of(make.make_department("OTHER")))


def page(offer, part=""):
    return f"{OFFERS}{offer.pk}/{part}"


def state_of(offer):
    return (
        Offer.objects.filter(pk=offer.pk).values().get(),
        set(offer.audience_rows.values_list("segment__code", "mode")),
        set(offer.category_rows.values_list("category__code", "role", "mode")),
        set(offer.product_rows.values_list("product__code", "role", "mode")),
        set(offer.channels.values_list("code", flat=True)),
    )


def codes(client, query=""):
    return [row["code"] for row in client.get(f"{OFFERS}?{query}").json()["results"]]


def new(**changes):
    return {
        "campaign": "CRM-1",
        "code": "CRM-1-A",
        "name": "Ten off",
        "mechanic": "percent",
        "percent_off": "10",
    } | changes


# What an offer says that says no more than its terms.
NOTHING_MORE = {
    "applies_to": "item",
    "max_discount": None,
    "only_one_of_its_kind": False,
    "combination_class": None,
    "discount_base": "",
    "redemption_code": "",
    "eligibility": "",
    "returns": "",
    "redemption_place": "",
    "per_customer_limit": None,
    "contacts": None,
    "item_reuse": "",
    "recommendation_placement": None,
    "max_recommendations": 1,
    "expected_units": None,
    "forecast_source": "",
    "reference_price": None,
    "reference_price_policy": "",
    "message": "",
    "why_suggested": "",
    "accepts": [],
    "triggers": [],
    "recommended": [],
    "channel_terms": [],
    "claims": [],
    "bookings": [],
    "draws": [],
}


# Adding


def test_an_offer_is_added_with_audience_channels_and_scope(campaign, client):
    make.make_segment("ALL", numbers=[1, 2, 3])
    make.make_segment("LOST", numbers=[3])
    make.make_channel("radio")
    food, _wine = make.make_category("food"), make.make_category("wine")
    make.make_product("INSIDE", food)
    make.make_product("BESIDE", food)
    make.make_product("OUTSIDE")
    body = new(
        include=["ALL"],
        exclude=["LOST"],
        channels=["radio"],
        categories=["food"],
        without_categories=["wine"],
        add_products=["OUTSIDE"],
        drop_products=["INSIDE"],
        stackable=False,
        priority=3,
    )
    made = client.post(OFFERS, body)
    assert made.status_code == 201, made.content
    offer = Offer.objects.get()
    assert made.json() == {
        "id": offer.pk,
        "code": "CRM-1-A",
        "name": "Ten off",
        "campaign": "CRM-1",
        "department": "CRM",
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.ends_on.isoformat(),
        "mechanic": "percent",
        "percent_off": "10.00",
        "amount_off": None,
        "fixed_price": None,
        "buy_quantity": None,
        "get_quantity": None,
        "min_spend": None,
        "points_multiplier": None,
        "gift_product": None,
        "stackable": False,
        "margin_floor_pct": None,
        "priority": 3,
        "terms": "10 % off",
        "include": ["ALL"],
        "exclude": ["LOST"],
        "channels": ["radio"],
        "categories": ["food"],
        "without_categories": ["wine"],
        "cross_sell": [],
        **NOTHING_MORE,
        "customers": 2,
        "products": 2,
        "version": 1,
        "held": False,
        "live_since": None,
        "withdrawn_at": None,
    }
    assert client.get(page(offer)).json() == made.json()
    assert client.get(page(offer))["ETag"] == made["ETag"]
    entered = client.get(page(offer, "products/")).json()["results"]
    assert [(one["product"], one["role"], one["mode"]) for one in entered] == [
        ("INSIDE", "target", "exclude"),
        ("OUTSIDE", "target", "include"),
    ]
    reached = client.get(page(offer, "target-products/")).json()["results"]
    assert [one["code"] for one in reached] == ["BESIDE", "OUTSIDE"]
    assert HistoryEntry.objects.filter(subject="offer:CRM-1-A").values_list("verb", "actor").get() == (
        "plan",
        "lead_crm",
    )


def test_an_offer_sent_again_is_added_once(campaign, client):
    first, again = (client.post(OFFERS, new(), headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (again.status_code, again.json(), Offer.objects.count()) == (201, first.json(), 1)


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"mechanic": "bxgy"}, {"/buy_quantity": "invalid", "/get_quantity": "invalid", "/percent_off": "invalid"}),
        ({"mechanic": "", "percent_off": "5"}, {"/percent_off": "invalid"}),
        ({"percent_off": None}, {"/percent_off": "invalid"}),
        ({"percent_off": 10.5, "buy_quantity": 2}, {"/buy_quantity": "invalid"}),
        ({"percent_off": "101"}, {"/percent_off": "out_of_range"}),
        ({"percent_off": "ten"}, {"/percent_off": "invalid"}),
        ({"percent_off": "1000"}, {"/percent_off": "out_of_range"}),
        ({"ends_on": "2026-01-01"}, {"/ends_on": "invalid"}),
        ({"starts_on": "2027-02-30"}, {"/starts_on": "invalid"}),
        ({"include": ["NOPE", "SEG"]}, {"/include/0": "does_not_exist"}),
        ({"include": ["SEG", 7]}, {"/include/1": "invalid"}),
        ({"include": ["SEG", "SEG"]}, {"/include": "twice"}),
        ({"include": "SEG"}, {"/include": "not_a_list"}),
        ({"include": ["SEG"], "exclude": ["SEG"]}, {"/exclude": "invalid"}),
        ({"categories": ["food"], "without_categories": ["food"]}, {"/without_categories": "invalid"}),
        (
            {"add_products": ["P", "X", "Y"]},
            {"/add_products/1": "does_not_exist", "/add_products/2": "does_not_exist"},
        ),
        ({"add_products": ["P"], "drop_products": ["P"]}, {"/drop_products": "invalid"}),
        ({"add_products": ["P\x00"]}, {"/add_products/0": "does_not_exist"}),
        ({"gift_product": "P"}, {"/gift_product": "invalid"}),
        ({"department": "OTHER"}, {"/department": "invalid"}),
        ({"campaign": "NOPE"}, {"/campaign": "does_not_exist"}),
        ({"held": True}, {"/held": "unknown"}),
        ({"code": ""}, {"/code": "blank"}),
        ({"priority": 40000}, {"/priority": "max_value"}),
        ({"stackable": "yes"}, {"/stackable": "invalid"}),
    ],
)
def test_an_offer_that_does_not_hold_is_refused_at_its_place(campaign, client, stranger, changes, errors):
    make.make_segment("SEG", numbers=[1])
    make.make_product("P", make.make_category("food"))
    refused(client.post(OFFERS, new(**changes)), 400, **errors)
    assert not Offer.objects.exists()


def test_an_offer_lies_within_its_campaign(campaign, client):
    for changes in (
        {"starts_on": (campaign.starts_on - DAY).isoformat()},
        {"ends_on": (campaign.ends_on + DAY).isoformat()},
    ):
        refused(client.post(OFFERS, new(**changes)), 400, **{"/starts_on": "invalid"})
    assert not Offer.objects.exists()


def test_who_may_not_change_the_campaign_adds_nothing(campaign, stranger):
    reader = make.make_user("reader")
    access.add_reason([campaign.pk], user=reader, why="reads")
    refused(
        stranger.post(OFFERS, new(percent_off="x")), 400, **{"/campaign": "does_not_exist", "/percent_off": "invalid"}
    )
    refused(client_of(reader).post(OFFERS, new(percent_off="x")), 403)
    refused(client_of(make.make_user("root", is_superuser=True)).post(OFFERS, new()), 403)
    assert not Offer.objects.exists()


def test_nothing_is_added_to_what_is_over(campaign, client):
    Campaign.objects.filter(pk=campaign.pk).update(status="ended")
    refused(client.post(OFFERS, new()), 409)
    assert not Offer.objects.exists()


# Reading


def test_others_find_no_offer(campaign, stranger):
    offer = make.make_offer(campaign)
    before = state_of(offer)
    assert codes(stranger) == []
    for part in ("", "products/", "target-products/", "gaps/", "history/"):
        refused(stranger.get(page(offer, part)), 404)
    refused(stranger.patch(page(offer), {"name": "Mine"}), 404)
    refused(stranger.post(page(offer, "withdraw/"), {"reason": "x"}), 404)
    assert state_of(offer) == before


def test_the_list_is_filtered_as_the_page_filters(campaign, client, lead):
    one = make.make_offer(campaign, "ONE")
    make.make_offer(
        campaign, "TWO", mechanic="message", percent_off=None, starts_on=campaign.starts_on + DAY, name="Tea"
    )
    other = make.make_campaign(campaign.department, "CRM-2", starts_on=TODAY + timedelta(days=30))
    make.make_offer(other, "THREE")
    lifecycle.set_held([one.pk], held=True, now=make.NOW)
    offers.withdraw_offers(offers=[Offer.objects.get(code="THREE")], by=lead, now=make.NOW, reason="x")
    assert codes(client) == ["THREE", "TWO", "ONE"]
    assert codes(client, "campaign=CRM-2") == ["THREE"]
    assert codes(client, "state=held") == ["ONE"]
    assert codes(client, "state=withdrawn") == ["THREE"]
    assert codes(client, "state=planned") == ["TWO"]
    assert codes(client, "state=live") == []
    assert codes(client, "mechanic=message") == ["TWO"]
    assert codes(client, "search=tea") == ["TWO"]
    assert codes(client, "department=CRM&code=ONE") == ["ONE"]
    assert codes(client, f"starts_to={campaign.starts_on}") == ["ONE"]
    assert codes(client, f"ends_from={campaign.ends_on + DAY}") == ["THREE"]
    refused(client.get(f"{OFFERS}?ordering=margin_floor_pct"), 400, ordering="invalid")


def test_cross_sell_gaps_and_history_are_told(campaign, client):
    offer = make.make_offer(campaign, "ONE", mechanic="", percent_off=None)
    food = make.make_category("food")
    OfferCategory.objects.create(offer=offer, category=food, role=ScopeRole.TRIGGER, mode=Mode.INCLUDE)
    OfferProduct.objects.create(offer=offer, product=make.make_product("P"), role=ScopeRole.RECOMMENDED)
    shown = client.get(page(offer)).json()
    assert (shown["cross_sell"], shown["categories"]) == (
        [{"category": "food", "role": "trigger", "mode": "include"}],
        [],
    )
    assert [one["role"] for one in client.get(page(offer, "products/")).json()["results"]] == ["recommended"]
    assert client.get(page(offer, "target-products/")).json()["results"] == []
    gaps = client.get(page(offer, "gaps/")).json()["gaps"]
    assert [gap["code"] for gap in gaps] == ["no_products", "no_terms"]
    assert [one["what"] for one in client.get(page(offer, "history/")).json()["results"]] == ["planned"]


@pytest.mark.parametrize("part", ["", "{pk}/", "{pk}/products/", "{pk}/target-products/", "{pk}/history/"])
def test_queries_do_not_grow_with_the_rows(campaign, client, part):
    def fill(number):
        for _ in range(number):
            offers.change_offer(
                offer=offer,
                by=make.lead_of(campaign.department),
                now=make.NOW,
                reach=offers.Reach(
                    include=[make.make_segment(numbers=[1]) for _ in range(number)],
                    channels=[make.make_channel() for _ in range(number)],
                    categories={("target", Mode.INCLUDE): [make.make_category() for _ in range(number)]},
                    add_products=make.make_products(number),
                ),
            )
            make.make_offer(campaign, segments=[make.make_segment(numbers=[1])], channels=[make.make_channel()])

    offer = make.make_offer(campaign)
    fill(1)
    address = OFFERS + part.format(pk=offer.pk)
    with_one = queries_of(client, address)
    fill(3)
    assert queries_of(client, address) == with_one


# Changing


def test_an_offer_is_changed_and_told(campaign, client):
    one, two = make.make_segment("ONE", numbers=[1]), make.make_segment("TWO", numbers=[1, 2])
    offer = make.make_offer(campaign, "OFFER", segments=[one], without=[two])
    read = client.get(page(offer))
    body = {"mechanic": "gift", "include": ["TWO"], "exclude": [], "reason": "Sales asked"}
    changed = client.patch(page(offer), body, headers={"If-Match": read["ETag"]})
    assert changed.status_code == 200, changed.content
    assert changed.json() == read.json() | {
        "mechanic": "gift",
        "percent_off": None,
        "terms": "Gift",
        "include": ["TWO"],
        "exclude": [],
        "customers": 2,
        "version": 2,
    }
    entry = HistoryEntry.objects.get(verb="change", subject="offer:OFFER")
    assert (entry.actor, entry.reason, entry.changes) == (
        "lead_crm",
        "Sales asked",
        {
            "mechanic": ["percent", "gift"],
            "percent_off": ["10.00", None],
            "audience include": [["ONE"], ["TWO"]],
            "audience exclude": [["TWO"], []],
        },
    )
    assert client.patch(page(offer), {"mechanic": "gift"}).json() == changed.json()


def test_an_offer_that_somebody_else_changed_is_not_overwritten(campaign, client, lead):
    offer = make.make_offer(campaign, segments=[make.make_segment("ONE", numbers=[1])])
    tag = client.get(page(offer))["ETag"]
    offers.change_offer(offer=offer, by=lead, now=make.NOW, fields={"name": "Theirs"})
    before = state_of(offer)
    refused(client.patch(page(offer), {"name": "Mine"}, headers={"If-Match": tag}), 412)
    refused(client.post(page(offer, "withdraw/"), {"reason": "x"}, headers={"If-Match": tag}), 412)
    assert state_of(offer) == before


def test_changes_that_do_not_hold_are_refused_at_their_place(campaign, client):
    segment, category = make.make_segment("ONE", numbers=[1]), make.make_category("food")
    offer = make.make_offer(campaign, segments=[segment], categories=[category])
    before = state_of(offer)
    for body, errors in (
        ({"exclude": ["ONE"]}, {"/exclude": "invalid"}),
        ({"without_categories": ["food"]}, {"/without_categories": "invalid"}),
        ({"mechanic": "points"}, {"/points_multiplier": "invalid"}),
        ({"amount_off": "3"}, {"/amount_off": "invalid"}),
        ({"ends_on": (campaign.starts_on - DAY).isoformat()}, {"/ends_on": "invalid"}),
        ({"code": "X"}, {"/code": "unknown"}),
        ({"campaign": "CRM-1"}, {"/campaign": "unknown"}),
        ({"version": 7}, {"/version": "unknown"}),
    ):
        refused(client.patch(page(offer), body), 400, **errors)
    assert state_of(offer) == before


def test_who_merely_reads_changes_nothing(campaign):
    offer, reader = make.make_offer(campaign), make.make_user("reader")
    access.add_reason([campaign.pk], user=reader, why="reads")
    before = state_of(offer)
    for user in (reader, make.make_user("root", is_superuser=True)):
        client = client_of(user)
        assert client.get(page(offer)).status_code == 200
        refused(client.patch(page(offer), {"nonsense": 1}), 403)
        refused(client.post(page(offer, "withdraw/"), {"nonsense": 1}), 403)
    assert state_of(offer) == before


def test_a_live_campaign_keeps_its_offers_but_lets_them_be_withdrawn(campaign, client):
    offer = make.make_offer(campaign)
    Campaign.objects.filter(pk=campaign.pk).update(status="live", approved_hash="x")
    before = state_of(offer)
    refused(client.patch(page(offer), {"name": "X"}), 409)
    refused(client.post(page(offer, "withdraw/"), {}), 400, **{"/reason": "required"})
    assert state_of(offer) == before
    answers = [
        client.post(page(offer, "withdraw/"), {"reason": "Stock"}, headers={"Idempotency-Key": "k"}) for _ in "ab"
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json() == client.get(page(offer)).json()
    assert (answers[0].json()["withdrawn_at"] is not None, answers[0].json()["version"]) == (True, 2)
    assert list(HistoryEntry.objects.filter(verb="withdraw").values_list("actor", "reason")) == [("lead_crm", "Stock")]
    Campaign.objects.filter(pk=campaign.pk).update(status="paused")
    refused(client.patch(page(offer), {"name": "X"}), 409)
