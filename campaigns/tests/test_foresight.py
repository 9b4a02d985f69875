"""What rules say before anything is stored: of drafts, of one department's own offers, and what they miss."""

from datetime import timedelta
from fractions import Fraction
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.actions import access
from campaigns.choices import RuleMode
from campaigns.models import Collision, Fund, RuleSetting
from campaigns.queries.drafts import ahead_of_time, draft_collisions
from campaigns.queries.explanation import NOBODY, Reader, reader_of
from campaigns.queries.foresight import ask, prospect_of
from campaigns.rules.collisions.findings import Finding, Gap
from campaigns.rules.severity import weigh
from campaigns.tests import factories as make
from customers.tests.api import client_of
from customers.tests.pages import queries_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("asked")]

FIRST = timezone.localdate() + timedelta(days=10)
NUMBERS = {"times": 3, "floor": "7.06"}


def on_products(plan, options):
    """It fires on every pair with a common product: base 30 + 15 + 20."""
    for meeting in plan.meetings:
        if meeting.products:
            yield Finding(
                "echo",
                tuple(sorted(meeting.offers)),
                meeting.starts_on,
                meeting.ends_before,
                weigh(base=30, impact=Fraction(1, 2), parts=()),
                products=len(meeting.products),
                customers=meeting.customers,
                numbers=NUMBERS,
            )


@pytest.fixture
def products():
    return make.make_products(2)


@pytest.fixture
def segment():
    return make.make_segment("SEG", numbers=range(20))


@pytest.fixture
def plan(products, segment):
    """Plans an offer on the products: of which department, in which campaign, submitted or not."""
    return partial(make.make_planned_offer, starts_on=FIRST, products=products, segments=[segment])


@pytest.fixture
def ours():
    return make.make_department("A")


@pytest.fixture
def theirs():
    return make.make_department("B")


def page_of(offer):
    return reverse("admin:campaigns_offer_change", args=[offer.pk])


def switch_on(rule):
    RuleSetting.objects.filter(rule=rule).delete()


class TestDraft:
    def test_it_would_collide_by_every_rule(self, asked, plan, ours, theirs):
        asked.find = on_products
        other = plan(theirs, "B")
        draft = plan(ours, "A", submitted=False)
        lead = make.lead_of(ours)
        found = draft_collisions(draft.campaign, lead, today=make.DAY)
        told = ahead_of_time(found, [draft.pk], reader_of(lead))
        assert [(one.why.name, one.own, one.other, one.found.severity.score) for one in told] == [
            ("Echo", draft, other, 65),
            ("Overlap", draft, other, 65),
        ]
        assert [one.why.sentence for one in told] == [
            "It is said 3 times.",
            "Both reach 20 customers with 2 products on 10 days.",
        ]
        assert Collision.objects.count() == 0

    def test_its_page_and_the_api_name_the_rule(self, asked, plan, ours, theirs):
        asked.find = on_products
        plan(theirs, "B")
        draft = plan(ours, "A", submitted=False)
        lead = make.lead_of(ours)
        page = reverse("admin:campaigns_campaign_change", args=[draft.campaign_id])
        text = signed_in(lead).get(page).content.decode()
        assert "It is said 3 times." in text
        assert '<span class="c-minor">Echo</span>' in text
        told = client_of(lead).get(f"/api/v1/campaigns/{draft.campaign_id}/would-collide/").json()["results"][0]
        assert (told["rule"], told["rule_name"], told["sentence"]) == ("echo", "Echo", "It is said 3 times.")
        assert [offer["code"] for offer in told["offers"]] == ["A-1-O", "B-1-O"]
        assert told["severity"]["base_points"] == 30
        assert "7.06" not in text + str(told)

    def test_what_its_department_does_to_itself_is_not_among_it(self, asked, plan, ours):
        asked.find = on_products
        plan(ours, "AA")
        draft = plan(ours, "A", submitted=False)
        assert draft_collisions(draft.campaign, make.lead_of(ours), today=make.DAY) == []

    def test_what_is_only_observed_is_not_among_it(self, asked, plan, ours, theirs):
        asked.find = on_products
        plan(theirs, "B")
        draft = plan(ours, "A", submitted=False)
        RuleSetting.objects.create(rule="echo", mode=RuleMode.REPORT)
        found = draft_collisions(draft.campaign, make.lead_of(ours), today=make.DAY)
        assert [one.rule for one in found] == ["overlap"]

    def test_who_does_not_plan_it_reads_nothing(self, asked, plan, ours, theirs):
        asked.find = on_products
        plan(theirs, "B")
        draft = plan(ours, "A", submitted=False)
        reader = make.make_user("reader")
        access.add_reason([draft.campaign_id], user=reader, why="reads")
        assert draft_collisions(draft.campaign, reader, today=make.DAY) == []

    def test_a_fund_that_it_would_overdraw_with_others(self, plan, ours, theirs):
        """A rule about everybody who draws on a fund, asked of all of them."""
        switch_on("fund_overcommit")
        days = {"starts_on": FIRST - timedelta(days=30), "ends_before": FIRST + timedelta(days=60)}
        fund = Fund.objects.create(code="F", name="Brand money", amount=100, **days)
        other = plan(theirs, "B", products=make.make_products(1))
        draft = plan(ours, "A", submitted=False)
        for offer in (other, draft):
            offer.draws.create(fund=fund, amount=80)
        found = draft_collisions(draft.campaign, make.lead_of(ours), today=make.DAY)
        assert [(one.rule, one.offers) for one in found] == [("fund_overcommit", (draft.pk, other.pk))]
        assert "Brand money" in found[0].explained_to(NOBODY).sentence


class TestWithinADepartment:
    def test_its_own_people_read_on_the_offers_page_what_it_does_to_itself(self, asked, plan, ours):
        asked.find = on_products
        one, two = plan(ours, "A"), plan(ours, "AA")
        for offer, other in ((one, two), (two, one)):
            answer = signed_in(make.lead_of(ours)).get(page_of(offer))
            assert [(row.own, row.other) for row in answer.context["within"]] == [(offer, other)]
            text = answer.content.decode()
            assert "Within your own department" in text
            assert "It is said 3 times and costs less than 7.06." in text
        assert Collision.objects.count() == 0

    def test_others_who_read_the_plan_do_not(self, asked, plan, ours):
        asked.find = on_products
        offer, _other = plan(ours, "A"), plan(ours, "AA")
        reader = make.make_user("reader")
        access.add_reason([offer.campaign_id], user=reader, why="reads")
        answer = signed_in(reader).get(page_of(offer))
        assert answer.context["within"] == []
        assert "Within your own department" not in answer.content.decode()

    def test_a_draft_counts_for_its_own_department(self, asked, plan, ours):
        asked.find = on_products
        submitted, draft = plan(ours, "A"), plan(ours, "AA", submitted=False)
        lead = make.lead_of(ours)
        told = prospect_of(draft, lead, reader_of(lead), today=make.DAY).within
        assert [one.offers for one in told] == [(submitted.pk, draft.pk)]
        assert prospect_of(submitted, lead, reader_of(lead), today=make.DAY).within == ()

    def test_what_concerns_another_department_is_a_stored_collision_and_not_here(self, asked, plan, ours, theirs):
        asked.find = on_products
        offer, _other = plan(ours, "A"), plan(theirs, "B")
        lead = make.lead_of(ours)
        assert prospect_of(offer, lead, reader_of(lead), today=make.DAY).within == ()

    def test_the_api_tells_the_same(self, asked, plan, ours):
        asked.find = on_products
        one, _two = plan(ours, "A"), plan(ours, "AA")
        address = f"/api/v1/offers/{one.pk}/within-department/"
        (told,) = client_of(make.lead_of(ours)).get(address).json()["results"]
        assert (told["rule"], told["own"]["code"], told["other"]["code"]) == ("echo", "A-1-O", "AA-1-O")
        assert told["sentence"].endswith("7.06.")
        reader = make.make_user("reader")
        access.add_reason([one.campaign_id], user=reader, why="reads")
        assert client_of(reader).get(address).json()["results"] == []

    def test_a_rule_of_the_house(self, plan, ours):
        switch_on("overlap_undeclared")
        one, two = plan(ours, "A"), plan(ours, "AA")
        lead = make.lead_of(ours)
        (found,) = prospect_of(one, lead, reader_of(lead), today=make.DAY).within
        assert (found.rule, found.offers) == ("overlap_undeclared", (one.pk, two.pk))
        assert "Neither says whether they combine." in found.explained_to(Reader()).sentence


class TestGaps:
    @pytest.fixture
    def offer(self, plan, ours):
        return plan(ours, "A", products=[], mechanic="", percent_off=None, submitted=False)

    def told(self, offer):
        lead = make.lead_of(offer.department)
        found = prospect_of(offer, lead, reader_of(lead), today=make.DAY).gaps
        return [(gap.code, gap.rules) for gap in found]

    def test_each_missing_fact_stands_there_once_with_all_rules_that_miss_it(self, asked, offer):
        asked.find = lambda plan, options: [
            Gap("zoom", offer.pk, "cost"),
            Gap("echo", offer.pk, "cost"),
            Gap("echo", offer.pk, "products"),
            Gap("echo", offer.pk, "products"),
            Gap("echo", offer.pk, "something new"),
            Gap("echo", offer.pk + 1, "stock"),
        ]
        assert self.told(offer) == [
            ("no_products", ("echo",)),
            ("no_terms", ()),
            ("cost", ("echo", "zoom")),
            ("something new", ("echo",)),
        ]

    def test_the_page_says_what_to_add_and_which_rules_wait_for_it(self, asked, offer):
        asked.find = lambda plan, options: [Gap("echo", offer.pk, "cost"), Gap("overlap", offer.pk, "cost")]
        text = signed_in(make.lead_of(offer.department)).get(page_of(offer)).content.decode()
        assert "What some of its products cost the company is not known. Add it to the catalogue." in text
        assert "Until then these rules cannot say anything: Echo, Overlap" in " ".join(text.split())

    def test_who_does_not_plan_it_learns_nothing_of_what_is_around_it(self, asked, offer):
        asked.find = lambda plan, options: [Gap("echo", offer.pk, "cost")]
        reader = make.make_user("reader")
        access.add_reason([offer.campaign_id], user=reader, why="reads")
        found = prospect_of(offer, reader, reader_of(reader), today=make.DAY).gaps
        assert [(gap.code, gap.rules) for gap in found] == [("no_products", ()), ("no_terms", ())]

    def test_the_api_names_the_rules_by_code(self, asked, offer):
        asked.find = lambda plan, options: [Gap("echo", offer.pk, "cost")]
        told = client_of(make.lead_of(offer.department)).get(f"/api/v1/offers/{offer.pk}/gaps/").json()["gaps"]
        assert [(gap["code"], gap["rules"]) for gap in told] == [
            ("no_products", []),
            ("no_terms", []),
            ("cost", ["echo"]),
        ]

    def test_rules_that_are_off_miss_nothing(self, asked, offer):
        asked.find = lambda plan, options: [Gap("echo", offer.pk, "cost")]
        RuleSetting.objects.create(rule="echo", mode=RuleMode.OFF)
        assert [code for code, _rules in self.told(offer)] == ["no_products", "no_terms"]


def test_an_offer_that_is_over_is_asked_about_no_more(asked, plan, ours):
    asked.find = on_products
    one, _two = plan(ours, "A"), plan(ours, "AA")
    assert ask([one.pk], today=make.DAY).found
    assert ask([one.pk], today=one.ends_before).found == ()


def test_pages_ask_as_many_questions_for_three_as_for_one(asked, plan, ours, theirs):
    asked.find = on_products
    lead = make.lead_of(ours)
    one, draft = plan(ours, "A"), plan(ours, "AD", submitted=False)
    plan(ours, "AX")
    plan(theirs, "BX")
    pages = [page_of(one), reverse("admin:campaigns_campaign_change", args=[draft.campaign_id])]
    apis = [f"/api/v1/offers/{one.pk}/within-department/", f"/api/v1/campaigns/{draft.campaign_id}/would-collide/"]

    def asked_now():
        client, program = signed_in(lead), client_of(lead)
        return [queries_of(client, page) for page in pages] + [queries_of(program, api) for api in apis]

    before = asked_now()
    for number in range(2):
        plan(ours, f"AX{number}")
        plan(theirs, f"BX{number}")
    assert asked_now() == before
