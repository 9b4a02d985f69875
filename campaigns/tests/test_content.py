"""What an approval signs: everything that an offer says, and nothing that it leaves open."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from campaigns.actions import lifecycle, offers, planning, signatures
from campaigns.actions.offer_terms import DETAIL_FIELDS
from campaigns.actions.promises import Promises
from campaigns.actions.reach import Reach
from campaigns.models import (
    Campaign,
    CombinationClass,
    Fund,
    FundDraw,
    Offer,
    OfferChannelTerms,
    OfferClaim,
    Placement,
    PlacementBooking,
)
from campaigns.queries.content import content_hashes
from campaigns.queries.promises import PARTS
from campaigns.tests import factories as make

pytestmark = pytest.mark.django_db

# Of `approved_before`, as it was signed before offers said anything beside their terms.
SIGNED = "1c818c35d61d6d238bb915bb029a97d0b6546a304296d08431ca00fd12ed74a4"


def approved_before():
    """A campaign in which nothing is made up by a counter."""
    campaign = make.make_campaign(
        make.make_department("CRM"),
        "CRM-1",
        starts_on=date(2026, 11, 12),
        budget=Decimal("1500.50"),
        what="Tea",
        kpi_target=None,
        journey_stage="",
    )
    food = make.make_category("food")
    make.make_offer(
        campaign,
        "CRM-1-A",
        segments=[make.make_segment("ALL", numbers=[1, 2])],
        without=[make.make_segment("LOST", numbers=[2])],
        products=[make.make_product("P", food)],
        categories=[make.make_category("wine")],
        channels=[make.make_channel("mail")],
        priority=3,
        stackable=False,
    )
    make.make_offer(campaign, "CRM-1-B", mechanic="gift", percent_off=None, gift_product=make.make_product("G", food))
    return campaign


def hash_of(campaign):
    return content_hashes([campaign.pk])[campaign.pk]


def test_what_says_nothing_new_is_signed_as_before():
    campaign = approved_before()
    assert hash_of(campaign) == SIGNED


def test_an_approval_given_before_still_holds():
    campaign = approved_before()
    lifecycle.submit_by_import([campaign.pk], now=make.NOW)
    Campaign.objects.filter(pk=campaign.pk).update(status="approved", approved_hash=SIGNED)
    campaign.refresh_from_db()
    assert signatures.is_signed(campaign)
    offers.change_offer(
        offer=Offer.objects.get(code="CRM-1-A"), by=make.lead_of(campaign.department), now=make.NOW, promises=NOTHING
    )
    campaign.refresh_from_db()
    assert campaign.status == "approved"


NOTHING = Promises(channel_terms=[], claims=[], bookings=[], draws=[], accepts=[])


def details():
    """Every column of an offer's details, filled with something else than it has by itself."""
    return {
        "applies_to": "order",
        "max_discount": Decimal(50),
        "only_one_of_its_kind": True,
        "combination_class": CombinationClass.objects.create(code="season", name="Season"),
        "discount_base": "initial",
        "redemption_code": "TEA10",
        "eligibility": "Members",
        "returns": "14 days",
        "redemption_place": "Till",
        "per_customer_limit": 1,
        "contacts": 0,
        "item_reuse": "both",
        "recommendation_placement": Placement.objects.create(code="pop", name="Pop-up"),
        "max_recommendations": 2,
        "expected_units": 0,
        "forecast_source": "Last year",
        "reference_price": Decimal("9.99"),
        "reference_price_policy": "list",
        "message": "Tea for two",
        "why_suggested": "Because you bought tea",
    }


def test_every_detail_of_an_offer_is_signed():
    campaign = approved_before()
    lead, filled = make.lead_of(campaign.department), details()
    assert filled.keys() == DETAIL_FIELDS
    seen = [hash_of(campaign)]
    for column, value in filled.items():
        offers.change_offer(offer=Offer.objects.get(code="CRM-1-A"), by=lead, now=make.NOW, fields={column: value})
        seen.append(hash_of(campaign))
    assert len(set(seen)) == 1 + len(filled)


def rows():
    """By part of `Promises`, two things to say."""
    mail, product = make.make_channel("web"), make.make_product("TEA")
    fund, banner = (
        Fund.objects.create(
            code="fund", name="Fund", amount=100, starts_on=make.DAY, ends_before=make.DAY + timedelta(days=90)
        ),
        Placement.objects.create(code="banner", name="Banner"),
    )
    return {
        "channel_terms": [OfferChannelTerms(channel=mail, percent_off=rate, reason="Costs less") for rate in (5, 6)],
        "claims": [OfferClaim(kind="lowest_price", text=text, product=product) for text in ("Never less", "Never")],
        "bookings": [PlacementBooking(placement=banner, share=share) for share in (100, 50)],
        "draws": [FundDraw(fund=fund, amount=amount) for amount in (1, 2)],
        "accepts": CombinationClass.objects.bulk_create(
            [CombinationClass(code=code, name=code) for code in ("one", "two")]
        ),
    }


def test_every_promise_is_signed_and_a_promise_taken_back_is_forgotten():
    campaign = approved_before()
    lead, said = make.lead_of(campaign.department), rows()
    assert said.keys() == {*PARTS, "accepts"}
    offer = Offer.objects.get(code="CRM-1-A")
    offers.change_offer(offer=offer, by=lead, now=make.NOW, reach=Reach(channels=[]))
    before = hash_of(campaign)
    for part, ways in said.items():
        seen = {before}
        for way in ways:
            offers.change_offer(offer=offer, by=lead, now=make.NOW, promises=Promises(**{part: [way]}))
            seen.add(hash_of(campaign))
        assert len(seen) == 3, part
        offers.change_offer(offer=offer, by=lead, now=make.NOW, promises=NOTHING)
        assert hash_of(campaign) == before


def test_cross_sell_and_control_group_are_signed():
    campaign = approved_before()
    lead, seen = make.lead_of(campaign.department), [hash_of(campaign)]
    offer, product = Offer.objects.get(code="CRM-1-A"), make.make_product()
    for reach in (Reach(triggers=[product]), Reach(triggers=[], recommended=[product])):
        offers.change_offer(offer=offer, by=lead, now=make.NOW, reach=reach)
        seen.append(hash_of(campaign))
    for group in (make.make_segment("C1", numbers=[1]), make.make_segment("C2", numbers=[1])):
        planning.change_campaign(campaign=campaign, by=lead, now=make.NOW, control_group=group)
        seen.append(hash_of(campaign))
    assert len(set(seen)) == 5
    offers.change_offer(offer=offer, by=lead, now=make.NOW, reach=Reach(recommended=[]))
    planning.change_campaign(campaign=campaign, by=lead, now=make.NOW, control_group=None)
    assert hash_of(campaign) == SIGNED


def test_saying_more_sends_an_approved_campaign_back():
    campaign = approved_before()
    lifecycle.approve_by_import([campaign.pk], now=make.NOW)
    claim = OfferClaim(kind="free_shipping_always", text="We bring it")
    offers.change_offer(
        offer=Offer.objects.get(code="CRM-1-B"),
        by=make.lead_of(campaign.department),
        now=make.NOW,
        promises=Promises(claims=[claim]),
    )
    campaign.refresh_from_db()
    assert (campaign.status, campaign.approved_hash) == ("submitted", "")


def test_the_order_of_rows_says_nothing():
    campaign = approved_before()
    lead, offer = make.lead_of(campaign.department), Offer.objects.get(code="CRM-1-A")
    claims = [OfferClaim(kind="free_shipping_always", text=text) for text in ("One", "Two")]
    offers.change_offer(offer=offer, by=lead, now=make.NOW, promises=Promises(claims=claims))
    before = hash_of(campaign)
    OfferClaim.objects.all().delete()
    offers.change_offer(offer=offer, by=lead, now=make.NOW, promises=Promises(claims=claims[::-1]))
    assert hash_of(campaign) == before
