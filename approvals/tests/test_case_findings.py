"""Cases with collisions of several rules, and of more than two offers: how they are shown, told and decided."""

import json
from dataclasses import asdict

import pytest
from django.utils import timezone

from approvals.actions.enforcement import CollisionEffect
from approvals.models import Case
from approvals.queries import news
from approvals.queries.cases import evidence, facts_hash
from approvals.queries.meetings import collisions_of, encounters
from approvals.rules.operations import AllowBoth
from approvals.tests.builders import (
    NOW,
    dispute_ahead,
    escalated_dispute,
    make_dispute,
    make_mediator,
    make_offer,
    make_products,
    make_segment,
    open_dispute,
    settle_down,
)
from approvals.tests.deciding import preview
from approvals.tests.pages import administrator, make_rival, url
from campaigns.models import Collision, Offer
from campaigns.tests.found import find
from campaigns.tests.test_explanation import WITH_FLOOR
from customers.tests.api import client_of
from customers.tests.pages import queries_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("echo")]


def in_case(dispute, *others, **facts):
    """A collision of the rule echo in the case of these two."""
    found = find(dispute.first, dispute.second, *others, **facts)
    settle_down()
    assert dispute_case(dispute).collision_rows.filter(collision=found).exists()
    return found


def dispute_case(dispute):
    return Case.objects.get(campaign_a=dispute.first.campaign, campaign_b=dispute.second.campaign)


def rival_offer(dispute, code="CRM"):
    return Offer.objects.get(campaign=make_rival(dispute, code))


class TestEvidence:
    def test_what_was_found_on_the_same_offers_is_one_ranked_list(self):
        dispute = open_dispute()
        strong, weak = in_case(dispute, key="strong", score=91), in_case(dispute, key="weak", score=41)
        overlap = Collision.objects.get(rule="overlap")
        products = [row.product for row in dispute.first.product_rows.all()]
        other = make_offer(dispute.second.campaign, "SAL-1-B", segments=[make_segment()], products=products)
        find(dispute.first, other, key="other", score=80)
        settle_down()
        first, second = evidence(dispute.case).meetings
        assert [(line.code, other.code) for line, other in zip(first.lefts, first.rights, strict=True)] == [
            ("MKT-1-A", "SAL-1-A")
        ]
        assert [fact.pk for fact in first.found] == [strong.pk, overlap.pk, weak.pk]
        assert [(fact.why.name, fact.score) for fact in first.found] == [("Echo", 91), ("Overlap", 65), ("Echo", 41)]
        assert [line.code for line in second.rights] == ["SAL-1-B"]
        assert [fact.score for fact in second.found] == [80]

    def test_what_is_decided_stands_after_what_is_open(self):
        dispute = open_dispute()
        settled = in_case(dispute, score=99)
        Collision.objects.filter(pk=settled.pk).update(state="settled", settled_level="critical")
        (meeting,) = evidence(dispute.case).meetings
        assert [fact.why.name for fact in meeting.found] == ["Overlap", "Echo"]

    def test_each_collision_tells_its_sentence_and_its_terms(self):
        dispute = open_dispute()
        found = in_case(dispute, impact="1/4", certainty="estimated")
        fact = next(fact for fact in evidence(dispute.case).overlaps if fact.pk == found.pk)
        assert (fact.why.rule, fact.why.sentence) == ("echo", "It is said 1,234 times.")
        assert fact.why.certainty == "estimated"
        assert (fact.severity.base_points, fact.severity.impact_points, fact.severity.exposure_points) == (30, 7.5, 20)
        overlap = next(fact for fact in evidence(dispute.case).overlaps if fact.why.rule == "overlap")
        assert overlap.why.sentence == "Both reach 50 customers with 3 products on 10 days."
        assert overlap.severity.score == overlap.score

    def test_third_offers_are_named_and_nothing_else_is_told_of_them(self):
        dispute = open_dispute()
        third = rival_offer(dispute)
        found = in_case(dispute, third)
        shown = evidence(dispute_case(dispute), dispute.leads[0])
        fact = next(fact for fact in shown.overlaps if fact.pk == found.pk)
        assert [(other.name, other.department) for other in fact.others] == [(third.name, "Crm")]
        assert {line.code for side in shown.sides for line in side.offers} == {"MKT-1-A", "SAL-1-A"}
        told = json.dumps({name: value for name, value in asdict(shown).items() if name != "case"}, default=str)
        assert third.campaign.code not in told.replace(third.name, "")

    def test_several_offers_of_one_side_stand_together(self):
        dispute = open_dispute()
        more = make_offer(dispute.second.campaign, "SAL-1-B", products=make_products(1))
        found = in_case(dispute, more)
        fact = next(fact for fact in evidence(dispute.case).overlaps if fact.pk == found.pk)
        assert [line.code for line in fact.lefts] == ["MKT-1-A"]
        assert [line.code for line in fact.rights] == ["SAL-1-A", "SAL-1-B"]
        met = encounters(dispute.case, collisions_of(dispute.case).filter(pk=found.pk))
        assert [(one.offer_a.code, one.offer_b.code) for one in met] == [
            ("MKT-1-A", "SAL-1-A"),
            ("MKT-1-A", "SAL-1-B"),
        ]

    def test_of_a_larger_collision_only_both_sides_are_counted(self):
        """The first offers by code belong to a third campaign, which shares customers with nobody here."""
        dispute = open_dispute()
        third = make_offer(
            make_rival(dispute, "AAA"), "AAA-1-Z", segments=[make_segment(numbers=range(900, 950))], products=[]
        )
        Collision.objects.filter(rule="overlap").update(state="cleared")
        in_case(dispute, third)
        totals = evidence(dispute_case(dispute)).totals
        assert (totals.customers, totals.products) == (50, 3)

    @pytest.mark.parametrize("of_whom", ["party", "administrator"])
    def test_what_offers_earn_is_not_for_the_other_party(self, of_whom):
        dispute = open_dispute()
        in_case(dispute, numbers=WITH_FLOOR)
        reader = dispute.leads[0] if of_whom == "party" else administrator()
        told = " ".join(fact.why.sentence for fact in evidence(dispute.case, reader).overlaps)
        assert ("7.06" in told) == (of_whom == "administrator")
        assert "7.06" not in " ".join(fact.why.sentence for fact in evidence(dispute.case).overlaps)


class TestPage:
    def test_it_names_the_rules_their_sentences_and_third_offers(self):
        dispute = open_dispute()
        third = rival_offer(dispute)
        in_case(dispute, third, certainty="heuristic")
        in_case(dispute, rule="long_gone", key="x")
        page = signed_in(dispute.leads[0]).get(url(dispute_case(dispute))).content.decode()
        for words in (
            "Echo",
            "It is said 1,234 times.",
            "Presumed",
            f"{third.name} (Crm)",
            "Both reach 50 customers",
            "which is no longer in use",
        ):
            assert words in page

    def test_numbers_lead_to_rows_where_there_are_any(self):
        dispute = open_dispute()
        nothing, both = in_case(dispute), in_case(dispute, key="both", shared_products=3, shared_customers=50)
        crowd = in_case(dispute, rival_offer(dispute), shared_customers=9)
        page = signed_in(dispute.leads[0]).get(url(dispute_case(dispute))).content.decode()
        for row, is_linked in ((nothing, False), (both, True), (crowd, False)):
            assert (f'customers/?collision={row.pk}"' in page) == is_linked

    @pytest.mark.parametrize("rows", ["products", "customers", "days"])
    def test_the_rows_of_a_larger_collision_are_those_of_both_sides(self, rows):
        dispute = open_dispute()
        crowd = in_case(dispute, rival_offer(dispute))
        answer = signed_in(dispute.leads[0]).get(url(dispute_case(dispute), rows), {"collision": crowd.pk})
        assert "MKT-1-A ↔ SAL-1-A" in answer.content.decode()

    def test_two_offers_stand_in_a_period_once_however_often_they_collide(self):
        dispute = open_dispute()
        overlap = Collision.objects.get()
        for key in "ab":
            in_case(dispute, key=key, starts_on=overlap.starts_on, ends_before=overlap.ends_before)
        (period,) = signed_in(dispute.leads[0]).get(url(dispute.case, "days")).context["page"]
        assert [(left.code, right.code) for left, right in period.offers] == [("MKT-1-A", "SAL-1-A")]

    def test_it_costs_the_same_for_three_larger_collisions_as_for_one(self):
        dispute, mediator = escalated_dispute()
        third = rival_offer(dispute)
        in_case(dispute, third)
        client, page = signed_in(mediator), url(dispute_case(dispute))
        before = queries_of(client, page)
        for key in "ab":
            in_case(dispute, third, key=key)
        assert queries_of(client, page) == before


class TestApi:
    def test_a_collision_tells_its_rule_its_sentence_its_terms_and_its_offers(self):
        dispute = open_dispute()
        third = rival_offer(dispute)
        found = in_case(dispute, third, score=90, certainty="estimated")
        case = dispute_case(dispute)
        first, second = client_of(dispute.leads[0]).get(f"/api/v1/cases/{case.pk}/collisions/").json()["results"]
        told = {name: first[name] for name in ("id", "rule", "rule_name", "sentence", "certainty", "offers")}
        assert told == {
            "id": found.pk,
            "rule": "echo",
            "rule_name": "Echo",
            "sentence": "It is said 1,234 times.",
            "certainty": "estimated",
            "offers": ["MKT-1-A", "SAL-1-A"],
        }
        assert first["other_offers"] == [{"name": third.name, "department": "Crm"}]
        assert first["severity"]["impact_points"] == "15.0"
        assert (second["rule"], second["other_offers"]) == ("overlap", [])
        assert second["severity"] == {
            "base_points": 15,
            "impact_points": "30.0",
            "exposure_points": "20.0",
            "score": 65,
        }

    def test_an_effect_names_the_rule_of_each_collision(self):
        mediator = make_mediator()
        dispute = dispute_ahead(escalated=True)
        find(dispute.first, dispute.second, score=90)
        settle_down(timezone.now())
        order = {"operations": [{"do": "allow_both"}]}
        told = client_of(mediator).post(f"/api/v1/cases/{dispute.case.pk}/preview/", order).json()["effect"]
        assert [(one["rule"], one["rule_name"]) for one in told["remaining"]] == [
            ("echo", "Echo"),
            ("overlap", "Overlap"),
        ]


class TestNews:
    def test_a_mail_names_the_rules_of_the_most_severe_collisions(self):
        dispute = open_dispute()
        for rule, score in (("echo", 90), ("echo", 20), ("a", 70), ("b", 30)):
            in_case(dispute, rule=rule, key=str(score), score=score)
        told = news.of_case(dispute.case)
        assert told.rules == ("echo", "a", "overlap")
        assert (told.customers, told.products) == (0, 0)

    def test_what_is_cleared_is_not_told(self):
        dispute = open_dispute()
        found = in_case(dispute, score=90)
        Collision.objects.filter(pk=found.pk).update(state="cleared")
        assert news.of_case(dispute.case).rules == ("overlap",)


def test_an_effect_names_the_rule_of_each_collision():
    dispute, _mediator = escalated_dispute()
    in_case(dispute, score=90)
    effect = preview(dispute, [AllowBoth()])
    assert [one.rule for one in effect.remaining] == ["echo", "overlap"]


def test_effects_of_before_there_were_other_rules_are_overlaps():
    effect = CollisionEffect("A", "CA", "B", "CB", NOW.date(), NOW.date(), 1, 1, "high")
    assert effect.rule == "overlap"


def test_what_a_mediator_saw_includes_the_numbers_of_the_sentences():
    dispute, _mediator = escalated_dispute()
    found = in_case(dispute)
    seen = facts_hash(dispute.case)
    Collision.objects.filter(pk=found.pk).update(evidence=found.evidence | {"numbers": {"times": 9}})
    assert facts_hash(dispute.case) != seen


def test_a_rule_that_is_gone_opens_cases_like_the_policy_says():
    dispute = make_dispute()
    find(dispute.first, dispute.second, rule="long_gone", score=65)
    settle_down()
    assert Case.objects.get().collision_rows.filter(collision__rule="long_gone").exists()
