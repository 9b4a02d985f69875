"""What would clear a stored collision, in words, and doing it: as actions, on its page, and through the API."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from campaigns import advice
from campaigns.actions import collisions, offers
from campaigns.actions.remedies import apply_remedy
from campaigns.models import Collision, Offer
from campaigns.queries.collisions import products_of
from campaigns.queries.explanation import NOBODY, Reader, name_of, with_offers
from campaigns.queries.remedies import suggestions_of
from campaigns.queries.suggested import advice_for
from campaigns.tests import factories as make
from campaigns.tests.found import find
from customers.models import HistoryEntry
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

FIRST = timezone.localdate() + timedelta(days=30)


def plan(department, code, **fields):
    campaign = make.make_campaign(department, f"{code}-1", fields.pop("first", FIRST))
    offer = make.make_offer(campaign, f"{code}-1-O", name=f"Sale {code}", **fields)
    make.submit(campaign)
    return Offer.objects.select_related("campaign").get(pk=offer.pk)


@pytest.fixture
def products():
    return [make.make_product(f"P{number}", name=f"Product {number}") for number in range(6)]


@pytest.fixture
def segments():
    make.make_customers(80)
    return {code: make.make_segment(code, numbers) for code, numbers in (("VIP", range(40)), ("East", range(30, 60)))}


@pytest.fixture
def web():
    return make.make_channel("web")


@pytest.fixture
def ours(products, segments, web):
    fields = {"segments": [segments["VIP"], segments["East"]], "products": products[:4]}
    return plan(make.make_department("A"), "A", channels=[web, make.make_channel("mail")], **fields)


@pytest.fixture
def theirs(ours, products, segments):
    fields = {"segments": [segments["East"]], "products": products[3:]}
    channels = [one for one in ours.channels.all() if one.code == "mail"]
    return plan(make.make_department("B"), "B", channels=channels, first=FIRST + timedelta(days=8), **fields)


@pytest.fixture
def row(ours, theirs):
    refresh(ours, theirs)
    return with_offers(Collision.objects.all()).get()


@pytest.fixture
def lead(ours):
    return make.lead_of(ours.department)


def refresh(*changed):
    collisions.refresh(offer_ids=[offer.pk for offer in changed], now=timezone.now())


def suggested(row, lever="", today=None):
    with translation.override("en"):
        found = suggestions_of(row, today=today or timezone.localdate())
    return [one for one in found if lever in ("", one.remedy.lever)]


def of(row, lever, offer):
    return next(one for one in suggested(row, lever) if one.offer == offer)


def page_of(row, name="change"):
    return reverse(f"admin:campaigns_collision_{name}", args=[row.pk])


def test_the_smallest_change_of_each_kind_and_offer_is_told_exactly(row, ours, theirs):
    earlier, end = FIRST - timedelta(days=2), FIRST + timedelta(days=8)
    with translation.override("en"):
        days = advice.wording.period(earlier, end)
    assert {one.sentence for one in suggested(row)} == {
        f"Move Sale A to {days} (2 days earlier).",
        f"Move Sale B to {advice.wording.period(FIRST + timedelta(days=10), FIRST + timedelta(days=20))} (2 days later).",
        "Take 1 product (Product 3) out of Sale A.",
        "Take 1 product (Product 3) out of Sale B.",
        "Leave “East” out of Sale A, which reaches 30 customers fewer then.",
        "Run Sale A on Web alone.",
        "Withdraw Sale A.",
        "Withdraw Sale B.",
    }
    moved = of(row, "shift_dates", ours)
    assert (moved.key, moved.days, moved.customers, moved.products) == ("shift_dates:A-1-O:-2", -2, 0, 0)
    assert advice.price(of(row, "exclude_customers", ours).remedy) == ["30 customers fewer"]
    assert [one.key for one in suggested(row)] == [one.key for one in suggested(row)]


@pytest.mark.parametrize(
    "lever", ["shift_dates", "exclude_products", "exclude_customers", "restrict_channel", "withdraw"]
)
def test_what_is_applied_clears_the_collision_and_the_history_says_why(row, ours, theirs, lead, lever):
    one = of(row, lever, ours)
    apply_remedy(collision=row, key=one.key, by=lead, now=timezone.now(), reason="Agreed by telephone.")

    refresh(ours, theirs)
    assert not Collision.objects.filter(state="open").exists()
    entry = HistoryEntry.objects.filter(subject="offer:A-1-O").exclude(verb="plan").get()
    assert entry.reason.endswith("Agreed by telephone.")
    assert str(row.pk) in entry.reason
    assert entry.actor == lead.username


def test_the_segments_of_the_other_side_are_left_out(row, ours, lead):
    apply_remedy(collision=row, key=of(row, "exclude_customers", ours).key, by=lead, now=timezone.now())
    named = {(one.segment.code, one.mode) for one in ours.audience_rows.select_related("segment")}
    assert named == {("VIP", "include"), ("East", "exclude")}


def test_the_disputed_products_are_left_out(row, theirs):
    key, by = of(row, "exclude_products", theirs).key, make.lead_of(theirs.department)
    apply_remedy(collision=row, key=key, by=by, now=timezone.now())
    assert set(products_of(theirs).values_list("code", flat=True)) == {"P4", "P5"}


def test_what_is_no_suggestion_any_more_is_refused_and_changes_nothing(row, ours, lead):
    key = of(row, "shift_dates", ours).key
    earlier = {"starts_on": ours.starts_on, "ends_before": ours.ends_before - timedelta(days=1)}
    offers.change_offer(offer=ours, by=lead, now=timezone.now(), fields=earlier)
    entries = HistoryEntry.objects.count()
    for wrong in (key, "", "shift_dates:B-1-O:-1"):
        with pytest.raises(ValidationError, match=r"plan has changed|plan ha cambiado"):
            apply_remedy(collision=row, key=wrong, by=lead, now=timezone.now())
    assert HistoryEntry.objects.count() == entries


def test_nobody_changes_the_offer_of_the_other_side(row, ours, theirs, lead):
    entries = HistoryEntry.objects.count()
    for key, by in (
        (of(row, "shift_dates", theirs).key, lead),
        (of(row, "shift_dates", ours).key, make.make_user("admin", is_superuser=True)),
        ("nonsense", make.make_user("stranger")),
    ):
        with pytest.raises(PermissionDenied):
            apply_remedy(collision=row, key=key, by=by, now=timezone.now())
    assert HistoryEntry.objects.count() == entries


def test_nothing_is_offered_to_change_while_it_is_live(row, lead):
    row.offer_a.campaign.status = "live"
    told = advice_for(row, lead, NOBODY, today=timezone.localdate())
    may = {one.suggestion.remedy.lever for one in told if one.may_apply}
    assert may == {"withdraw"}


def test_the_number_of_queries_does_not_grow_with_the_plan(row, ours, lead, products, segments):
    client = signed_in(lead)
    few = queries_of(client, page_of(row))
    for code in "CD":
        third = plan(make.make_department(code), code, segments=[segments["VIP"]], products=products[:2])
        refresh(third)
    assert queries_of(client, page_of(row)) <= few + 2


class TestNew:
    """What a change would cause is told with names to who would be a party to it, or reads both plans."""

    # So late nobody moves behind the others' backs.
    TODAY = FIRST - timedelta(days=5)

    @pytest.fixture
    def third(self, ours, segments, products):
        """Meets Sale B where that moves to."""
        first = FIRST + timedelta(days=18)
        return plan(make.make_department("C"), "C", segments=[segments["East"]], products=products[4:], first=first)

    def told(self, row, offer, reader):
        found = advice_for(row, make.make_user(), reader, today=self.TODAY)
        (one,) = (it for it in found if it.suggestion.remedy.lever == "shift_dates" and it.suggestion.offer == offer)
        return [(new.name, new.level, new.offers) for new in one.new]

    def test_names_are_for_the_parties(self, row, theirs, third):
        (named,) = self.told(row, theirs, Reader(frozenset({theirs.department_id})))
        assert (named[0], named[2]) == (name_of("overlap"), ("Sale B", "Sale C"))
        assert self.told(row, theirs, NOBODY) == [(named[0], named[1], ())]

    def test_what_causes_nothing_comes_first(self, row, theirs, third):
        found = suggested(row, today=self.TODAY)
        assert [len(one.new) for one in found] == [0] * 7 + [1]
        assert found[-1].offer == theirs


class TestPage:
    def test_it_tells_what_would_clear_it_and_who_may_does_it(self, row, ours, theirs, lead):
        client = signed_in(lead)
        text = client.get(page_of(row)).content.decode()
        assert "What would clear it" in text
        assert "Run Sale A on Web alone." in text
        assert "It would cause no other collision." in text
        # The other side's offer is not hers to change, and a withdrawal has a page of its own.
        assert text.count(">Change it<") == 4
        assert reverse("admin:campaigns_offer_withdraw", args=[ours.pk]) in text
        assert reverse("admin:campaigns_offer_withdraw", args=[theirs.pk]) not in text

        key = of(row, "restrict_channel", ours).key
        answer = client.post(page_of(row, "remedy"), {"key": key}, follow=True)
        assert "Done: Run Sale A on Web alone." in answer.content.decode()
        assert [one.code for one in ours.channels.all()] == ["web"]
        # The row is older than the offer now.
        assert "It is looked at again within a minute." in answer.content.decode()

    def test_it_tells_that_the_plan_has_changed(self, row, lead):
        answer = signed_in(lead).post(page_of(row, "remedy"), {"key": "gone"}, follow=True)
        assert "The plan has changed since" in answer.content.decode()

    def test_it_says_that_none_was_found(self, echo, row, ours, theirs, lead):
        text = signed_in(lead).get(page_of(find(ours, theirs))).content.decode()
        assert "None found" in text
        assert "Change it" not in text

    @pytest.mark.parametrize(
        "change", [{"state": "settled", "settled_level": "low"}, {"state": "cleared"}, {"level": "note"}]
    )
    def test_there_is_nothing_to_do_about_what_is_over_allowed_or_noted(self, row, lead, change):
        Collision.objects.filter(pk=row.pk).update(**change)
        assert "What would clear it" not in signed_in(lead).get(page_of(row)).content.decode()


class TestApi:
    def test_it_tells_and_does_it_once(self, row, ours, lead):
        client, address = client_of(lead), f"/api/v1/collisions/{row.pk}/remedies/"
        found = client.get(address, headers={"accept-language": "en"}).json()["results"]
        one = next(one for one in found if one["lever"] == "exclude_customers")
        assert one == {
            "key": of(row, "exclude_customers", ours).key,
            "lever": "exclude_customers",
            "sentence": "Leave “East” out of Sale A, which reaches 30 customers fewer then.",
            "offer": "A-1-O",
            "offers": ["A-1-O"],
            "days": 0,
            "customers": 30,
            "products": 0,
            "new": [],
            "may_apply": True,
        }
        for replayed in (None, "true"):
            answer = client.post(address, {"key": one["key"]}, headers={"Idempotency-Key": "k-1"})
            assert (answer.status_code, answer.json()["offers"]) == (200, ["A-1-O"])
            assert answer.headers.get("Idempotency-Replayed") == replayed
        assert HistoryEntry.objects.filter(subject="offer:A-1-O", verb="change").count() == 1
        refused(client.post(address, {"key": one["key"]}), 409)
        refused(client.post(address, {}), 400, **{"/key": "required"})
