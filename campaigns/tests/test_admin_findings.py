"""Pages about collisions of any rule: which one fired, in a sentence with its numbers and its terms."""

import pytest
from django.urls import reverse

from campaigns.actions import access
from campaigns.models import Collision, CollisionMember
from campaigns.tests import factories as make
from campaigns.tests.found import find, offers_of
from campaigns.tests.test_explanation import WITH_FLOOR
from customers.tests.pages import queries_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("echo")]

LIST = reverse("admin:campaigns_collision_changelist")


@pytest.fixture
def three():
    return offers_of("A", "B", "C")


@pytest.fixture
def pair(three):
    return three[:2]


@pytest.fixture
def third(three):
    return three[2]


@pytest.fixture
def party(pair):
    return signed_in(make.lead_of(pair[0].department))


def page(row, name="change"):
    return reverse(f"admin:campaigns_collision_{name}", args=[row.pk])


def text_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def listed(client, query=""):
    return {row.pk for row in client.get(LIST + query).context["cl"].result_list}


def test_the_list_names_the_rule_and_narrows_to_it(pair, party):
    said, gone = find(*pair), find(*pair, rule="long_gone")
    text = text_of(party, LIST)
    assert ">Echo<" in text
    assert ">long_gone<" in text
    assert listed(party, "?rule=echo") == {said.pk}
    assert listed(party, "?rule=long_gone") == {gone.pk}
    assert listed(party, "?rule=nonsense") == set()


def test_the_list_shows_notes_to_who_asks_for_them(pair, party):
    said, noted = find(*pair), find(*pair, key="again", level="note")
    assert listed(party) == {said.pk}
    assert listed(party, "?level=note") == {noted.pk}
    assert "All but notes" in text_of(party, LIST)


def test_the_list_links_no_number_to_an_empty_page(pair, party):
    row = find(*pair, shared_products=3)
    text = text_of(party, LIST)
    assert page(row, "products") in text
    assert page(row, "customers") not in text


def test_the_list_says_that_there_are_more_offers_and_finds_it_by_each(pair, third, party):
    row = find(*pair, third, shared_products=3)
    text = text_of(party, LIST)
    assert "and 1 more offer<" in text
    assert page(row, "products") not in text
    of_third = signed_in(make.lead_of(third.department))
    for query in (f"offer={third.pk}", f"campaign={third.campaign_id}", f"department={third.department_id}"):
        assert listed(of_third, f"?{query}") == {row.pk}


def test_the_page_tells_the_rule_the_sentence_and_the_terms(pair, party):
    text = text_of(party, page(find(*pair, impact="1/4", certainty="heuristic")))
    assert '<p class="c-head__kind">Echo</p>' in text
    assert "It is said 1,234 times." in text
    assert "Presumed" in text
    assert "Impact: 30 × 0.25" in text
    assert "Exposure: 20 × 1.00" in text
    assert "a severity is at most 59" in text
    assert "<strong>58</strong>" in text
    assert "Cap:" not in text


def test_the_page_shows_what_cut_the_score(pair, party):
    text = text_of(party, page(find(*pair, impact=1, certainty="estimated")))
    assert "Cap: the numbers are not exact" in text
    assert "<strong>79</strong>" in text


def test_exact_numbers_are_not_called_anything(pair, party):
    text = text_of(party, page(find(*pair)))
    assert "Estimated" not in text
    assert "at most" not in text


def test_the_page_of_a_rule_that_shares_nothing_links_to_nothing(pair, party):
    row = find(*pair)
    text = text_of(party, page(row))
    assert page(row, "products") not in text
    assert page(row, "customers") not in text
    assert "Shared products" not in text


def test_the_page_of_a_rule_that_is_gone_still_opens(pair, party):
    assert "which is no longer in use" in text_of(party, page(find(*pair, rule="long_gone")))


def test_the_page_says_that_a_note_wants_nothing(pair, party):
    assert "This is only noted" in text_of(party, page(find(*pair, level="note")))
    assert "This is only noted" not in text_of(party, page(find(*pair, key="again")))


def test_the_page_lists_what_else_was_found_on_these_offers(pair, third, party):
    row = find(*pair)
    weak, strong = find(*pair, key="weak", score=41), find(*pair, key="strong", score=81)
    crowd = find(*pair, third, score=60)
    find(*pair, key="cleared", score=99)
    Collision.objects.filter(key="cleared").update(state="cleared")
    find(pair[0], third, key="other")
    also = party.get(page(row)).context["also"]
    assert [one["row"] for one in also] == [strong, crowd, weak]
    assert [one["url"] for one in also] == [page(one) for one in (strong, crowd, weak)]


def test_parties_read_nothing_of_what_offers_earn(pair, party):
    row = find(*pair, numbers=WITH_FLOOR)
    assert "7.06" not in text_of(party, page(row))
    assert "7.06" in text_of(signed_in(make.make_user(is_superuser=True)), page(row))


def test_every_party_of_a_larger_collision_reads_all_its_sides(pair, third):
    row = find(*pair, third)
    for offer in (*pair, third):
        answer = signed_in(make.lead_of(offer.department)).get(page(row))
        assert [side["offer"] for side in answer.context["sides"]] == [*pair, third]
        assert all(side["is_told"] for side in answer.context["sides"])
        assert "and 1 more" in answer.content.decode()


def test_who_only_reads_the_two_it_is_listed_for_reads_no_third_side(pair, third):
    row = find(*pair, third)
    mediator = make.make_user("mediator")
    access.add_reason([offer.campaign_id for offer in pair], user=mediator, why="mediator K-7")
    answer = signed_in(mediator).get(page(row))
    assert [side["is_told"] for side in answer.context["sides"]] == [True, True, False]
    assert third.name in answer.content.decode()
    assert answer.content.decode().count("10 % off") == 2


def test_plans_name_the_rule_beside_the_level(pair, third, party):
    find(*pair)
    for address in (
        reverse("admin:campaigns_offer_change", args=[pair[0].pk]),
        reverse("admin:campaigns_campaign_change", args=[pair[0].campaign_id]),
    ):
        assert '<span class="c-minor">Echo</span>' in text_of(party, address)


def test_plans_list_and_count_what_they_are_a_third_party_to(pair, third):
    row = find(*pair, third)
    client = signed_in(make.lead_of(third.department))
    for address in (
        reverse("admin:campaigns_offer_change", args=[third.pk]),
        reverse("admin:campaigns_campaign_change", args=[third.campaign_id]),
    ):
        context = client.get(address).context
        assert context["collision_count"] == 1
        assert [(one["row"], one["own"], one["other"]) for one in context["collisions"]] == [(row, third, pair[0])]
        assert "and 1 more offer" in text_of(client, address)
    campaigns = client.get(reverse("admin:campaigns_campaign_changelist")).context["cl"].result_list
    assert {one.pk: one.open_collisions for one in campaigns} == {third.campaign_id: 1}


def test_a_campaign_with_two_offers_in_a_collision_counts_it_once(pair, third):
    more = make.make_offer(make.make_campaign(third.department), products=[])
    row = find(*pair, third, more)
    CollisionMember.objects.filter(offer=more).update(offer=make.make_offer(third.campaign))
    assert row.members.filter(offer__campaign=third.campaign).count() == 2
    campaigns = signed_in(make.lead_of(third.department)).get(reverse("admin:campaigns_campaign_changelist"))
    counts = {one.pk: one.open_collisions for one in campaigns.context["cl"].result_list}
    assert counts[third.campaign_id] == 1


def test_plans_neither_list_nor_count_notes(pair, party):
    find(*pair, level="note")
    for address in (
        reverse("admin:campaigns_offer_change", args=[pair[0].pk]),
        reverse("admin:campaigns_campaign_change", args=[pair[0].campaign_id]),
    ):
        context = party.get(address).context
        assert (context["collision_count"], context["collisions"]) == (0, [])
    assert party.get(reverse("admin:index")).context["open_collisions"] == {"total": 0, "severe": 0}


def test_pages_ask_as_many_questions_for_three_collisions_as_for_one(pair, third):
    client = signed_in(make.make_user(is_superuser=True))
    row = find(*pair, third)
    addresses = [
        LIST,
        page(row),
        reverse("admin:campaigns_offer_change", args=[pair[0].pk]),
        reverse("admin:campaigns_campaign_change", args=[pair[0].campaign_id]),
    ]
    before = [queries_of(client, address) for address in addresses]
    for key in "ab":
        find(*pair, third, *offers_of(f"X{key}"), key=key)
    assert [queries_of(client, address) for address in addresses] == before
