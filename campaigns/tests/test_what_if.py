"""What an offer would collide with before it is saved: on its form and through the API, and nothing is written."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from campaigns.actions import access, offers
from campaigns.actions.collisions import refresh
from campaigns.actions.reach import Reach
from campaigns.actions.simulation import simulate
from campaigns.models import Collision
from campaigns.queries.explanation import reader_of
from campaigns.queries.what_if import tell
from campaigns.tests import factories as make
from campaigns.tests.test_foresight import on_products
from customers.tests.api import client_of, refused
from customers.tests.pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("asked")]

FIRST = timezone.localdate() + timedelta(days=10)
NOW = timezone.now()


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


@pytest.fixture
def unwritten():
    """Whatever the test does, no row of any table comes, goes or changes, and nothing waits for a commit."""
    models = [
        model for model in apps.get_models() if model._meta.label not in ("sessions.Session", "customers.ApiToken")
    ]

    def rows():
        return {
            model._meta.label: sorted(map(repr, model._default_manager.order_by().values_list())) for model in models
        }

    class Watch:
        def __enter__(self):
            self.before = rows()
            self.waiting = list(connection.run_on_commit)

        def __exit__(self, *_error):
            assert rows() == self.before
            assert connection.run_on_commit == self.waiting

    return Watch()


def change(offer, **what):
    lead = make.lead_of(offer.department)
    return partial(offers.change_offer, offer=offer, by=lead, now=NOW, confirmed=None, **what)


def tried(offer, **what):
    """[(rule, codes of the others, new?)] of all others, ids that are gone, codes of self-checks."""
    lead = make.lead_of(offer.department)
    told = tell(simulate(change(offer, **what), now=NOW), lead, reader_of(lead), most=9)
    hits = [
        (one.why.rule, [other.code for other in one.offers if other.pk != offer.pk], one.is_new)
        for one in (*told.hits, *told.within)
    ]
    return hits, [one.row.pk for one in told.gone], [one.code for one in told.self_checks]


class TestSimulation:
    def test_what_comes_what_stays_and_what_goes(self, asked, plan, ours, theirs, products):
        asked.find = on_products
        other, later = make.make_products(1), FIRST + timedelta(days=6)
        stays, goes, comes = plan(theirs, "B"), plan(theirs, "C", ends_before=later), plan(theirs, "D", products=other)
        offer = plan(ours, "A")
        refresh(offer_ids=[offer.pk], now=NOW)
        row = Collision.objects.get(rule="overlap", offer_b=goes)
        hits, gone, _checks = tried(offer, fields={"starts_on": later}, reach=Reach(add_products=other))
        assert hits == [
            ("echo", [stays.code], False),
            ("echo", [goes.code], False),
            ("echo", [comes.code], True),
            ("overlap", [stays.code], False),
            ("overlap", [comes.code], True),
        ]
        assert gone == [row.pk]

    def test_a_new_offer_of_a_draft(self, plan, ours, theirs, products, segment, unwritten):
        other = plan(theirs, "B")
        campaign = make.make_campaign(ours, "A-1", FIRST)
        lead = make.lead_of(ours)
        fields = {"name": "New", "mechanic": "percent", "percent_off": Decimal(10)}
        # A combined audience that nobody made yet, too.
        reach = Reach(include=[segment, make.make_segment("MORE", numbers=[50])], add_products=products)
        with unwritten:
            found = simulate(
                lambda: offers.plan_offer(
                    campaign=campaign, by=lead, now=NOW, code="N", fields=fields, reach=reach, confirmed=None
                ),
                now=NOW,
            )
        (hit,) = tell(found, lead, reader_of(lead), most=9).hits
        assert (hit.own.code, hit.other, hit.found.customers, hit.is_new) == ("N", other, 20, None)

    def test_what_a_department_does_to_itself_is_told_to_its_own_people(self, asked, plan, ours):
        asked.find = on_products
        offer, _other = plan(ours, "A"), plan(ours, "AA")
        assert tried(offer)[0] == [("echo", ["AA-1-O"], None)]
        helper = make.make_user("helper")
        found = simulate(change(offer), now=NOW)
        assert len(found.foreseen) == 1
        assert tell(found, helper, reader_of(helper), most=9).within == []

    def test_the_rights_and_checks_of_saving(self, plan, ours, theirs, unwritten):
        offer = plan(ours, "A")
        with unwritten, pytest.raises(PermissionDenied):
            simulate(
                lambda: offers.change_offer(offer=offer, by=make.lead_of(theirs), now=NOW, fields={"name": "X"}),
                now=NOW,
            )

    def test_what_costs_are_is_told_to_owners_alone(self, plan, ours):
        dear = make.make_product("DEAR", price=Decimal(10), cost=Decimal(6))
        offer = plan(ours, "A", products=[dear], percent_off=50)
        helper = make.make_user("helper")
        texts = [
            simulate(change(offer), now=NOW, reader=reader_of(person)).self_checks[0].text
            for person in (make.lead_of(ours), helper)
        ]
        assert texts == [
            "Sold at a loss: 1 product (DEAR). DEAR leaves 5.00 and costs the company 6.00.",
            "Sold at a loss: 1 product (DEAR).",
        ]

    def test_it_asks_as_many_questions_for_three_as_for_one(
        self, asked, plan, ours, theirs, django_assert_num_queries
    ):
        asked.find = on_products
        offer = plan(ours, "A")
        plan(theirs, "B")
        lead = make.lead_of(ours)

        def look():
            return tell(simulate(change(offer), now=NOW), lead, reader_of(lead), most=9)

        with connection.execute_wrapper(counted := Counter()):
            assert len(look().hits) == 2
        for code in ("C", "D"):
            plan(theirs, code)
        with django_assert_num_queries(counted.number):
            assert len(look().hits) == 6


class Counter:
    number = 0

    def __call__(self, execute, *args):
        self.number += 1
        return execute(*args)


def typed(offer, **changes):
    return {
        "name": "Ten off",
        "department": offer.department_id,
        "starts_on": offer.starts_on.isoformat(),
        "last_day": offer.ends_on.isoformat(),
        "mechanic": "percent",
        "percent_off": "10",
        "stackable": "unknown",
        "include": [row.segment_id for row in offer.audience_rows.all()],
        "seen": str(offer.version),
        "add_products": "",
        "drop_products": "",
    } | changes


def edit(offer):
    return reverse("admin:campaigns_offer_edit", args=[offer.pk])


class TestForm:
    @pytest.mark.parametrize("see", ["collisions", "fragment"])
    def test_the_button_shows_and_saves_nothing(self, asked, plan, ours, theirs, unwritten, see):
        asked.find = on_products
        other, offer = plan(theirs, "B"), plan(ours, "A")
        client = signed_in(make.lead_of(ours))
        client.get(edit(offer))
        with unwritten:
            answer = client.post(edit(offer), typed(offer, name="Typed", see=see))
        text = " ".join(answer.content.decode().split())
        assert answer.status_code == 200
        assert "It would collide with other departments 2 times. 2 are new." in text
        assert other.name in text
        assert "It is said 3 times." in text
        assert ("<form" in text, 'value="Typed"' in text) == ((True, True) if see == "collisions" else (False, False))

    def test_what_is_wrong_is_told_instead(self, plan, ours, unwritten):
        offer = plan(ours, "A")
        client = signed_in(make.lead_of(ours))
        client.get(edit(offer))
        for wrong, says in (
            ({"percent_off": ""}, "this kind of offer needs it"),
            ({"last_day": (offer.ends_on + timedelta(days=9)).isoformat()}, "An offer lies within its campaign"),
        ):
            with unwritten:
                text = client.post(edit(offer), typed(offer, see="collisions", **wrong)).content.decode()
            assert "It cannot be told yet what it would collide with." in text
            assert says in text

    def test_whoever_may_not_save_may_not_look(self, plan, ours):
        offer = plan(ours, "A")
        reader = make.make_user("reader")
        access.add_reason([offer.campaign_id], user=reader, why="reads")
        assert signed_in(reader).post(edit(offer), typed(offer, see="fragment")).status_code == 403
        stranger = make.lead_of(make.make_department("Z"))
        assert signed_in(stranger).post(edit(offer), typed(offer, see="fragment")).status_code == 404


class TestSaving:
    @pytest.fixture
    def offer(self, plan, ours):
        dear = make.make_product("DEAR", price=Decimal(10), cost=Decimal(6))
        return plan(ours, "A", products=[dear])

    def test_a_point_that_has_to_be_meant_is_asked_for(self, offer):
        client = signed_in(make.lead_of(offer.department))
        answer = client.post(edit(offer), typed(offer, percent_off="50"))
        text = answer.content.decode()
        assert "Sold at a loss: 1 product (DEAR)." in text
        assert '<input type="checkbox" name="confirmed" value="below_floor">' in text
        offer.refresh_from_db()
        assert offer.percent_off == 10
        assert client.post(edit(offer), typed(offer, percent_off="50", confirmed="below_floor")).status_code == 302
        offer.refresh_from_db()
        assert offer.percent_off == 50
        page = client.get(reverse("admin:campaigns_offer_change", args=[offer.pk])).content.decode()
        assert "Worth a second look" in page
        assert "Sold at a loss" in page

    def test_what_cannot_be_meant_is_refused_at_its_field(self, offer):
        client = signed_in(make.lead_of(offer.department))
        wrong = typed(offer, mechanic="fixed_price", percent_off="", fixed_price="10", confirmed="no_reduction")
        answer = client.post(edit(offer), wrong)
        assert list(answer.context["form"].errors) == ["fixed_price"]
        assert "No cheaper than without it" in answer.content.decode()
        offer.refresh_from_db()
        assert offer.fixed_price is None

    def test_a_ruling_is_not_asked(self, offer):
        fields = {"percent_off": Decimal(50)}
        offers.change_offer(offer=offer, by=make.make_user(), now=NOW, authority="K-1", fields=fields)
        offer.refresh_from_db()
        assert offer.percent_off == 50

    def test_growth_since_the_approval_has_to_be_meant(self, offer):
        make.approve(offer.campaign)
        lead = make.lead_of(offer.department)
        client = client_of(lead)
        more = [one.code for one in make.make_products(1)]
        answer = client.patch(f"/api/v1/offers/{offer.pk}/", {"add_products": more}, format="json")
        assert "approved with 1 products" in refused(answer, 400, **{"/confirmed": "scope_grew"})
        body = {"add_products": more, "confirmed": ["scope_grew"]}
        assert client.patch(f"/api/v1/offers/{offer.pk}/", body, format="json").status_code == 200


class TestApi:
    ADDRESS = "/api/v1/simulations/"

    def test_changes_of_an_offer(self, plan, ours, theirs, unwritten, products):
        other, offer = plan(theirs, "B"), plan(ours, "A", products=make.make_products(1))
        client = client_of(make.lead_of(ours))
        body = {"offer": offer.code, "change": {"add_products": [products[0].code], "percent_off": "60"}}
        with unwritten:
            answer = client.post(self.ADDRESS, body, format="json")
        told = answer.json()
        (hit,) = told["collisions"]
        assert answer.status_code == 200
        assert (hit["rule"], hit["other"]["code"], hit["shared_products"]) == ("overlap", other.code, 1)
        assert (hit["is_new"], hit["is_internal"], hit["level"], hit["score"]) == (True, False, "medium", 46)
        assert (told["collision_count"], told["gone"], told["gone_count"]) == (1, [], 0)
        assert [(one["code"], one["severity"], one["about"]) for one in told["self_checks"]] == [
            ("deep_discount", "warn", ["percent_off"])
        ]

    def test_what_would_be_gone(self, plan, ours, theirs, unwritten, products):
        other, offer = plan(theirs, "B"), plan(ours, "A")
        refresh(offer_ids=[offer.pk], now=NOW)
        body = {"offer": offer.code, "change": {"include": []}, "drop": 1}
        client = client_of(make.lead_of(ours))
        refused(client.post(self.ADDRESS, body, format="json"), 400, **{"/drop": "unknown"})
        body = {"offer": offer.code, "change": {"drop_products": [one.code for one in products]}}
        with unwritten:
            told = client.post(self.ADDRESS, body, format="json").json()
        assert told["collisions"] == []
        assert [(one["rule"], one["offers"][0]["code"]) for one in told["gone"]] == [("overlap", other.code)]
        assert told["self_checks"][0]["severity"] == "confirm"

    def test_a_new_offer(self, plan, ours, theirs, products, segment, unwritten):
        plan(theirs, "B")
        campaign = make.make_campaign(ours, "A-1", FIRST)
        offer = {"campaign": campaign.code, "code": "N", "name": "New", "add_products": [products[0].code]}
        offer["include"] = [segment.code]
        client = client_of(make.lead_of(ours))
        with unwritten:
            answer = client.post(self.ADDRESS, {"new_offer": offer}, format="json")
        assert [one["own"]["code"] for one in answer.json()["collisions"]] == ["N"]

    def test_bad_input_is_named_with_its_place(self, plan, ours, theirs):
        offer, other = plan(ours, "A"), plan(theirs, "B")
        client = client_of(make.lead_of(ours))
        late = {"ends_on": (offer.ends_on + timedelta(days=9)).isoformat()}
        for body, errors in (
            ({}, {"": "invalid"}),
            ({"change": {"name": "X"}}, {"": "invalid"}),
            ({"offer": other.code}, {"/offer": "does_not_exist"}),
            ({"offer": offer.code, "change": {"percent_off": 1.234}}, {"/change/percent_off": "too_many_places"}),
            ({"offer": offer.code, "change": late}, {"/change/starts_on": "invalid"}),
            ({"offer": offer.code, "change": {"mechanic": "bxgy"}}, None),
            ({"new_offer": {"campaign": "A-1"}}, {"/new_offer/code": "required", "/new_offer/name": "required"}),
        ):
            answer = client.post(self.ADDRESS, body, format="json")
            if errors is None:
                assert answer.status_code == 400
                assert {one["pointer"].rpartition("/")[0] for one in answer.json()["errors"]} == {"/change"}
            else:
                refused(answer, 400, **errors)

    def test_who_merely_reads_the_plan_tries_nothing(self, plan, ours):
        offer = plan(ours, "A")
        reader = make.make_user("reader")
        access.add_reason([offer.campaign_id], user=reader, why="reads")
        refused(client_of(reader).post(self.ADDRESS, {"offer": offer.code}, format="json"), 403)

    def test_the_checks_of_an_offer(self, plan, ours):
        offer = plan(ours, "A", percent_off=60)
        address = f"/api/v1/offers/{offer.pk}/checks/"
        (told,) = client_of(make.lead_of(ours)).get(address).json()["self_checks"]
        assert (told["code"], told["severity"]) == ("deep_discount", "warn")
        reader = make.make_user("reader")
        access.add_reason([offer.campaign_id], user=reader, why="reads")
        assert client_of(reader).get(address).json() == {"self_checks": []}
