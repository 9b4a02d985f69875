from dataclasses import replace

import pytest
from django.utils import translation

from campaigns.actions.collisions import refresh
from campaigns.models import Collision
from campaigns.queries import explanation
from campaigns.queries.explanation import NOBODY, Reader, explain, reader_of, with_offers
from campaigns.tests import factories as make
from campaigns.tests.found import find

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("echo")]

WITH_FLOOR = {"times": 3, "floor": "7.06", "sides": [{"name": "A", "cost": "6.00"}]}


@pytest.fixture
def pair():
    return make.make_colliding_pair()


def test_a_stored_collision_tells_its_rule_its_numbers_and_its_terms(pair):
    found = explain(find(*pair, impact="1/4", certainty="estimated"))
    assert (found.rule, found.name, found.summary) == ("echo", "Echo", "Two offers say the same.")
    assert found.sentence == "It is said 1,234 times."
    assert found.numbers == {"times": 1234}
    assert found.levers == ("rewrite_message",)
    assert found.certainty == "estimated"
    assert found.severity.base_points == 30
    assert (found.severity.impact, found.severity.exposure) == (0.25, 1.0)
    assert (found.severity.score, found.severity.level) == (58, "medium")


def test_the_base_fact_tells_its_columns_and_leaves_its_terms_to_both_offers(pair):
    refresh(offer_ids=[pair[0].pk], now=make.NOW)
    found = explain(Collision.objects.get(rule="overlap"))
    assert found.name == "Overlap"
    assert found.sentence == "Both reach 50 customers with 3 products on 10 days."
    assert found.severity is None
    assert found.levers[0] == "shift_dates"


def test_the_base_fact_counts_one_as_one(pair):
    refresh(offer_ids=[pair[0].pk], now=make.NOW)
    row = Collision.objects.get(rule="overlap")
    row.shared_customers = row.shared_products = 1
    assert explain(row).sentence == "Both reach 1 customer with 1 product on 10 days."


def test_a_rule_that_no_module_has_any_more_is_named_by_its_code(pair):
    found = explain(find(*pair, rule="long_gone"))
    assert found.name == "long_gone"
    assert found.sentence == "Found by the rule “long_gone”, which is no longer in use."
    assert found.severity.score == 65


def test_numbers_of_an_older_version_of_a_rule_leave_what_it_is_about(pair, caplog):
    found = explain(find(*pair, numbers={"count": 7}))
    assert found.sentence == "Two offers say the same."
    assert "rule echo cannot tell" in caplog.text


def test_what_an_offer_earns_is_read_by_the_departments_of_all_offers_and_administrators(pair):
    row = find(*pair, numbers=WITH_FLOOR)
    own, other = (offer.department_id for offer in pair)
    for reader in (NOBODY, Reader(frozenset({own})), Reader(frozenset({other}))):
        found = explain(row, reader)
        assert found.sentence == "It is said 3 times."
        assert found.numbers == {"times": 3, "sides": [{"name": "A"}]}
    for reader in (Reader(frozenset({own, other})), Reader(reads_everything=True)):
        found = explain(row, reader)
        assert found.sentence == "It is said 3 times and costs less than 7.06."
        assert found.numbers == WITH_FLOOR


def test_the_terms_give_away_no_more_of_it_than_the_score(pair):
    """Impact is how far a price lies below the floor: its exact part would be the floor in other words."""
    row = find(*pair, numbers=WITH_FLOOR, impact="129/1000")
    assert explain(row, Reader(reads_everything=True)).severity.impact == 0.129
    assert explain(row).severity.impact_points == pytest.approx(4)


def test_a_third_department_among_the_offers_is_an_owner_like_the_first_two():
    offers = [*make.make_colliding_pair(), make.make_colliding_pair()[0]]
    row = find(*offers, numbers=WITH_FLOOR)
    first_two = frozenset(offer.department_id for offer in offers[:2])
    assert "7.06" not in explain(row, Reader(first_two)).sentence
    assert "7.06" in explain(row, Reader(first_two | {offers[2].department_id})).sentence


def test_a_reader_is_known_by_their_departments(pair):
    lead = make.lead_of(pair[0].department)
    assert reader_of(lead) == Reader(frozenset({pair[0].department_id}))
    assert reader_of(make.make_user(is_superuser=True)).reads_everything


def test_explaining_rows_takes_two_queries_however_many_there_are(pair, django_assert_num_queries):
    third = make.make_colliding_pair()[0]
    rows = with_offers(Collision.objects.order_by("pk"))
    find(*pair)
    with django_assert_num_queries(2):
        assert len([explain(row) for row in rows.all()]) == 1
    find(*pair, third)
    find(*pair, key="again")
    with django_assert_num_queries(2):
        assert len([explain(row) for row in rows.all()]) == 3


@pytest.mark.parametrize(("certainty", "cap", "is_capped"), [("exact", None, True), ("heuristic", 59, True)])
def test_a_score_that_was_cut_says_so(pair, certainty, cap, is_capped):
    found = explain(find(*pair, certainty=certainty, impact=1))
    found = replace(found, severity=replace(found.severity, base_points=60))
    assert (found.cap, found.is_capped) == (cap, is_capped)


def test_a_score_that_was_not_cut_says_nothing(pair):
    assert not explain(find(*pair, impact="1/2")).is_capped


def test_rules_are_listed_by_their_names():
    listed = explanation.rule_choices()
    assert ("echo", "Echo") in listed
    assert [name for _, name in listed] == sorted(name for _, name in listed)
    with translation.override("en"):
        assert explanation.name_of("overlap") == "Overlap"
