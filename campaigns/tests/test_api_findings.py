"""Collisions of any rule through the API: which rule, why, and between which offers."""

import pytest

from campaigns.actions import access
from campaigns.tests import factories as make
from campaigns.tests.found import find, offers_of
from campaigns.tests.test_explanation import WITH_FLOOR
from customers.tests.api import client_of
from customers.tests.pages import queries_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("echo")]

COLLISIONS = "/api/v1/collisions/"


@pytest.fixture
def three():
    return offers_of("A", "B", "C")


@pytest.fixture
def pair(three):
    return three[:2]


@pytest.fixture
def third(three):
    return three[2]


def lead(offer):
    return client_of(make.lead_of(offer.department))


def read(client, row):
    answer = client.get(f"{COLLISIONS}{row.pk}/")
    assert answer.status_code == 200
    return answer.json()


def test_a_collision_tells_its_rule_its_sentence_and_its_terms(pair):
    row = find(*pair, impact="1/4", certainty="estimated")
    for told in (read(lead(pair[0]), row), lead(pair[0]).get(COLLISIONS).json()["results"][0]):
        assert (told["rule"], told["rule_name"], told["certainty"]) == ("echo", "Echo", "estimated")
        assert told["sentence"] == "It is said 1,234 times."
        assert told["severity"] == {
            "base_points": 30,
            "impact_points": "7.5",
            "exposure_points": "20.0",
            "score": 58,
        }
        assert [offer["code"] for offer in told["offers"]] == [offer.code for offer in pair]
    assert read(lead(pair[0]), row)["arithmetic"] is None


def test_a_rule_that_is_gone_is_read_like_any_other(pair):
    told = read(lead(pair[0]), find(*pair, rule="long_gone"))
    assert (told["rule"], told["rule_name"]) == ("long_gone", "long_gone")
    assert "no longer in use" in told["sentence"]


def test_what_offers_earn_is_not_for_the_other_party(pair):
    row = find(*pair, numbers=WITH_FLOOR, impact="129/1000")
    told = read(lead(pair[0]), row)
    assert told["sentence"] == "It is said 3 times."
    assert told["severity"]["impact_points"] == "4.0"
    told = read(client_of(make.make_user(is_superuser=True)), row)
    assert told["sentence"] == "It is said 3 times and costs less than 7.06."
    assert told["severity"]["impact_points"] == "3.9"


def test_of_a_larger_collision_every_party_reads_all_offers_and_sides(pair, third):
    row = find(*pair, third)
    codes = [offer.code for offer in (*pair, third)]
    for offer in (*pair, third):
        told = read(lead(offer), row)
        assert [one["code"] for one in told["offers"]] == codes
        assert [side["code"] for side in told["sides"]] == codes
    reader = make.make_user("reader")
    access.add_reason([offer.campaign_id for offer in pair], user=reader, why="reads")
    told = read(client_of(reader), row)
    assert [one["code"] for one in told["offers"]] == codes
    assert [side["code"] for side in told["sides"]] == codes[:2]


def test_the_list_is_filtered_by_rule_and_by_any_of_the_offers(pair, third):
    said, crowd = find(*pair), find(*pair, third, rule="long_gone")
    root = client_of(make.make_user(is_superuser=True))

    def found(query):
        return {row["id"] for row in root.get(f"{COLLISIONS}?{query}").json()["results"]}

    assert found("rule=echo") == {said.pk}
    assert found("rule=long_gone") == {crowd.pk}
    for query in (
        f"offer={third.code}",
        f"campaign={third.campaign.code}",
        f"department={third.department.code}",
    ):
        assert found(query) == {crowd.pk}


@pytest.mark.parametrize("part", ["", "{pk}/"])
def test_queries_do_not_grow_with_the_rows(pair, third, part):
    row = find(*pair, third)
    client, address = lead(third), COLLISIONS + part.format(pk=row.pk)
    before = queries_of(client, address)
    for key in "ab":
        find(*pair, third, *offers_of(f"X{key}"), key=key)
    assert queries_of(client, address) == before
