"""What an offer says beside its terms: written with it, or not at all."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from campaigns import wording
from campaigns.actions import offers
from campaigns.actions.promises import Promises
from campaigns.actions.reach import Reach
from campaigns.models import (
    CombinationClass,
    Fund,
    FundDraw,
    OfferChannelTerms,
    OfferClaim,
    Placement,
    PlacementBooking,
)
from campaigns.tests import factories as make
from campaigns.tests.promising import change, refused, said, state_of, told
from customers.models import Event, HistoryEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return make.make_campaign(make.make_department("CRM"), "CRM-1")


@pytest.fixture
def lead(campaign):
    return make.lead_of(campaign.department)


@pytest.fixture
def mail():
    return make.make_channel("mail")


@pytest.fixture
def banner():
    return Placement.objects.create(code="banner", name="Home banner")


@pytest.fixture
def fund():
    end = make.DAY + timedelta(days=90)
    return Fund.objects.create(code="joint", name="Joint fund", amount=900, starts_on=make.DAY, ends_before=end)


def everything(mail, banner, fund):
    return Promises(
        channel_terms=[OfferChannelTerms(channel=mail, percent_off=12, is_exclusive=True, reason="Costs less")],
        claims=[
            OfferClaim(kind="lowest_price", text="Never cheaper", product=make.make_product("TEA"), is_legal=True),
            OfferClaim(kind="free_shipping_always", text="We bring it", amount=Decimal("20.00")),
        ],
        bookings=[PlacementBooking(placement=banner, share=50, goal="margin")],
        draws=[FundDraw(fund=fund, amount=Decimal("99.50"))],
        accepts=[CombinationClass.objects.create(code="season", name="Season")],
    )


SAID = {
    "channel_terms": [{"channel": "mail", "percent_off": "12", "is_exclusive": True, "reason": "Costs less"}],
    "claims": [
        {"kind": "lowest_price", "text": "Never cheaper", "product": "TEA", "is_legal": True},
        {"kind": "free_shipping_always", "text": "We bring it", "amount": "20"},
    ],
    "bookings": [
        {
            "placement": "banner",
            "starts_on": "2026-11-12",
            "ends_before": "2026-11-22",
            "share": "50",
            "goal": "margin",
        }
    ],
    "draws": [{"fund": "joint", "amount": "99.5"}],
    "accepts": ["season"],
}


BRINGS = "kind: Shipping is always free, sentence: We bring it, amount: 20"


def test_a_new_offer_says_everything_at_once(campaign, mail, banner, fund):
    offer = make.make_offer(campaign, channels=[mail], promises=everything(mail, banner, fund))
    assert said(offer) == SAID
    assert offer.version == 1


def test_a_change_is_one_version_one_entry_and_one_event(campaign, lead, mail, banner, fund):
    offer, promises = make.make_offer(campaign), everything(mail, banner, fund)
    Event.objects.all().delete()
    for _ in range(2):
        change(offer, lead, promises=promises, expected_units=40)
    offer.refresh_from_db()
    assert (offer.version, offer.expected_units, said(offer)) == (2, 40, SAID)
    entry = HistoryEntry.objects.get(verb="change")
    assert entry.changes == {"expected_units": [None, 40]} | {part: [[], SAID[part]] for part in SAID}
    assert list(Event.objects.values_list("topic", "payload")) == [("offer.changed", {"offers": [offer.pk]})]
    assert told() == {
        "units expected": ("—", "40"),
        "terms on channels": ("—", "channel: mail, percent off: 12, only here, reason: Costs less"),
        "claims": (
            "—",
            f"kind: Lowest price, sentence: Never cheaper, product: TEA, the law asks for it; {BRINGS}",
        ),
        "bookings of placements": (
            "—",
            "placement: banner, first day: 12 Nov 2026, last day: 21 Nov 2026, share (%): 50, goal: Protect the margin",
        ),
        "draws on funds": ("—", "fund: joint, amount: 99.5"),
        "combines with": ("—", "season"),
    }


def test_the_history_names_only_the_rows_that_changed(campaign, lead):
    claims = [OfferClaim(kind="free_shipping_always", text=text) for text in ("One", "Two", "Two", "Three")]
    offer = make.make_offer(campaign, promises=Promises(claims=claims))
    change(offer, lead, promises=Promises(claims=[*claims[:2], OfferClaim(kind="free_shipping_always", text="Four")]))
    kind = "kind: Shipping is always free, sentence:"
    assert told() == {"claims": (f"{kind} Two; {kind} Three", f"{kind} Four")}
    assert [one["text"] for one in said(offer)["claims"]] == ["One", "Two", "Four"]


def test_what_is_not_named_stays(campaign, lead, mail, banner, fund):
    offer = make.make_offer(campaign, channels=[mail], promises=everything(mail, banner, fund))
    change(offer, lead, promises=Promises(claims=[], accepts=[]), name="Other")
    assert said(offer) == {part: rows for part, rows in SAID.items() if part not in ("claims", "accepts")}


def test_rows_of_the_caller_are_left_as_they_are(campaign, banner):
    booking = PlacementBooking(placement=banner)
    make.make_offer(campaign, promises=Promises(bookings=[booking]))
    assert (booking.pk, booking.starts_on, booking.offer_id) == (None, None, None)


def test_others_promise_nothing(campaign, fund):
    offer = make.make_offer(campaign)
    before = state_of(offer)
    with pytest.raises(PermissionDenied):
        change(
            offer,
            make.lead_of(make.make_department()),
            promises=Promises(draws=[FundDraw(fund=fund, amount=1)]),
        )
    assert state_of(offer) == before


def test_rows_that_do_not_hold_are_named(campaign, lead, mail, banner, fund):
    offer, tea = make.make_offer(campaign), make.make_product("TEA")
    for promises, errors in (
        (
            {"claims": [OfferClaim(kind="lowest_price", text="Never cheaper")]},
            ["Never cheaper: product: Give it: this kind of claim needs it."],
        ),
        (
            {"claims": [OfferClaim(kind="never_discounted", text="Never", brand="Acme", product=tea)]},
            ["Never: product: Leave it empty: this kind of claim has no use for it."],
        ),
        (
            {"claims": [OfferClaim(text="Never"), OfferClaim(kind="ends")]},
            ["Never: kind: This field cannot be blank.", "row 2: sentence: This field cannot be blank."],
        ),
        (
            {"channel_terms": [OfferChannelTerms(channel=mail, percent_off=1, amount_off=1, reason="x")]},
            ["Mail: Give one: a percentage, an amount or a price."],
        ),
        (
            {"channel_terms": [OfferChannelTerms(channel=mail, percent_off=rate, reason="x") for rate in (1, 2)]},
            ["“Mail” stands here twice."],
        ),
        (
            {"bookings": [PlacementBooking(placement=banner, share=101)]},
            ["Home banner, 12–21 Nov 2026: share (%): “101” is out of range: from 0.01 to 100"],
        ),
        (
            {
                "bookings": [
                    PlacementBooking(placement=banner, starts_on=campaign.ends_on, ends_before=campaign.starts_on)
                ]
            },
            None,
        ),
        ({"bookings": [PlacementBooking()]}, ["row 1: placement: This field cannot be null."]),
        (
            {"draws": [FundDraw(fund=fund, amount=0)]},
            ["Joint fund: amount: “0” is out of range: from 0.01 to 9999999999.99"],
        ),
        ({"draws": [FundDraw(fund=fund, amount=1) for _ in "ab"]}, ["“Joint fund” stands here twice."]),
        (
            {"claims": [OfferClaim(kind="free_shipping_always", text=str(number)) for number in range(21)]},
            ["At most 20 rows, please."],
        ),
    ):
        (part,) = promises
        found = refused(offer, lead, Promises(**promises))
        assert found.keys() == {part}
        if errors:
            assert found[part] == errors
        else:
            assert "The last day is before the first." in found[part][0]


def test_terms_of_a_channel_need_the_channel_and_a_price(campaign, lead, mail):
    web = make.make_channel("web")
    terms = Promises(channel_terms=[OfferChannelTerms(channel=mail, percent_off=12, reason="Costs less")])
    elsewhere = {
        "channel_terms": ["The offer does not run on “Mail”, so it has no terms of its own there."],
    }
    offer = make.make_offer(campaign, channels=[web])
    assert refused(offer, lead, terms) == elsewhere
    # An offer without channels runs on every one, until somebody names them.
    offers.change_offer(offer=offer, by=lead, now=make.NOW, reach=Reach(channels=[]), promises=terms)
    with pytest.raises(ValidationError) as error:
        offers.change_offer(offer=offer, by=lead, now=make.NOW, reach=Reach(channels=[web]))
    assert error.value.message_dict == elsewhere
    assert not offer.channels.exists()
    for mechanic in ("message", ""):
        words = make.make_offer(campaign, mechanic=mechanic, percent_off=None)
        assert refused(words, lead, terms) == {
            "channel_terms": ["An offer without a price has no other price on a channel."]
        }


def test_an_offer_that_becomes_a_message_forgets_prices_of_channels_and_caps(campaign, lead, mail):
    terms = Promises(channel_terms=[OfferChannelTerms(channel=mail, percent_off=12, reason="Costs less")])
    offer = make.make_offer(campaign, promises=terms, max_discount=20)
    change(offer, lead, mechanic="message")
    offer.refresh_from_db()
    assert (offer.max_discount, said(offer)) == (None, {})
    assert told() == {
        "mechanic": ("Percent off", "Message without price"),
        "percent off": ("10.00", "—"),
        "most discount per order": ("20.00", "—"),
        "terms on channels": ("channel: mail, percent off: 12, reason: Costs less", "—"),
    }


@pytest.mark.parametrize("mechanic", ["", "message", "points", "gift"])
def test_only_a_discount_has_a_cap(campaign, lead, mechanic):
    terms = {"points_multiplier": 2} if mechanic == "points" else {}
    offer = make.make_offer(campaign, mechanic=mechanic, percent_off=None, **terms)
    errors = {"max_discount": ["Leave it empty: this kind of offer has no use for it."]}
    assert refused(offer, lead, max_discount=20) == errors
    with pytest.raises(ValidationError) as error:
        make.make_offer(campaign, mechanic=mechanic, percent_off=None, max_discount=20, **terms)
    assert error.value.message_dict == errors


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (
            {"kind": "lowest_price", "amount": Decimal(9), "until": date(2026, 12, 24)},
            "until 24 Dec 2026 · at 9.00 USD",
        ),
        ({"kind": "free_shipping_always", "amount": Decimal(20)}, "from 20.00 USD"),
        ({"kind": "never_discounted", "brand": "Acme"}, "Acme"),
        ({"kind": "limited_quantity", "quantity": 1}, "1 unit"),
        ({"kind": "limited_quantity", "quantity": 1200}, "1,200 units"),
        ({"kind": "free_shipping_always"}, ""),
    ],
)
def test_what_a_claim_speaks_of_is_told_in_a_few_words(claim, words):
    assert wording.speaks_of(OfferClaim(text="Said", **claim)) == words
