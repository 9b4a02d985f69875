"""The calendar in a real browser: by keyboard, without scripts, and on a phone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import CalendarFeed
from campaigns.tests import factories as make
from e2e.conftest import fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PLAN = "/admin/campaigns/campaign/plan/"


@pytest.fixture
def campaigns(transactional_db):
    today = timezone.localdate()
    mine = make.make_campaign(make.make_department("MKT"), name="Spring", starts_on=today + timedelta(days=3), days=4)
    other = make.make_department("SALES")
    make.make_campaign(other, name="Top secret", starts_on=today - timedelta(days=9), days=400)
    return mine


@pytest.mark.parametrize("javascript", [True, False])
def test_filters_a_card_and_a_feed_by_keyboard(visitors, campaigns, javascript):
    page = visitors.sign_in("lead_mkt", javascript=javascript)
    page.goto(PLAN)
    fits(page)
    expect(page.get_by_role("link", name="A draft", exact=True)).to_be_visible()
    page.get_by_text("Departments all").focus()
    page.keyboard.press("Enter")
    page.get_by_role("checkbox", name="Mkt").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Department: Mkt")).to_be_visible()
    expect(page.get_by_role("link", name="A draft", exact=True)).to_be_hidden()
    page.get_by_role("link", name="Facts of Spring").focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("region", name="Spring")
    expect(panel.get_by_role("link", name="Change dates…")).to_be_visible()
    expect(panel.get_by_role("link", name="Open the campaign")).to_be_visible()
    page.get_by_role("link", name="Subscribe (.ics)").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name").fill("Ours")
    page.keyboard.press("Enter")
    address = page.get_by_role("textbox", name="Address of the feed").input_value()
    assert "SUMMARY:Spring · Mkt" in page.request.get(address).text()
    assert CalendarFeed.objects.get().filters["departments"] == ["MKT"]


def test_names_have_room_beside_short_bars_and_bars_lie_on_their_days(visitors, campaigns):
    page = visitors.sign_in("lead_mkt")
    page.goto(PLAN)
    days = page.locator(".c-cal__bars").first.bounding_box()
    bar = page.locator(".c-cal__bars .c-bar").first.bounding_box()
    name = page.get_by_role("link", name="Spring", exact=True)
    ahead = (campaigns.starts_on - timezone.localdate()).days + timezone.localdate().weekday()
    assert bar["x"] - days["x"] == pytest.approx(ahead * days["width"] / 91, abs=2)
    assert bar["width"] == pytest.approx(4 * days["width"] / 91, abs=2)
    assert name.evaluate("one => one.scrollWidth <= one.clientWidth")


def test_a_phone_shows_a_list_with_days_in_words(visitors, campaigns):
    page = visitors.sign_in("lead_mkt")
    page.set_viewport_size({"width": 390, "height": 844})
    for query in ("", "?zoom=year", f"?zoom=week&selected={campaigns.pk}", "?view=table"):
        page.goto(PLAN + query)
        fits(page)
    page.goto(PLAN)
    expect(page.get_by_text("Draft · ").first).to_be_visible()
