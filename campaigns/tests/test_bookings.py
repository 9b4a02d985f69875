"""Bookings of placements and the days of their offer."""

from datetime import timedelta

import pytest

from campaigns.actions import offers
from campaigns.actions.promises import Promises
from campaigns.models import Offer, Placement, PlacementBooking
from campaigns.tests import factories as make
from campaigns.tests.promising import change, refused, told

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def campaign():
    return make.make_campaign(make.make_department("CRM"), "CRM-1")


@pytest.fixture
def lead(campaign):
    return make.lead_of(campaign.department)


@pytest.fixture
def banner():
    return Placement.objects.create(code="banner", name="Home banner")


SHARED = "placement: {}, first day: {} Nov 2026, last day: {} Nov 2026, share (%): 100"


def booked(offer):
    return sorted(offer.bookings.values_list("placement__code", "starts_on", "ends_before"))


@pytest.fixture
def shelf():
    return Placement.objects.create(code="shelf", name="Shelf end")


def test_a_booking_outside_the_offer_is_named(campaign, lead, banner, shelf):
    offer = make.make_offer(campaign)
    first, end = campaign.starts_on, campaign.ends_before
    bookings = [
        PlacementBooking(placement=shelf, starts_on=first, ends_before=end),
        PlacementBooking(placement=banner, starts_on=first - DAY, ends_before=end),
        PlacementBooking(placement=banner, starts_on=end - DAY, ends_before=end + DAY),
    ]
    assert refused(offer, lead, Promises(bookings=bookings)) == {
        "bookings": [
            "The booking of “Home banner, 11–21 Nov 2026” lies outside the days of the offer, 12–21 Nov 2026.",
            "The booking of “Home banner, 21–22 Nov 2026” lies outside the days of the offer, 12–21 Nov 2026.",
        ]
    }


def test_an_offer_does_not_shrink_away_from_under_a_booking(campaign, lead, banner):
    first, end = campaign.starts_on, campaign.ends_before
    booking = PlacementBooking(placement=banner, starts_on=end - DAY, ends_before=end)
    offer = make.make_offer(campaign, promises=Promises(bookings=[booking]))
    assert refused(offer, lead, ends_before=end - DAY) == {
        "bookings": ["The booking of “Home banner, 21 Nov 2026” lies outside the days of the offer, 12–20 Nov 2026."]
    }
    change(offer, lead, starts_on=first + DAY)
    assert booked(offer) == [("banner", end - DAY, end)]


def test_a_booking_for_as_long_as_the_offer_runs_follows_it(campaign, lead, banner):
    offer = make.make_offer(campaign, promises=Promises(bookings=[PlacementBooking(placement=banner)]))
    first, end = campaign.starts_on, campaign.ends_before
    change(offer, lead, ends_before=end - DAY)
    change(offer, lead, starts_on=first + DAY)
    assert booked(offer) == [("banner", first + DAY, end - DAY)]


def test_a_ruling_that_moves_an_offer_moves_its_bookings(campaign, banner, shelf):
    first, end = campaign.starts_on, campaign.ends_before
    bookings = [
        PlacementBooking(placement=banner, starts_on=first + DAY, ends_before=end - DAY),
        PlacementBooking(placement=shelf),
    ]
    offer, other = (make.make_offer(campaign, promises=Promises(bookings=bookings)) for _ in range(2))
    mediator, week = make.make_user("mediator"), timedelta(days=7)
    offers.shift_offers(offers=[offer], days=7, by=mediator, now=make.NOW, reason="room", authority="K-1")
    assert booked(offer) == [("banner", first + DAY + week, end - DAY + week), ("shelf", first + week, end + week)]
    assert booked(other) == [("banner", first + DAY, end - DAY), ("shelf", first, end)]
    assert told()["bookings of placements"] == (
        f"{SHARED.format('banner', 13, 20)}; {SHARED.format('shelf', 12, 21)}",
        f"{SHARED.format('banner', 20, 27)}; {SHARED.format('shelf', 19, 28)}",
    )


def test_a_booking_that_an_import_left_outside_stops_no_ruling(campaign, banner):
    offer = make.make_offer(campaign, promises=Promises(bookings=[PlacementBooking(placement=banner)]))
    first, end = campaign.starts_on, campaign.ends_before
    Offer.objects.filter(pk=offer.pk).update(ends_before=end - DAY)
    mandate = {"by": make.make_user("mediator"), "now": make.NOW, "authority": "K-1"}
    offers.exclude_products(offer=offer, products=[make.make_product()], **mandate)
    offers.shift_offers(offers=[offer], days=1, **mandate)
    assert booked(offer) == [("banner", first + DAY, end + DAY)]
