from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.actions import postings
from campaigns.choices import CampaignStatus, Mode
from campaigns.models import Campaign, Offer, OfferItem
from campaigns.queries import collisions
from campaigns.queries.collisions import gaps, overlaps_of, product_count, shared_numbers, shared_products
from campaigns.tests.factories import (
    DAY,
    make_campaign,
    make_category,
    make_colliding_pair,
    make_offer,
    make_products,
    make_segment,
)
from campaigns.tests.random_plan import RandomPlan, customers, expected, found_by, targets

pytestmark = pytest.mark.django_db


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(6))
def test_overlaps_are_those_of_sets_and_loops(seed):
    RandomPlan(seed, offers=40)
    offers = Offer.objects.values_list("pk", flat=True)

    assert len(expected(today=None)) > 10
    assert found_by(overlaps_of(offers)) == expected(today=None)
    assert found_by(overlaps_of(offers, DAY)) == expected(today=DAY)


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(3))
def test_overlaps_of_one_offer_are_its_part_of_all(seed):
    RandomPlan(seed, offers=20)

    for pk, code in Offer.objects.values_list("pk", "code"):
        mine = {pair: facts for pair, facts in expected(today=DAY).items() if code in pair}
        assert found_by(overlaps_of([pk], DAY)) == mine


def test_overlaps_of_no_offers_ask_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert overlaps_of([]) == []


def test_overlaps_of_many_offers_take_one_query(django_assert_num_queries):
    RandomPlan(1, offers=25)
    offers = list(Offer.objects.values_list("pk", flat=True))

    with django_assert_num_queries(1):
        overlaps_of(offers)


def test_overlaps_carry_offers_campaigns_and_versions():
    a, b = sorted(make_colliding_pair(), key=lambda offer: offer.code)
    Offer.objects.filter(pk=b.pk).update(version=7)

    (one,) = overlaps_of([b.pk])

    assert (one.offer_a, one.offer_b, one.code_a, one.code_b) == (a.pk, b.pk, a.code, b.code)
    assert (one.campaign_a, one.campaign_b, one.version_a, one.version_b) == (
        a.campaign_id,
        b.campaign_id,
        a.version,
        7,
    )


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(4))
def test_a_draft_would_collide_as_if_it_were_submitted(seed):
    RandomPlan(seed, offers=40)
    draft = Campaign.objects.get(code="K2")
    Campaign.objects.filter(pk=draft.pk).update(status=CampaignStatus.DRAFT)

    found = found_by(collisions.would_collide(draft, DAY))

    mine = {
        pair: facts
        for pair, facts in expected(today=DAY, draft=draft).items()
        if any(c.startswith("K2") for c in pair)
    }
    assert mine
    assert found == mine
    assert not any(code.startswith("K2") for pair in expected(today=DAY) for code in pair)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads how SQLite explains a statement")
def test_the_statement_finds_its_partners_by_index():
    RandomPlan(1)
    statement, values = collisions.overlaps_sql([Offer.objects.latest("pk").pk], collisions.PLANNED, DAY, None)

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)
        plan = [row[3] for row in cursor.fetchall()]

    partners = "SEARCH g USING COVERING INDEX offer_item_posting (kind=? AND key=? AND starts_on<?)"
    assert plan.count(partners) == 4
    assert any(line.startswith("SEARCH campaigns_offeritem USING INDEX") and "(offer_id=?)" in line for line in plan)
    assert not any(line.startswith(("SCAN campaigns", "SCAN g")) for line in plan)


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(3))
def test_shared_products_and_customers_open_what_is_counted(seed):
    RandomPlan(seed)
    offers = list(Offer.objects.order_by("pk"))

    assert product_count([offer.pk for offer in offers]) == {offer.pk: len(targets(offer)) for offer in offers}
    for a, b in pairwise(offers):
        if not (a.withdrawn_at or b.withdrawn_at):
            assert {product.pk for product in shared_products(a, b)} == targets(a) & targets(b)
        assert set(shared_numbers(a, b)) == customers(a) & customers(b)


def test_a_complete_offer_has_no_gaps():
    a, _ = make_colliding_pair()

    assert gaps(a) == []


def test_an_offer_without_products_and_terms_has_gaps_and_no_overlaps():
    make_colliding_pair()
    bare = make_offer(make_campaign(), mechanic="", percent_off=None)

    assert [gap.code for gap in gaps(bare)] == ["no_products", "no_terms"]
    assert overlaps_of([bare.pk]) == []


def test_an_audience_of_nobody_is_a_gap():
    offer = make_offer(make_campaign(), segments=[make_segment()], products=make_products(1))
    offer.refresh_from_db()

    assert [gap.code for gap in gaps(offer)] == ["empty_audience"]


def test_exclusions_that_leave_no_product_are_a_gap():
    category = make_category()
    offer = make_offer(make_campaign(), products=make_products(2, category))
    offer.category_rows.create(category=category, mode=Mode.EXCLUDE)
    postings.rewrite([offer.pk])

    assert [gap.code for gap in gaps(offer)] == ["nothing_left"]
    assert not OfferItem.objects.filter(offer=offer).exists()


def test_gaps_are_asked_with_few_queries():
    a, _ = make_colliding_pair()
    offer = Offer.objects.select_related("audience").get(pk=a.pk)

    with CaptureQueriesContext(connection) as asked:
        gaps(offer)

    assert len(asked) <= 3


def test_an_overlap_that_ends_before_today_is_not_asked_for():
    a, _ = make_colliding_pair()
    last = a.ends_before - timedelta(days=1)

    assert len(overlaps_of([a.pk], last)) == 1
    assert overlaps_of([a.pk], a.ends_before) == []
