"""From a template to a live campaign in a real browser, with two approvals and few clicks."""

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from approvals import tasks as agreement
from approvals.actions import approval_rules
from campaigns import tasks as planning
from campaigns.actions import access, raci_templates
from campaigns.models import Campaign, RaciRole
from campaigns.tests import factories as make
from e2e.conftest import Visitors, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_CLICKS = 25


class Clicks:
    """Counts what a person presses."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, locator: Locator) -> None:
        locator.click()
        self.count += 1


@pytest.fixture
def campaign(transactional_db) -> Campaign:
    """A draft that begins today, a template that involves SALES, and a director who approves by rule above a budget."""
    mkt, sales = make.make_department("MKT"), make.make_department("SALES")
    access.join(department=mkt, user=make.make_user("second"), is_lead=True, by=None, now=make.NOW)
    admin = make.make_user("root", is_superuser=True)
    lead = make.lead_of(mkt)
    pattern = make.make_campaign(mkt, "OLD")
    pattern.activities.get(kind="messages").roles.create(letter="C", department=sales)
    raci_templates.keep(campaign=pattern, name="With an opinion of Sales", by=lead, now=make.NOW)
    approval_rules.put(
        rule=None,
        department=None,
        measure="budget",
        above=1000,
        approver=make.make_user("director"),
        by=admin,
        now=make.NOW,
    )
    campaign = make.make_campaign(mkt, "NEW", starts_on=timezone.localdate(), name="Winter at home", budget=5000)
    make.make_offer(campaign)
    return campaign


def status(campaign: Campaign) -> str:
    campaign.refresh_from_db()
    return campaign.status


def test_from_a_template_to_live(campaign: Campaign, visitors: Visitors) -> None:
    clicks = Clicks()
    lead = visitors.sign_in("lead_mkt")
    lead.goto(f"/admin/campaigns/campaign/{campaign.pk}/change/")
    fits(lead)
    clicks.on(lead.get_by_role("link", name="Edit the matrix"))
    clicks.on(lead.get_by_text("Begin with a template or another campaign"))
    lead.get_by_label("template", exact=True).select_option(label="With an opinion of Sales")
    clicks.on(lead.get_by_role("button", name="Fill in from the template"))
    clicks.on(lead.get_by_role("button", name="Save the matrix").last)
    assert RaciRole.objects.filter(activity__campaign=campaign, letter="C").count() == 1
    lead.goto(f"/admin/campaigns/campaign/{campaign.pk}/change/")
    clicks.on(lead.get_by_role("link", name="Submit", exact=True))
    fits(lead)
    clicks.on(lead.get_by_role("button", name="Submit", exact=True))
    expect(lead.get_by_text("Submitted.", exact=False).first).to_be_visible()
    assert status(campaign) == "submitted"

    for username in ("second", "director"):
        assert status(campaign) == "submitted"
        approve(visitors.sign_in(username), clicks)
    assert status(campaign) == "approved"

    agreement.task_sweep()
    planning.task_sweep()
    assert status(campaign) == "live"
    assert clicks.count <= MOST_CLICKS
    assert campaign.offers.get().live_since is not None


def approve(page: Page, clicks: Clicks) -> None:
    page.goto("/admin/")
    row = page.get_by_role("region", name="Your turn").get_by_role("row").filter(has_text="Winter at home")
    clicks.on(row.get_by_role("link").last)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Review")
    fits(page)
    clicks.on(page.get_by_role("button", name="Send my answer"))
    page.wait_for_url("**/campaign/*/change/")


def test_a_stale_page_is_voted_on_only_after_it_was_read_again(campaign: Campaign, visitors: Visitors) -> None:
    lead, second = visitors.sign_in("lead_mkt"), visitors.sign_in("second")
    lead.goto(f"/admin/approvals/review/campaign/{campaign.pk}/submit/")
    lead.get_by_role("button", name="Submit", exact=True).click()
    second.goto(f"/admin/approvals/review/campaign/{campaign.pk}/")
    lead.goto(f"/admin/campaigns/campaign/{campaign.pk}/brief/")
    lead.locator("[name=what]").fill("Another message")
    lead.get_by_role("button", name="Save", exact=False).first.click()
    second.get_by_role("button", name="Send my answer").click()
    expect(second.get_by_role("heading", name="What changed while you were reading")).to_be_visible()
    expect(second.locator("ins").filter(has_text="Another message")).to_be_visible()
    fits(second)
    assert campaign.votes.filter(voter__username="second").count() == 0
    # By keyboard alone: to the button, and Enter.
    second.get_by_role("button", name="Send my answer").focus()
    second.keyboard.press("Enter")
    second.wait_for_url("**/campaign/*/change/")
    assert campaign.votes.filter(voter__username="second").count() == 2
    # What the browser says about an answer with the status 409 is no fault of the page.
    visitors.complaints = [one for one in visitors.complaints if "409" not in one]
