from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from campaigns.actions import access, lifecycle, offers, signatures
from campaigns.choices import Mode
from campaigns.models import Offer, OfferItem, OfferProduct
from campaigns.queries.collisions import product_count
from campaigns.rules.self_checks import MEANT
from campaigns.rules.terms import TERM_COLUMNS, TERMS
from campaigns.tests.factories import (
    DAY,
    NOW,
    agreed,
    approve,
    lead_of,
    make_campaign,
    make_category,
    make_channel,
    make_department,
    make_offer,
    make_product,
    make_products,
    make_segment,
)
from customers.models import Event, HistoryEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return make_campaign()


@pytest.fixture
def lead(campaign):
    return lead_of(campaign.department)


def state_of(offer):
    return Offer.objects.filter(pk=offer.pk).values().get()


VALUES = {
    "percent_off": 10,
    "amount_off": 5,
    "fixed_price": 3,
    "buy_quantity": 2,
    "get_quantity": 1,
    "min_spend": 20,
    "points_multiplier": 2,
}


@pytest.mark.parametrize("mechanic", sorted(TERMS))
def test_database_ties_every_mechanic_to_its_own_columns(campaign, mechanic):
    needs, may = TERMS[mechanic]
    gift = make_product()
    values = VALUES | {"gift_product": gift}
    empty = dict.fromkeys(TERM_COLUMNS)
    offer = make_offer(campaign, mechanic="message", percent_off=None)
    rows = Offer.objects.filter(pk=offer.pk)

    rows.update(mechanic=mechanic, **empty | {column: values[column] for column in needs + may})
    for column in TERM_COLUMNS:
        if column in may:
            continue
        with pytest.raises(IntegrityError, match="offer_terms_fit_its_mechanic"), transaction.atomic():
            rows.update(**{column: None if column in needs else values[column]})


@pytest.mark.parametrize("percent", [0, -1, 101])
def test_a_percentage_out_of_range_is_refused(campaign, percent):
    with pytest.raises(ValidationError, match=r"is out of range: from 0.01 to 100"):
        make_offer(campaign, percent_off=percent)
    assert not Offer.objects.exists()


def test_a_new_mechanic_empties_the_terms_of_the_old_one(campaign, lead):
    offer = make_offer(campaign, percent_off=10)

    offers.change_offer(offer=offer, by=lead, now=NOW, fields={"mechanic": "amount_off", "amount_off": Decimal(5)})

    offer.refresh_from_db()
    assert (offer.mechanic, offer.amount_off, offer.percent_off) == ("amount_off", Decimal(5), None)


def test_an_offer_lies_within_its_campaign(campaign):
    with pytest.raises(ValidationError, match="lies within its campaign"):
        make_offer(campaign, starts_on=campaign.starts_on - timedelta(days=1))
    assert not Offer.objects.exists()


def test_change_counts_a_version_and_tells_once(campaign, lead):
    offer = make_offer(campaign)
    Event.objects.all().delete()

    offers.change_offer(offer=offer, by=lead, now=NOW, reason="better", fields={"percent_off": Decimal(15)})
    offers.change_offer(offer=offer, by=lead, now=NOW, fields={"percent_off": Decimal(15)})

    offer.refresh_from_db()
    assert offer.version == 2
    entry = HistoryEntry.objects.get(verb="change")
    assert (entry.changes, entry.reason) == ({"percent_off": ["10.00", "15"]}, "better")
    assert Event.objects.count() == 1


def test_change_is_refused_to_other_departments_and_changes_nothing(campaign):
    offer = make_offer(campaign)
    before = state_of(offer)

    with pytest.raises(PermissionDenied):
        offers.change_offer(offer=offer, by=lead_of(make_department()), now=NOW, fields={"percent_off": Decimal(90)})

    assert state_of(offer) == before


def test_reach_replaces_lists_and_leaves_what_is_not_named(campaign, lead):
    old, new, out = make_segment(numbers=[1]), make_segment(numbers=[2]), make_segment(numbers=[3])
    channel = make_channel()
    offer = make_offer(campaign, segments=[old], channels=[channel])

    offers.change_offer(offer=offer, by=lead, now=NOW, reach=offers.Reach(include=[new], exclude=[out]))

    rows = set(offer.audience_rows.values_list("segment__code", "mode"))
    assert rows == {(new.code, "include"), (out.code, "exclude")}
    assert list(offer.channels.all()) == [channel]


def test_taking_products_out_of_a_named_list_and_of_a_whole_category(campaign, lead):
    category = make_category()
    inside, named, other = make_products(1, category)[0], make_product(), make_product()
    offer = make_offer(campaign, categories=[category], products=[named, other])

    offers.exclude_products(offer=offer, products=[inside, named], by=lead, now=NOW)

    rows = set(OfferProduct.objects.filter(offer=offer).values_list("product", "mode"))
    assert rows == {(inside.pk, Mode.EXCLUDE), (named.pk, Mode.EXCLUDE), (other.pk, Mode.INCLUDE)}
    assert product_count([offer.pk])[offer.pk] == 1

    offers.change_offer(offer=offer, by=lead, now=NOW, reach=offers.Reach(add_products=[inside]))
    assert set(OfferProduct.objects.filter(offer=offer, mode=Mode.EXCLUDE).values_list("product", flat=True)) == {
        named.pk
    }
    assert product_count([offer.pk])[offer.pk] == 2


def test_shift_moves_offers_and_grows_the_campaign(campaign, lead):
    offer, still = make_offer(campaign), make_offer(campaign)
    first, end = campaign.starts_on, campaign.ends_before

    offers.shift_offers(offers=[offer], days=7, by=lead, now=NOW, reason="room")

    offer.refresh_from_db()
    still.refresh_from_db()
    campaign.refresh_from_db()
    week = timedelta(days=7)
    assert (offer.starts_on, offer.ends_before) == (first + week, end + week)
    assert (still.starts_on, still.ends_before) == (first, end)
    assert (campaign.starts_on, campaign.ends_before) == (first, end + week)


@pytest.mark.parametrize("days", [0, -11])
def test_shift_refuses_nothing_and_the_past(campaign, lead, days):
    offer = make_offer(campaign)
    before = state_of(offer)

    with pytest.raises(ValidationError):
        offers.shift_offers(offers=[offer], days=days, by=lead, now=NOW)

    assert state_of(offer) == before


def test_withdraw_takes_a_live_offer_back_and_empties_its_postings():
    campaign = make_campaign(starts_on=DAY)
    offer = make_offer(campaign, products=make_products(2))
    approve(campaign)
    lifecycle.keep_dates(now=NOW, agreed=agreed)
    assert OfferItem.objects.filter(offer=offer).exists()

    with pytest.raises(ValidationError, match="Say why"):
        offers.withdraw_offers(offers=[offer], by=lead_of(campaign.department), now=NOW, reason="")
    offers.withdraw_offers(offers=[offer], by=lead_of(campaign.department), now=NOW, reason="recalled")

    offer.refresh_from_db()
    assert (offer.withdrawn_at, offer.live_since) == (NOW, None)
    assert not OfferItem.objects.filter(offer=offer).exists()


def test_a_withdrawn_offer_stays_as_it_was(campaign, lead):
    offer = make_offer(campaign)
    offers.withdraw_offers(offers=[offer], by=lead, now=NOW, reason="no")
    before = state_of(offer)

    with pytest.raises(ValidationError, match="withdrawn"):
        offers.change_offer(offer=offer, by=lead, now=NOW, fields={"percent_off": Decimal(20)})

    assert state_of(offer) == before


def test_a_ruling_changes_a_live_offer_and_keeps_the_approval():
    campaign = make_campaign(starts_on=DAY)
    offer = make_offer(campaign)
    approve(campaign)
    lifecycle.keep_dates(now=NOW, agreed=agreed)
    mediator = lead_of(make_department())

    signed = signatures.signed([campaign.pk])
    offers.shift_offers(offers=[offer], days=3, by=mediator, now=NOW, reason="fair", authority="K-1")
    signatures.carry_over(signed, now=NOW)

    offer.refresh_from_db()
    campaign.refresh_from_db()
    assert (campaign.status, offer.live_since) == ("live", None)
    lifecycle.keep_dates(now=NOW + timedelta(days=3), agreed=agreed)
    offer.refresh_from_db()
    assert offer.live_since == NOW + timedelta(days=3)


def test_nobody_calls_an_offer_the_other_sides(campaign, lead):
    """Offers of one department never collide, so this would be the way around every case."""
    offer, rival = make_offer(campaign), make_department()
    with pytest.raises(ValidationError, match="Only somebody who works in") as refused:
        offers.change_offer(offer=offer, by=lead, now=NOW, fields={"department": rival})
    assert "department" in refused.value.message_dict
    with pytest.raises(ValidationError, match="Only somebody who works in"):
        offers.plan_offer(campaign=campaign, by=lead, now=NOW, code="X", fields={"name": "X", "department": rival})
    offer.refresh_from_db()
    assert offer.department == campaign.department
    assert campaign.offers.count() == 1
    access.join(department=rival, user=lead, is_lead=False, by=None, now=NOW)
    offers.change_offer(offer=offer, by=lead, now=NOW, fields={"department": rival})
    assert Offer.objects.visible(lead_of(rival)).get() == offer
    # Back home, whoever saves; and the grants of the department that had it go.
    offers.change_offer(offer=offer, by=lead, now=NOW, fields={"department": campaign.department})
    assert not Offer.objects.visible(lead_of(rival)).exists()


def test_withdrawing_from_a_live_campaign_keeps_its_approval_but_signs_nothing_new():
    campaign = make_campaign(starts_on=DAY)
    first, second, later = (
        make_offer(campaign),
        make_offer(campaign),
        make_offer(campaign, starts_on=DAY + timedelta(2)),
    )
    approve(campaign)
    lifecycle.keep_dates(now=NOW, agreed=agreed)
    lead = lead_of(campaign.department)

    offers.withdraw_offers(offers=[first], by=lead, now=NOW, reason="recalled")
    campaign.refresh_from_db()
    assert signatures.is_signed(campaign)

    Offer.objects.filter(pk=later.pk).update(percent_off=90)
    offers.withdraw_offers(offers=[second], by=lead, now=NOW, reason="recalled")
    campaign.refresh_from_db()
    assert not signatures.is_signed(campaign)


def test_terms_that_the_mechanic_lacks_or_has_no_use_for_are_named(campaign, lead):
    with pytest.raises(ValidationError) as refused:
        make_offer(campaign, mechanic="bxgy", percent_off=10, buy_quantity=2)
    assert refused.value.message_dict == {
        "get_quantity": ["Give it: this kind of offer needs it."],
        "percent_off": ["Leave it empty: this kind of offer has no use for it."],
    }
    assert not Offer.objects.exists()


def test_last_day_before_the_first_is_named(campaign):
    with pytest.raises(ValidationError) as refused:
        make_offer(campaign, ends_before=campaign.starts_on)
    assert refused.value.message_dict == {"ends_before": ["The last day is before the first."]}


def sides_of(offer):
    return {
        "segments": set(offer.audience_rows.values_list("segment__code", "mode")),
        "categories": set(offer.category_rows.values_list("category__code", "mode")),
    }


def test_what_was_left_out_is_included_and_back_in_one_change(campaign, lead):
    one, two = make_segment("ONE", numbers=[1]), make_segment("TWO", numbers=[1, 2])
    food, wine = make_category("food"), make_category("wine")
    offer = make_offer(campaign, segments=[two], without=[one], categories=[food])
    target = {("target", Mode.INCLUDE): [wine], ("target", Mode.EXCLUDE): [food]}
    for reach in (
        offers.Reach(include=[one], exclude=[two], categories=target),
        offers.Reach(
            include=[two],
            exclude=[one],
            categories={("target", Mode.INCLUDE): [food], ("target", Mode.EXCLUDE): [wine]},
        ),
    ):
        offers.change_offer(offer=offer, by=lead, now=NOW, reach=reach, confirmed=MEANT)
    assert sides_of(offer) == {
        "segments": {("TWO", "include"), ("ONE", "exclude")},
        "categories": {("food", "include"), ("wine", "exclude")},
    }


def test_nothing_is_both_included_and_left_out(campaign, lead):
    segment, category, product = make_segment("ONE", numbers=[1]), make_category("food"), make_product("P")
    offer = make_offer(campaign, segments=[segment], categories=[category])
    before = sides_of(offer), state_of(offer)
    for field, name, reach in (
        # What is stored on the other side counts as well as what is given.
        ("exclude", "ONE", offers.Reach(exclude=[segment])),
        ("exclude", "ONE", offers.Reach(include=[segment], exclude=[segment])),
        ("without_categories", "food", offers.Reach(categories={("target", Mode.EXCLUDE): [category]})),
        ("drop_products", "P", offers.Reach(add_products=[product], drop_products=[product])),
    ):
        with pytest.raises(ValidationError) as refused:
            offers.change_offer(offer=offer, by=lead, now=NOW, reach=reach)
        assert refused.value.message_dict == {field: [f"Both included and left out: {name}. Keep one."]}
    assert (sides_of(offer), state_of(offer)) == before
