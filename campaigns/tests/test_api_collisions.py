"""Collisions through the API: what both parties read of each other, and what nobody else does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.actions import access, offers
from campaigns.actions.collisions import detect_everything
from campaigns.models import Collision, Offer
from campaigns.tests import factories as make
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db

COLLISIONS = "/api/v1/collisions/"
FIRST = timezone.localdate() + timedelta(days=10)
HIDDEN = ("budget", "margin_floor", "customer-")


@pytest.fixture
def pair():
    """Two submitted offers that share 20 of 30 and 40 customers, and two of three products, for ten days."""
    make.make_customers(60)
    products = make.make_products(3)
    found = []
    for code, numbers, some in (("A", range(30), products), ("B", range(10, 50), products[:2])):
        campaign = make.make_campaign(make.make_department(code), f"{code}-1", FIRST, budget=777)
        segment = make.make_segment(f"SEG-{code}", numbers=numbers)
        offer = make.make_offer(campaign, f"{code}-1-O", segments=[segment], products=some, margin_floor_pct=13)
        make.submit(campaign)
        found.append(offer)
    detect_everything(now=make.NOW)
    return found


@pytest.fixture
def collision(pair):
    return Collision.objects.get()


def lead(offer):
    return client_of(make.lead_of(offer.department))


def page(row, part=""):
    return f"{COLLISIONS}{row.pk}/{part}"


def test_the_list_names_both_sides(pair, collision):
    a, _b = pair
    sides = [
        {
            "code": f"{code}-1-O",
            "name": f"Offer {code}-1-O",
            "department": code,
            "campaign": f"{code}-1",
            "campaign_name": f"Campaign {code}-1",
        }
        for code in "AB"
    ]
    assert lead(a).get(COLLISIONS).json()["results"] == [
        {
            "id": collision.pk,
            "rule": "overlap",
            "rule_name": "Overlap",
            "sentence": "Both reach 20 customers with 2 products on 10 days.",
            "certainty": "exact",
            "state": "open",
            "level": collision.level,
            "score": 62,
            "severity": {"base_points": 15, "impact_points": "30.0", "exposure_points": "17.5", "score": 62},
            "offer_a": sides[0],
            "offer_b": sides[1],
            "offers": sides,
            "starts_on": a.starts_on.isoformat(),
            "ends_on": a.ends_on.isoformat(),
            "days": 10,
            "shared_products": 2,
            "shared_customers": 20,
            "first_seen_at": "2026-11-02T10:00:00+01:00",
            "changed_at": "2026-11-02T10:00:00+01:00",
        }
    ]


def test_parties_read_each_others_terms_and_nothing_more(pair, collision):
    a, b = pair
    answer = lead(a).get(page(collision))
    told = answer.json()
    # 15 + 30 · 2/2 + 20 · ∛(2/2 · 20/30 · 10/10)
    assert told["arithmetic"] == {
        "parts": [
            {"what": "products", "shared": 2, "whole": 2},
            {"what": "customers", "shared": 20, "whole": 30},
            {"what": "days", "shared": 10, "whole": 10},
        ],
        "base_points": 15,
        "impact_points": "30.0",
        "exposure_points": "17.5",
        "score": 62,
        "is_current": True,
    }
    assert told["sides"][1] == {
        "code": "B-1-O",
        "name": "Offer B-1-O",
        "department": "B",
        "campaign": "B-1",
        "campaign_name": "Campaign B-1",
        "campaign_status": "submitted",
        "starts_on": b.starts_on.isoformat(),
        "ends_on": b.ends_on.isoformat(),
        "days": 10,
        "mechanic": "percent",
        "terms": "10 % off",
        "channels": [],
        "customers": 40,
        "is_for_everybody": False,
        "products": 2,
        "held": False,
        "live_since": None,
        "withdrawn_at": None,
    }
    for part in ("", "products/", "audiences/"):
        text = lead(a).get(page(collision, part)).content.decode()
        assert [word for word in HIDDEN if word in text] == []
    refused(lead(a).get(f"/api/v1/offers/{b.pk}/"), 404)


def test_shared_products_and_exact_numbers_of_customers(pair, collision):
    b = lead(pair[1])
    products = b.get(page(collision, "products/")).json()
    assert (products["count"], len(products["results"])) == (2, 2)
    assert b.get(page(collision, "audiences/")).json() == {
        "shared": 20,
        "sides": [
            {
                "offer": f"{code}-1-O",
                "customers": size,
                "is_for_everybody": False,
                "segments": [{"segment": f"SEG-{code}", "name": f"SEG-{code}", "customers": size, "shared": 20}],
            }
            for code, size in (("A", 30), ("B", 40))
        ],
    }


def test_who_the_customers_are_is_for_those_who_work_with_data(pair, collision):
    refused(lead(pair[0]).get(page(collision, "customers/")), 403)
    member = make.make_analyst("member")
    access.join(department=pair[0].department, user=member, is_lead=False, by=None, now=make.NOW)
    for reader in (member, make.make_user("root", is_superuser=True)):
        found = client_of(reader).get(page(collision, "customers/"), {"page_size": 5}).json()
        assert (found["count"], [row["code"] for row in found["results"]]) == (
            20,
            [f"customer-{number}" for number in range(10, 15)],
        )


def test_to_others_the_collision_does_not_exist(pair, collision):
    stranger = client_of(make.lead_of(make.make_department("C")))
    assert stranger.get(COLLISIONS).json()["results"] == []
    for part in ("", "products/", "audiences/", "customers/"):
        assert refused(stranger.get(page(collision, part)), 404) == "There is nothing here that you may see."


def test_nobody_writes_collisions(pair, collision):
    client = client_of(make.make_user("root", is_superuser=True))
    refused(client.post(COLLISIONS, {}), 405)
    refused(client.patch(page(collision), {"state": "settled"}), 405)
    refused(client.delete(page(collision)), 405)
    collision.refresh_from_db()
    assert collision.state == "open"


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("state=open", 1),
        ("state=settled", 0),
        ("level=high", 1),
        ("level=low", 0),
        ("campaign=B-1", 1),
        ("campaign=A-1", 1),
        ("campaign=X", 0),
        ("offer=B-1-O", 1),
        ("offer=B-1", 0),
        ("department=B", 1),
        ("department=C", 0),
        ("rule=product_overlap", 0),
        ("search=offer b", 1),
    ],
)
def test_the_list_is_filtered_as_the_page_filters(pair, query, number):
    assert lead(pair[0]).get(f"{COLLISIONS}?{query}").json()["count"] == number


def test_numbers_that_do_not_add_up_any_more_say_so(pair, collision):
    a, _b = pair
    offers.change_offer(
        offer=a,
        by=make.lead_of(a.department),
        now=make.NOW,
        reach=offers.Reach(include=[make.make_segment(numbers=range(20))]),
    )
    assert lead(a).get(page(collision)).json()["arithmetic"]["is_current"] is False
    Collision.objects.update(state="cleared")
    assert lead(a).get(page(collision)).json()["arithmetic"] is None


@pytest.mark.parametrize("part", ["", "{pk}/", "{pk}/products/", "{pk}/audiences/"])
def test_queries_do_not_grow_with_the_rows(pair, collision, part):
    a, b = pair
    b.refresh_from_db()
    client = lead(a)
    address = COLLISIONS + part.format(pk=collision.pk)
    with_one = queries_of(client, address)
    products = [row.product for row in b.product_rows.select_related("product")]
    for _ in range(3):
        campaign = make.make_campaign(starts_on=FIRST)
        make.make_offer(campaign, segments=[b.audience], products=products)
        make.submit(campaign)
    detect_everything(now=make.NOW)
    assert Collision.objects.filter(offer_a__in=Offer.objects.filter(pk=a.pk)).count() == 4
    assert queries_of(client, address) == with_one


def test_a_draft_tells_who_plans_it_what_it_would_collide_with(pair):
    a, b = pair
    draft = make.make_campaign(make.make_department("C"), "C-1", FIRST)
    products = [row.product for row in b.product_rows.select_related("product")]
    make.make_offer(draft, "C-1-O", products=products)
    address = f"/api/v1/campaigns/{draft.pk}/would-collide/"
    client = client_of(make.lead_of(draft.department))
    told = client.get(address).json()["results"]
    assert [(one["own"]["code"], one["other"]["code"], one["shared_products"]) for one in told] == [
        ("C-1-O", "A-1-O", 2),
        ("C-1-O", "B-1-O", 2),
    ]
    assert (told[0]["ends_on"], told[0]["shared_customers"]) == (a.ends_on.isoformat(), 30)
    assert [word for word in HIDDEN if word in str(told)] == []
    reader = make.make_user("reader")
    access.add_reason([draft.pk], user=reader, why="reads")
    assert client_of(reader).get(address).json()["results"] == []
    refused(lead(a).get(address), 404)
    make.submit(draft)
    assert client.get(address).json()["results"] == []
    assert Collision.objects.count() == 1
