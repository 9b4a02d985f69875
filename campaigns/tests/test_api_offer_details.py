"""What an offer says beside its terms, through the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.choices import ScopeRole
from campaigns.models import CombinationClass, Fund, Offer, OfferProduct, Placement
from campaigns.tests import factories as make
from campaigns.tests.promising import state_of
from campaigns.tests.test_api_offers import NOTHING_MORE
from customers.models import HistoryEntry
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db

OFFERS = "/api/v1/offers/"
DAY = timedelta(days=1)


@pytest.fixture
def campaign():
    starts_on = timezone.localdate() + timedelta(days=10)
    return make.make_campaign(make.make_department("CRM"), "CRM-1", starts_on=starts_on)


@pytest.fixture
def client(campaign):
    return client_of(make.lead_of(campaign.department))


@pytest.fixture
def things(campaign):
    """What the rows of an offer name."""
    make.make_channel("mail")
    make.make_channel("web")
    for code in ("TEA", "MILK", "CUP"):
        make.make_product(code)
    make.make_segment("NEW", numbers=[1])
    for code in ("season", "loyalty"):
        CombinationClass.objects.create(code=code, name=code.title())
    for code in ("banner", "shelf"):
        Placement.objects.create(code=code, name=code.title())
    days = {"starts_on": campaign.starts_on, "ends_before": campaign.ends_before}
    Fund.objects.create(code="joint", name="Joint fund", amount=900, **days)


def page(offer, part=""):
    return f"{OFFERS}{offer.pk}/{part}"


def sent():
    return {
        "applies_to": "order",
        "max_discount": "25.50",
        "only_one_of_its_kind": True,
        "combination_class": "season",
        "accepts": ["season", "loyalty"],
        "discount_base": "initial",
        "redemption_code": "TEA10",
        "eligibility": "Members",
        "returns": "14 days",
        "redemption_place": "Till",
        "per_customer_limit": 2,
        "contacts": 0,
        "item_reuse": "as_trigger",
        "recommendation_placement": "banner",
        "max_recommendations": 3,
        "expected_units": 1200,
        "forecast_source": "Last year",
        "reference_price": "9.99",
        "reference_price_policy": "lowest_30d",
        "message": "A cup of tea?",
        "why_suggested": "Members drink tea",
        "triggers": ["TEA", "MILK"],
        "recommended": ["CUP"],
        "channel_terms": [{"channel": "mail", "percent_off": "12", "is_exclusive": True, "reason": "Costs less"}],
        "claims": [
            {
                "kind": "lowest_price",
                "text": "Never cheaper",
                "product": "TEA",
                "until": "2027-01-06",
                "is_legal": True,
            },
            {"kind": "new_customers_only", "text": "Welcome", "segment": "NEW"},
        ],
        "bookings": [{"placement": "banner"}],
        "draws": [{"fund": "joint", "amount": "99.5"}],
    }


def read(campaign):
    """`sent` as it is answered."""
    no_terms = {"percent_off": None, "amount_off": None, "fixed_price": None}
    nothing = {"product": None, "brand": "", "channel": None, "segment": None, "until": None}
    nothing |= {"amount": None, "quantity": None, "is_legal": False}
    one, two = sent()["claims"]
    days = {"starts_on": campaign.starts_on.isoformat(), "ends_on": campaign.ends_on.isoformat()}
    return sent() | {
        "accepts": ["loyalty", "season"],
        "triggers": ["MILK", "TEA"],
        "channel_terms": [no_terms | sent()["channel_terms"][0] | {"percent_off": "12.00"}],
        "claims": [nothing | one, nothing | two],
        "bookings": [{"placement": "banner", **days, "share": "100.00", "goal": ""}],
        "draws": [{"fund": "joint", "amount": "99.50"}],
    }


def says(answer):
    return {name: value for name, value in answer.json().items() if name in NOTHING_MORE}


def test_every_word_is_sent_and_read(campaign, client, things):
    assert sent().keys() == NOTHING_MORE.keys()
    body = {"campaign": "CRM-1", "code": "CRM-1-A", "name": "Ten off", "mechanic": "percent", "percent_off": "10"}
    made = client.post(OFFERS, body | sent())
    assert made.status_code == 201, made.content
    assert says(made) == read(campaign)
    offer = Offer.objects.get()
    assert client.get(page(offer)).json() == made.json()
    # Sent again it says nothing new.
    again = client.patch(page(offer), sent(), headers={"If-Match": made["ETag"]})
    assert (again.json(), again["ETag"]) == (made.json(), made["ETag"])
    assert not HistoryEntry.objects.filter(verb="change").exists()


def test_lists_replace_lists_and_what_is_not_named_stays(campaign, client, things):
    offer = make.make_offer(campaign)
    client.patch(page(offer), sent())
    own = {
        "placement": "shelf",
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.starts_on.isoformat(),
        "share": "25.00",
        "goal": "margin",
    }
    changed = client.patch(page(offer), {"bookings": [own], "claims": [], "triggers": ["TEA"], "accepts": []})
    assert changed.status_code == 200, changed.content
    assert says(changed) == read(campaign) | {"bookings": [own], "claims": [], "triggers": ["TEA"], "accepts": []}
    told = client.get(page(offer, "history/")).json()["results"][0]["changes"]
    assert {one["field"] for one in told} == {"trigger products", "claims", "bookings of placements", "combines with"}


WRONG = [
    ({"applies_to": ""}, {"/applies_to": "invalid_choice"}),
    ({"applies_to": None}, {"/applies_to": "null"}),
    ({"discount_base": "half"}, {"/discount_base": "invalid_choice"}),
    ({"max_discount": "0"}, {"/max_discount": "out_of_range"}),
    ({"only_one_of_its_kind": "yes"}, {"/only_one_of_its_kind": "invalid"}),
    ({"combination_class": "nope"}, {"/combination_class": "does_not_exist"}),
    ({"accepts": ["season", "nope"]}, {"/accepts/1": "does_not_exist"}),
    ({"redemption_code": "x" * 33}, {"/redemption_code": "too_long"}),
    ({"per_customer_limit": 0}, {"/per_customer_limit": "out_of_range"}),
    ({"contacts": 101}, {"/contacts": "out_of_range"}),
    ({"max_recommendations": "2"}, {"/max_recommendations": "invalid"}),
    ({"recommendation_placement": 7}, {"/recommendation_placement": "invalid"}),
    ({"triggers": ["TEA", "TEA"]}, {"/triggers": "twice"}),
    ({"triggers": ["TEA"], "recommended": ["TEA"]}, {"/recommended": "invalid"}),
    ({"claims": {"kind": "ends"}}, {"/claims": "not_a_list"}),
    ({"claims": ["Never cheaper"]}, {"/claims/0": "invalid"}),
    ({"claims": [{}]}, {"/claims/0/kind": "required", "/claims/0/text": "required"}),
    ({"claims": [{"kind": "best", "text": "Best"}]}, {"/claims/0/kind": "invalid_choice"}),
    ({"claims": [{"kind": "ends", "text": "Last days"}]}, {"/claims/0/until": "invalid"}),
    ({"claims": [{"kind": "exclusive_to", "text": "For you"}]}, {"/claims/0/channel": "invalid"}),
    (
        {"claims": [{"kind": "never_discounted", "text": "Never", "brand": "Acme", "quantity": 3}]},
        {"/claims/0/quantity": "invalid"},
    ),
    (
        {"claims": [{"kind": "lowest_price", "text": "Low", "product": "NOPE"}]},
        {"/claims/0/product": "does_not_exist"},
    ),
    ({"claims": [{"kind": "ends", "text": "x", "offer": 1}]}, {"/claims/0/offer": "unknown"}),
    ({"claims": [{"kind": "free_shipping_always", "text": "x"}] * 21}, {"/claims": "max_length"}),
    ({"channel_terms": [{"channel": "mail", "reason": "x"}]}, {"/channel_terms/0": "invalid"}),
    ({"channel_terms": [{"channel": "mail", "percent_off": "5"}]}, {"/channel_terms/0/reason": "required"}),
    (
        {"channel_terms": [{"channel": "mail", "percent_off": "5", "fixed_price": "1", "reason": "x"}]},
        {"/channel_terms/0": "invalid"},
    ),
    (
        {"channel_terms": [{"channel": "mail", "percent_off": rate, "reason": "x"} for rate in ("5", "6")]},
        {"/channel_terms": "invalid"},
    ),
    (
        {"channels": ["web"], "channel_terms": [{"channel": "mail", "percent_off": "5", "reason": "x"}]},
        {"/channel_terms": "invalid"},
    ),
    ({"mechanic": "message", "percent_off": None, "max_discount": "5"}, {"/max_discount": "invalid"}),
    ({"bookings": [{}]}, {"/bookings/0/placement": "required"}),
    ({"bookings": [{"placement": "banner", "share": "100.01"}]}, {"/bookings/0/share": "out_of_range"}),
    ({"bookings": [{"placement": "banner", "starts_on": "2026-02-30"}]}, {"/bookings/0/starts_on": "invalid"}),
    ({"bookings": [{"placement": "banner", "starts_on": "2026-01-01"}]}, {"/bookings": "invalid"}),
    ({"draws": [{"fund": "joint"}]}, {"/draws/0/amount": "required"}),
    ({"draws": [{"fund": "joint", "amount": "-1"}]}, {"/draws/0/amount": "out_of_range"}),
    ({"draws": [{"fund": "joint", "amount": "1"}] * 2}, {"/draws": "invalid"}),
]


@pytest.mark.parametrize("method", ["post", "patch"])
def test_what_does_not_hold_is_refused_at_its_place(campaign, client, things, method):
    offer = make.make_offer(campaign, "OLD")
    before = state_of(offer)
    new = {"campaign": "CRM-1", "code": "CRM-1-A", "name": "Ten off", "mechanic": "percent", "percent_off": "10"}
    for body, errors in WRONG:
        answer = client.post(OFFERS, new | body) if method == "post" else client.patch(page(offer), body)
        refused(answer, 400, **errors)
    assert state_of(offer) == before
    assert Offer.objects.count() == 1


def test_a_booking_outside_is_named(campaign, client, things):
    offer = make.make_offer(campaign)
    row = {"placement": "banner", "starts_on": (campaign.starts_on - DAY).isoformat()}
    text = client.patch(page(offer), {"bookings": [row]}).json()["detail"]
    assert text.startswith("The booking of “Banner, ")


def test_queries_do_not_grow_with_what_an_offer_says(campaign, client, things):
    """Rows that name the same things name them in as many queries as one."""
    lead = make.lead_of(campaign.department)
    offer = make.make_offer(campaign)
    client.patch(page(offer), sent())
    with_one = {address: queries_of(client, address) for address in (OFFERS, page(offer))}
    for number in range(3):
        other = make.make_offer(campaign)
        client.patch(page(other), sent() | {"redemption_code": f"TEA{number}", "claims": sent()["claims"] * 4})
        OfferProduct.objects.create(offer=offer, product=make.make_product(), role=ScopeRole.TRIGGER)
    assert client_of(lead).get(OFFERS).json()["count"] == 4
    assert {address: queries_of(client, address) for address in (OFFERS, page(offer))} == with_one


def test_a_control_group_is_part_of_the_brief(campaign, client, things):
    address = f"/api/v1/campaigns/{campaign.pk}/"
    before = client.get(address).json()
    changed = client.patch(address, {"control_group": "NEW"}).json()
    assert changed == before | {"control_group": "NEW", "content_hash": changed["content_hash"]}
    assert changed["content_hash"] != before["content_hash"]
    assert client.get("/api/v1/campaigns/").json()["results"][0]["control_group"] == "NEW"
    refused(client.patch(address, {"control_group": "NOPE"}), 400, **{"/control_group": "does_not_exist"})
    assert client.patch(address, {"control_group": None}).json() == before
