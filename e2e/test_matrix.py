"""The RACI matrix in a real browser: the check keeps up with the cells, and the keyboard is enough."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Campaign, RaciRole
from campaigns.tests import factories as make
from e2e.conftest import fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def campaign(transactional_db) -> Campaign:
    make.make_department("SALES")
    return make.make_campaign(make.make_department("MKT"), starts_on=timezone.localdate() + timedelta(days=10))


def test_the_check_keeps_up_and_the_keyboard_saves(visitors, campaign):
    page = visitors.sign_in("lead_mkt")
    page.goto(f"/admin/campaigns/campaign/{campaign.pk}/raci/")
    fits(page)
    row = page.get_by_role("row").filter(has_text="Write the messages")
    ours, theirs = (page.get_by_label(f"Write the messages, {name}", exact=True) for name in ("Mkt", "Sales"))
    expect(row.get_by_text("complete")).to_be_visible()
    ours.focus()
    page.keyboard.press("C")
    expect(row.get_by_text("no R")).to_be_visible()
    expect(row.get_by_text("complete")).to_be_hidden()
    expect(page.get_by_text("Not complete yet")).to_be_visible()
    for key in ("Tab", "R"):  # to the next department
        page.keyboard.press(key)
    expect(theirs).to_have_value("R")
    expect(row.get_by_text("complete")).to_be_visible()
    expect(page.get_by_text("Complete: everything has an A and an R.")).to_be_visible()
    page.get_by_role("button", name="Save the matrix").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Matrix saved")).to_be_visible()
    letters = RaciRole.objects.filter(activity__kind="messages").values_list("department__code", "letter")
    assert dict(letters) == {"MKT": "C", "SALES": "R"}


def test_without_scripts_the_check_tells_of_what_is_filled_in(visitors, campaign):
    RaciRole.objects.filter(activity__kind="messages").delete()
    page = visitors.sign_in("lead_mkt", javascript=False)
    page.goto(f"/admin/campaigns/campaign/{campaign.pk}/raci/")
    expect(page.get_by_role("row").filter(has_text="Write the messages").get_by_text("no R")).to_be_visible()
    expect(page.get_by_text("Not complete yet")).to_be_visible()
