"""What an offer says beside its terms, in its form and on its page."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.actions.promises import Promises
from campaigns.models import (
    CombinationClass,
    Fund,
    FundDraw,
    Offer,
    OfferChannelTerms,
    OfferClaim,
    Placement,
    PlacementBooking,
)
from campaigns.tests import factories as make
from campaigns.tests.promising import said, state_of
from campaigns.tests.test_content import details
from campaigns.tests.typed import typed
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def campaign():
    starts_on = timezone.localdate() + timedelta(days=10)
    return make.make_campaign(make.make_department("CRM"), "CRM-1", starts_on=starts_on)


@pytest.fixture
def client(campaign):
    return signed_in(make.lead_of(campaign.department))


@pytest.fixture
def mail():
    return make.make_channel("mail")


@pytest.fixture
def banner():
    return Placement.objects.create(code="banner", name="Home banner")


@pytest.fixture
def fund(campaign):
    days = {"starts_on": campaign.starts_on, "ends_before": campaign.ends_before}
    return Fund.objects.create(code="joint", name="Joint fund", amount=900, **days)


@pytest.fixture
def season():
    return CombinationClass.objects.create(code="classic", name="Classic")


@pytest.fixture
def full(campaign, mail, banner, fund, season):
    """An offer that says everything."""
    tea, new = make.make_product("TEA"), make.make_segment("NEW", numbers=[1])
    promises = Promises(
        channel_terms=[OfferChannelTerms(channel=mail, fixed_price=3, is_exclusive=True, reason="Costs less")],
        claims=[
            OfferClaim(kind="lowest_price", text="Never cheaper", product=tea, until=campaign.ends_on, is_legal=True),
            OfferClaim(kind="exclusive_to", text="For you", segment=new),
        ],
        bookings=[
            PlacementBooking(placement=banner, share=50, goal="margin"),
            PlacementBooking(
                placement=banner, starts_on=campaign.starts_on, ends_before=campaign.starts_on + DAY, share=25
            ),
        ],
        draws=[FundDraw(fund=fund, amount=99)],
        accepts=[season],
    )
    offer = make.make_offer(campaign, "CRM-1-A", promises=promises, **details())
    offer.product_rows.create(product=tea, role="trigger")
    offer.product_rows.create(product=make.make_product("CUP"), role="recommended")
    return offer


def edit(offer):
    return reverse("admin:campaigns_offer_edit", args=[offer.pk])


def form_of(client, address):
    return typed(client.get(address).content.decode())


def open_sections(text):
    return set(re.findall(r'<details class="c-card c-section" id="(\w+)" open>', text))


def test_saving_what_is_there_changes_nothing(client, full):
    before = state_of(full)
    sent = form_of(client, edit(full))
    assert sent["claims-TOTAL_FORMS"] == ["4"]
    assert sent["bookings-0-starts_on"] == [""]  # as long as the offer runs
    assert client.post(edit(full), sent).status_code == 302
    assert state_of(full) == before


def test_everything_is_typed_into_two_empty_rows(client, campaign, mail, banner, fund, season):
    make.make_product("TEA"), make.make_product("CUP"), make.make_segment("NEW", numbers=[1])
    new = reverse("admin:campaigns_offer_new", args=[campaign.pk])
    rows = {
        "claims-0": {"kind": "lowest_price", "text": "Never cheaper", "product": "TEA", "brand": "not meant"},
        "claims-1": {"kind": "exclusive_to", "text": "For you", "segment": "NEW", "is_legal": "on"},
        "channel_terms-1": {"channel": mail.pk, "percent_off": "12.5", "reason": "Costs less"},
        "bookings-0": {"placement": banner.pk},
        "bookings-1": {
            "placement": banner.pk,
            "starts_on": campaign.ends_on.isoformat(),
            "share": "25",
            "goal": "margin",
        },
        "draws-0": {"fund": fund.pk, "amount": "99.50"},
    }
    sent = form_of(client, new) | {
        "name": "Ten off",
        "mechanic": "percent",
        "percent_off": "10",
        "max_discount": "20",
        "contacts": "2",
        "accepts": [season.pk],
        "triggers": "TEA",
        "recommended": "CUP",
        **{f"{row}-{name}": value for row, values in rows.items() for name, value in values.items()},
    }
    answer = client.post(new, sent)
    assert answer.status_code == 302, answer.context["form"].errors or answer.context["form"].problems()
    offer = Offer.objects.get()
    days = {"starts_on": campaign.starts_on.isoformat(), "ends_before": campaign.ends_before.isoformat()}
    last = {"starts_on": campaign.ends_on.isoformat(), "ends_before": campaign.ends_before.isoformat()}
    assert said(offer) == {
        "claims": [
            {"kind": "lowest_price", "text": "Never cheaper", "product": "TEA"},
            {"kind": "exclusive_to", "text": "For you", "segment": "NEW", "is_legal": True},
        ],
        "channel_terms": [{"channel": "mail", "percent_off": "12.5", "reason": "Costs less"}],
        "bookings": [
            {"placement": "banner", **days, "share": "100"},
            {"placement": "banner", **last, "share": "25", "goal": "margin"},
        ],
        "draws": [{"fund": "joint", "amount": "99.5"}],
        "accepts": ["classic"],
    }
    assert sorted(offer.product_rows.values_list("product__code", "role")) == [
        ("CUP", "recommended"),
        ("TEA", "trigger"),
    ]
    assert (offer.max_discount, offer.contacts, offer.max_recommendations, offer.applies_to) == (20, 2, 1, "item")


def test_rows_are_taken_out_by_their_tick_or_by_emptying_them(client, full):
    sent = form_of(client, edit(full)) | {"claims-0-DELETE": "on", "draws-0-fund": "", "draws-0-amount": ""}
    # A row that is taken out need not be right.
    sent |= {"claims-0-text": ""}
    before = said(full)
    assert client.post(edit(full), sent).status_code == 302
    assert said(full) == {name: rows for name, rows in before.items() if name != "draws"} | {
        "claims": before["claims"][1:]
    }


def test_rows_that_were_not_sent_stay(client, full):
    sent = {
        name: value
        for name, value in form_of(client, edit(full)).items()
        if not name.startswith(("claims-", "channel_terms-", "bookings-", "draws-"))
    }
    before = said(full)
    assert client.post(edit(full), sent | {"name": "Other"}).status_code == 302
    full.refresh_from_db()
    assert (full.name, said(full)) == ("Other", before)


def test_bad_rows_are_shown_again_beside_what_is_wrong(client, campaign, full, mail):
    before = state_of(full)
    sent = form_of(client, edit(full)) | {
        "claims-2-kind": "lowest_price",
        "claims-2-text": "Cheapest",
        "claims-2-product": "NOPE",
        "claims-3-text": "Of no kind",
        "channel_terms-1-channel": mail.pk,
        "channel_terms-1-percent_off": "5",
        "channel_terms-1-amount_off": "5",
        "bookings-2-placement": "987654",
        "bookings-2-share": "400",
        "draws-1-amount": "lots",
    }
    text = client.post(edit(full), sent).content.decode()
    assert state_of(full) == before
    for message in (
        "There is no product with the code “NOPE”.",
        "Give one: a percentage, an amount or a price.",
        "“400” is out of range: from 0.01 to 100",
        "“lots” is not a number",
        "Select a valid choice.",
        "This field is required.",
    ):
        assert message in text
    again = typed(text)
    # There is no such placement to choose, rows have been added, and the token is another one each time.
    own = {"bookings-2-placement", "csrfmiddlewaretoken", *(name for name in sent if name.endswith("-TOTAL_FORMS"))}
    kept = {name: value if isinstance(value, list) else [str(value)] for name, value in sent.items()}
    assert {name: value for name, value in again.items() if name in sent.keys() - own} == {
        name: value for name, value in kept.items() if name not in own
    }
    assert open_sections(text) == {"combines", "says", "takes", "moves"}
    # The two empty rows have been filled, so there are two more.
    assert again["claims-TOTAL_FORMS"] == ["6"]
    assert again["claims-5-text"] == [""]


def test_what_the_action_refuses_stands_with_the_rows(client, campaign, full):
    before = state_of(full)
    sent = form_of(client, edit(full))
    day = (campaign.starts_on - DAY).isoformat()
    twice = {"draws-1-fund": sent["draws-0-fund"], "draws-1-amount": "1"}
    for wrong, message in (
        ({"bookings-1-starts_on": day}, "The booking of “Home banner, "),
        (twice, "“Joint fund” stands here twice."),
    ):
        text = client.post(edit(full), sent | wrong).content.decode()
        assert text.count(message) == 2  # on top, and beside the rows
        assert state_of(full) == before


def test_nothing_open_where_nothing_stands(client, campaign):
    offer = make.make_offer(campaign)
    assert open_sections(client.get(edit(offer)).content.decode()) == set()
    assert (
        open_sections(client.get(reverse("admin:campaigns_offer_new", args=[campaign.pk])).content.decode()) == set()
    )
    for name, fields in {
        "combines": {"item_reuse": "both"},
        "says": {"redemption_code": "TEA"},
        "takes": {"contacts": 0},
        "moves": {"max_recommendations": 2},
    }.items():
        offer = make.make_offer(campaign, **fields)
        assert open_sections(client.get(edit(offer)).content.decode()) == {name}


def test_a_section_opens_for_what_is_wrong_in_it(client, campaign):
    offer = make.make_offer(campaign)
    sent = form_of(client, edit(offer))
    for name, field in {"combines": "discount_base", "says": "per_customer_limit", "moves": "triggers"}.items():
        text = client.post(edit(offer), sent | {field: "NOPE"}).content.decode()
        assert open_sections(text) == {name}


def test_a_message_has_neither_cap_nor_terms_on_channels(client, full):
    """The page hides them, so they are not meant."""
    sent = form_of(client, edit(full)) | {"mechanic": "message", "channel_terms-0-reason": ""}
    assert client.post(edit(full), sent).status_code == 302
    full.refresh_from_db()
    assert (full.mechanic, full.max_discount, full.applies_to) == ("message", None, "item")
    assert "channel_terms" not in said(full)


def test_the_page_shows_all_that_is_filled(client, full):
    text = client.get(reverse("admin:campaigns_offer_change", args=[full.pk])).content.decode()
    for shown in (
        "How it combines",
        "What it says",
        "What it takes",
        "What it moves",
        "the whole order",
        "50.00",
        "Season",
        "the price before other discounts",
        "TEA10",
        "Members",
        "14 days",
        "Till",
        "9.99",
        "the list price",
        "“Never cheaper”",
        "the law asks for it",
        "Only for some customers or one channel",
        "Mail: for 3.00",
        "only here · Costs less",
        "Home banner",
        "50 % · Protect the margin",
        "Joint fund",
        "99.00",
        "Pop-up",
        "Last year",
        "Classic",
        "CUP",
    ):
        assert shown in text, shown


def test_the_page_of_an_offer_that_says_no_more_has_no_empty_headings(client, campaign):
    text = client.get(reverse("admin:campaigns_offer_change", args=[make.make_offer(campaign).pk])).content.decode()
    assert not [name for name in ("How it combines", "What it says", "What it takes", "What it moves") if name in text]


@pytest.mark.parametrize("name", ["change", "edit"])
def test_pages_ask_as_many_questions_for_many_rows(client, campaign, full, banner, fund, name):
    with_some = queries_of(client, reverse(f"admin:campaigns_offer_{name}", args=[full.pk]))
    for number in range(6):
        full.claims.create(kind="lowest_price", text=f"Claim {number}", product=make.make_product())
        full.bookings.create(placement=banner, starts_on=full.starts_on, ends_before=full.ends_before)
        full.product_rows.create(product=make.make_product(), role="trigger")
    assert queries_of(client, reverse(f"admin:campaigns_offer_{name}", args=[full.pk])) == with_some


def test_a_control_group_is_chosen_in_the_brief(client, campaign):
    group = make.make_segment("CONTROL", numbers=[1, 2])
    page = reverse("admin:campaigns_campaign_brief", args=[campaign.pk])
    assert client.post(page, form_of(client, page) | {"control_group": group.pk}).status_code == 302
    campaign.refresh_from_db()
    assert campaign.control_group == group
    search = reverse("admin:autocomplete") + "?app_label=campaigns&model_name=campaign&field_name=control_group&term="
    make.make_offer(campaign, segments=[group, make.make_segment("OTHER", numbers=[3])])  # a combined segment
    assert {found["text"] for found in client.get(search).json()["results"]} == {"CONTROL", "OTHER"}
    shown = client.get(reverse("admin:campaigns_campaign_change", args=[campaign.pk])).content.decode()
    assert "control group: CONTROL" in shown
