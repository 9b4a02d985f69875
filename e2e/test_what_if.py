"""The form of an offer tells what it would collide with, in a real browser: while it is typed, and without scripts."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Offer
from campaigns.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def offer(transactional_db) -> Offer:
    make.make_customers(100)
    segment, products = make.make_segment(numbers=range(50)), make.make_products(3)
    for code in ("SAL", "MKT"):
        campaign = make.make_campaign(make.make_department(code), starts_on=timezone.localdate() + timedelta(days=10))
        offer = make.make_offer(campaign, segments=[segment], products=products)
        make.submit(campaign)
    return offer


def test_it_keeps_up_with_what_is_typed_and_saves_nothing(visitors, offer):
    others = make.make_segment("CLUB", numbers=range(90, 100))
    page = visitors.sign_in("lead_mkt")
    page.goto(f"/admin/campaigns/offer/{offer.pk}/edit/")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    panel = page.locator("#what-if")
    page.get_by_label("Percent off").fill("15")
    page.get_by_label("Name").press_sequentially("er and better", delay=20)
    expect(panel.locator("[data-sum]")).to_contain_text("It would collide with other departments once.")
    expect(panel.get_by_role("status")).to_contain_text("once")
    assert len(asked) == 1
    # What is chosen from a list that is searched counts as typed, too.
    page.evaluate(
        """pk => {
            const field = django.jQuery("#id_include");
            field.empty().append(new Option("CLUB", pk, true, true)).trigger("change");
        }""",
        others.pk,
    )
    expect(panel.locator("[data-sum]")).to_contain_text("It would collide with no other department.")
    assert (len(asked), Offer.objects.get(pk=offer.pk).version) == (2, offer.version)


def test_without_scripts_the_page_comes_again_with_what_was_typed(visitors, offer):
    page = visitors.sign_in("lead_mkt", javascript=False)
    page.goto(f"/admin/campaigns/offer/{offer.pk}/edit/")
    page.get_by_label("Name").fill("Better")
    page.get_by_role("button", name="See collisions").click()
    expect(page.locator("[data-sum]")).to_contain_text("It would collide with other departments once.")
    expect(page.get_by_label("Name")).to_have_value("Better")
    assert Offer.objects.get(pk=offer.pk).version == offer.version
