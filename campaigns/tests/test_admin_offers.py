from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.actions import lifecycle
from campaigns.choices import Mode
from campaigns.models import Offer, OfferCategory, OfferProduct
from campaigns.tests import factories as make
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def campaign():
    return make.make_campaign(make.make_department("CRM"), "CRM-1", starts_on=TODAY + timedelta(days=10))


@pytest.fixture
def lead(campaign):
    return make.lead_of(campaign.department)


@pytest.fixture
def stranger():
    return make.lead_of(make.make_department("OTHER"))


def values(campaign, **changes):
    return {
        "code": "CRM-1-A",
        "name": "Ten off",
        "department": campaign.department_id,
        "starts_on": campaign.starts_on.isoformat(),
        "last_day": campaign.ends_on.isoformat(),
        "mechanic": "percent",
        "percent_off": "10",
        "stackable": "unknown",
        "add_products": "",
        "drop_products": "",
    } | changes


def new(campaign):
    return reverse("admin:campaigns_offer_new", args=[campaign.pk])


def page(name, offer):
    return reverse(f"admin:campaigns_offer_{name}", args=[offer.pk])


def test_an_offer_is_added_with_audience_channels_categories_and_products(lead, campaign):
    one, two = make.make_segment(numbers=[1, 2, 3]), make.make_segment(numbers=[3])
    channel, category = make.make_channel(), make.make_category()
    inside = make.make_product(category=category)
    make.make_product("P-OUT")
    answer = signed_in(lead).post(
        new(campaign),
        values(
            campaign,
            include=[one.pk],
            exclude=[two.pk],
            channels=[channel.pk],
            categories=[category.pk],
            add_products="P-OUT\n",
            drop_products=inside.code,
        ),
    )
    assert answer.status_code == 302
    offer = Offer.objects.get(code="CRM-1-A")
    assert offer.audience.size == 2
    assert list(offer.channels.all()) == [channel]
    assert OfferCategory.objects.get(offer=offer).category == category
    scope = {(row.product.code, row.mode) for row in OfferProduct.objects.filter(offer=offer)}
    assert scope == {("P-OUT", Mode.INCLUDE), (inside.code, Mode.EXCLUDE)}


def test_an_unknown_product_code_is_named_with_its_line(lead, campaign):
    product = make.make_product("KNOWN")
    answer = signed_in(lead).post(new(campaign), values(campaign, add_products=f"{product.code}\n\nNOPE\n"))
    text = answer.content.decode()
    assert "Line 3: there is no product with the code “NOPE”." in text
    assert "KNOWN\r\n" in text or "KNOWN\n" in text
    assert not Offer.objects.exists()


def test_many_unknown_codes_are_counted_not_listed(lead, campaign):
    codes = "\n".join(f"X{number}" for number in range(14))
    text = signed_in(lead).post(new(campaign), values(campaign, add_products=codes)).content.decode()
    assert text.count("there is no product with the code") <= 2 * 10
    assert "4 more codes are unknown." in text


def test_terms_of_another_mechanic_are_dropped_and_missing_ones_named(lead, campaign):
    client = signed_in(lead)
    text = client.post(new(campaign), values(campaign, mechanic="bxgy", percent_off="10")).content.decode()
    assert "this kind of offer needs it" in text
    assert not Offer.objects.exists()
    client.post(new(campaign), values(campaign, mechanic="bxgy", buy_quantity="2", get_quantity="1"))
    offer = Offer.objects.get()
    assert (offer.mechanic, offer.percent_off, offer.buy_quantity) == ("bxgy", None, 2)


def test_an_offer_outside_the_days_of_its_campaign_is_refused(lead, campaign):
    typed = values(campaign, last_day=(campaign.ends_on + timedelta(days=1)).isoformat())
    text = signed_in(lead).post(new(campaign), typed).content.decode()
    assert "An offer lies within its campaign" in text
    assert not Offer.objects.exists()


def test_a_segment_both_included_and_left_out_is_refused(lead, campaign):
    segment = make.make_segment()
    typed = values(campaign, include=[segment.pk], exclude=[segment.pk])
    assert "Both included and left out" in signed_in(lead).post(new(campaign), typed).content.decode()


def test_an_edit_of_an_offer_somebody_else_saved_meanwhile_is_refused(lead, campaign):
    offer = make.make_offer(campaign)
    client = signed_in(lead)
    typed = values(campaign, name="Mine", seen=str(offer.version))
    Offer.objects.filter(pk=offer.pk).update(version=offer.version + 1)
    assert "Somebody else saved this offer" in client.post(page("edit", offer), typed).content.decode()
    offer.refresh_from_db()
    assert offer.name != "Mine"


def test_an_edit_is_saved(lead, campaign):
    offer = make.make_offer(campaign)
    typed = values(campaign, name="Better", seen=str(offer.version), percent_off="12.5")
    assert signed_in(lead).post(page("edit", offer), typed).status_code == 302
    offer.refresh_from_db()
    assert (offer.name, str(offer.percent_off)) == ("Better", "12.50")


@pytest.mark.parametrize("name", ["change", "edit", "products", "withdraw"])
def test_to_a_stranger_the_offer_does_not_exist(stranger, campaign, name):
    offer = make.make_offer(campaign)
    assert signed_in(stranger).get(page(name, offer)).status_code == 404


def test_a_stranger_adds_no_offer(stranger, campaign):
    assert signed_in(stranger).post(new(campaign), values(campaign)).status_code == 404
    assert not Offer.objects.exists()


def test_a_reader_without_the_right_to_write_edits_nothing(campaign):
    admin = make.make_user("root", is_superuser=True)
    offer = make.make_offer(campaign)
    client = signed_in(admin)
    assert "Edit the offer" not in client.get(page("change", offer)).content.decode()
    assert client.get(page("edit", offer)).status_code == 403
    assert client.get(new(campaign)).status_code == 403
    assert client.post(page("edit", offer), values(campaign, name="Mine")).status_code == 403
    assert client.post(page("withdraw", offer), {"reason": "x"}).status_code == 403
    offer.refresh_from_db()
    assert (offer.name != "Mine", offer.withdrawn_at) == (True, None)


def test_withdrawing_asks_why_and_then_says_so(lead, campaign):
    offer = make.make_offer(campaign)
    client = signed_in(lead)
    assert client.get(page("withdraw", offer)).status_code == 200
    client.post(page("withdraw", offer), {"reason": ""})
    offer.refresh_from_db()
    assert offer.withdrawn_at is None
    client.post(page("withdraw", offer), {"reason": "No stock"})
    offer.refresh_from_db()
    assert offer.withdrawn_at is not None
    assert "Withdrawn" in client.get(page("change", offer)).content.decode()


def test_the_page_names_what_cannot_be_ruled_out_and_the_case_that_holds_it(lead, campaign):
    offer = make.make_offer(campaign, mechanic="", percent_off=None)
    lifecycle.set_held([offer.pk], held=True, now=make.NOW)
    text = signed_in(lead).get(page("change", offer)).content.decode()
    assert "Cannot be ruled out" in text
    assert "It names no products" in text
    assert "An open case holds this offer" in text


def test_the_products_page_shows_what_the_offer_reaches(lead, campaign):
    category = make.make_category()
    products = make.make_products(3, category)
    offer = make.make_offer(campaign, categories=[category])
    text = signed_in(lead).get(page("products", offer)).content.decode()
    assert all(product.code in text for product in products)


def test_the_list_asks_as_many_questions_for_one_offer_as_for_many(lead, campaign):
    client = signed_in(lead)
    make.make_offer(campaign, segments=[make.make_segment(numbers=[1])], products=make.make_products(1))
    address = reverse("admin:campaigns_offer_changelist")
    with_one = queries_of(client, address)
    for _ in range(8):
        make.make_offer(campaign, segments=[make.make_segment(numbers=[1])], products=make.make_products(2))
    assert queries_of(client, address) == with_one


def test_the_page_asks_as_many_questions_for_one_segment_as_for_many(lead, campaign):
    client = signed_in(lead)
    one = make.make_offer(
        campaign,
        segments=[make.make_segment(numbers=[1])],
        channels=[make.make_channel()],
        categories=[make.make_category()],
    )
    many = make.make_offer(
        campaign,
        segments=[make.make_segment(numbers=[number]) for number in range(6)],
        channels=[make.make_channel() for _ in range(4)],
        categories=[make.make_category() for _ in range(4)],
    )
    assert queries_of(client, page("change", many)) == queries_of(client, page("change", one))


def test_the_search_for_segments_offers_named_ones_only(lead, campaign):
    one, two = make.make_segment("ONE", numbers=[1]), make.make_segment("TWO", numbers=[2])
    make.make_offer(campaign, segments=[one, two])
    search = reverse("admin:autocomplete") + "?app_label=campaigns&model_name=offeraudience&field_name=segment&term="
    names = {found["text"] for found in signed_in(lead).get(search).json()["results"]}
    assert names == {"ONE", "TWO"}
