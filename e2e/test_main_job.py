"""The main job in a real browser: an edit collides, the departments do not agree, the mediator decides."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from approvals import tasks as agreement
from approvals.choices import CaseState
from approvals.models import Case, Mail
from approvals.tests.builders import make_mediator
from campaigns import tasks as planning
from campaigns.choices import CollisionState
from campaigns.models import Collision, Offer
from campaigns.tests.factories import (
    approve,
    make_campaign,
    make_customers,
    make_department,
    make_offer,
    make_products,
    make_segment,
    make_user,
)
from customers.clock import local_day
from e2e.conftest import Visitors, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REASON = "Sales announced its days first, so Marketing moves."


@dataclass
class World:
    """Two approved campaigns on the same products for the same customers, one after the other."""

    marketing: Offer
    sales: Offer


@pytest.fixture
def world(transactional_db) -> World:
    make_customers(40)
    segment, products = make_segment("LOYAL", range(40)), make_products(6)
    start = local_day(timezone.now()) + timedelta(days=40)
    marketing = _offer("MKT", "ana", "Spring at home", start, segment, products)
    sales = _offer("SAL", "luis", "Garden days", start + timedelta(days=20), segment, products[2:])
    make_department("CRM", lead=make_user("eva"))
    make_mediator("marta")
    work()
    assert not Collision.objects.exists()
    return World(marketing, sales)


def _offer(code, lead, name, starts_on, segment, products) -> Offer:
    department = make_department(code, lead=make_user(lead))
    department.name = {"MKT": "Marketing", "SAL": "Sales"}[code]
    department.save()
    # The campaign has room after its offer, so that the offer can be moved.
    campaign = make_campaign(department, f"{code}-1", starts_on=starts_on, days=40, name=name)
    offer = make_offer(
        campaign,
        f"{code}-1-A",
        segments=[segment],
        products=products,
        name=f"{name}: ten per cent off",
        ends_before=starts_on + timedelta(days=10),
    )
    approve(campaign)
    return offer


def work() -> None:
    """What the worker does, through the bodies of its tasks."""
    planning.task_sweep()
    planning.task_detect_everything()
    agreement.task_sweep()


def move_by_hand(page: Page, offer: Offer, starts_on: date) -> None:
    page.goto(f"/admin/campaigns/offer/{offer.pk}/change/")
    page.get_by_role("link", name="Edit", exact=False).first.click()
    page.locator("[name=starts_on]").fill(starts_on.isoformat())
    page.locator("[name=last_day]").fill((starts_on + timedelta(days=9)).isoformat())
    fits(page)
    page.get_by_role("button", name="Save the offer").click()


def test_from_an_edit_to_the_decision(world: World, visitors: Visitors) -> None:
    ana = visitors.sign_in("ana")
    move_by_hand(ana, world.marketing, world.sales.starts_on + timedelta(days=5))
    work()
    assert Collision.objects.get().state == CollisionState.OPEN

    case = Case.objects.get()
    open_from_home(ana)
    expect(ana.get_by_role("heading", level=1)).to_contain_text("Spring at home ↔ Garden days")
    expect(ana.get_by_text("Your turn: agree with the other department")).to_be_visible()
    fits(ana)
    look_at_the_rows(ana, codes=False)

    luis = visitors.sign_in("luis")
    pass_to_mediation(luis, case)
    agreement.task_sweep()

    marta = visitors.sign_in("marta")
    open_from_home(marta)
    look_at_the_rows(marta, codes=True)
    decide(marta, days=30)
    agreement.task_sweep()

    check_the_end(world, visitors)


def open_from_home(page: Page) -> None:
    page.goto("/admin/")
    fits(page)
    page.get_by_role("region", name="Your turn").get_by_role("row").filter(has_text="Garden days").get_by_role(
        "link"
    ).click()


def look_at_the_rows(page: Page, *, codes: bool) -> None:
    """Every number leads to its rows: four products, five days, forty customers."""
    here = page.url
    facts = page.get_by_role("region", name="Both sides and what they share")
    for name, rows in (("4", "Products on offer on both sides"), ("5 days", "Periods"), ("40", "Customers addressed")):
        facts.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", name=rows)).to_be_visible()
        fits(page)
        if rows.startswith("Customers"):
            assert page.get_by_text("customer-39", exact=True).count() == codes
        page.goto(here)


def pass_to_mediation(page: Page, case: Case) -> None:
    page.goto(f"/admin/approvals/case/{case.pk}/change/")
    page.get_by_role("link", name="No agreement: pass to mediation").click()
    fits(page)
    page.get_by_role("button", name="Pass to mediation").click()
    expect(page.get_by_text("Say why")).to_be_visible()
    page.get_by_label("Why do you not agree?").fill("Our days were announced in the shops a month ago.")
    page.get_by_role("button", name="Pass to mediation").click()
    expect(page.get_by_text("Marta decides until")).to_be_visible()
    expect(page.get_by_role("button", name="Review effect")).to_have_count(0)


def decide(page: Page, *, days: int) -> None:
    fits(page)
    page.get_by_label("Reason").fill(REASON)
    marketing = page.get_by_role("group", name="What happens to its offers in this case?").first
    marketing.get_by_label("Shift by a number of days").check()
    page.locator("[name=days_0]").fill("-900")
    page.get_by_role("button", name="Review effect").click()
    expect(page.get_by_text("Nothing was decided yet.")).to_be_visible()
    page.locator("[name=days_0]").fill(str(days))
    page.get_by_role("button", name="Review effect").click()
    expect(page.get_by_text(f"The offers of MKT-1 in this case move {days} days later.")).to_be_visible()
    expect(page.get_by_text("1 is gone")).to_be_visible()
    fits(page)
    assert Case.objects.get().state == CaseState.MEDIATION
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("heading", name="The decision")).to_be_visible()
    expect(page.get_by_text(REASON).first).to_be_visible()
    fits(page)


def check_the_end(world: World, visitors: Visitors) -> None:
    case = Case.objects.get()
    assert (case.state, case.outcome) == (CaseState.CLOSED, "ruled")
    assert Collision.objects.get().state == CollisionState.CLEARED
    moved = Offer.objects.get(pk=world.marketing.pk)
    assert moved.starts_on == world.sales.starts_on + timedelta(days=35)
    assert not moved.held
    # What people merely watch waits for the digest of the next morning.
    assert set(Mail.objects.values_list("state", flat=True)) - {"daily"} == {"sent"}

    ana = visitors.sign_in("ana")
    ana.goto("/admin/approvals/mail/")
    # Besides these there are briefings on what is approved.
    mine = Mail.objects.filter(recipient__username="ana", event__startswith="case_")
    assert set(mine.values_list("event", flat=True)) == {"case_opened", "case_escalated", "case_decided"}
    for mail in mine:
        expect(ana.get_by_role("link", name=mail.subject, exact=True).first).to_be_visible()
    fits(ana)
    ana.get_by_role("link", name=mine.order_by("-id")[0].subject, exact=True).first.click()
    expect(ana.frame_locator("iframe").get_by_text(REASON)).to_be_visible()
    fits(ana)


def test_a_third_department_sees_none_of_it(world: World, visitors: Visitors) -> None:
    move = visitors.sign_in("ana")
    move_by_hand(move, world.marketing, world.sales.starts_on)
    work()
    eva = visitors.sign_in("eva")
    eva.goto("/admin/approvals/case/")
    expect(eva.get_by_text("No case is open.")).to_be_visible()
    answer = eva.request.get(f"/admin/approvals/case/{Case.objects.get().pk}/change/")
    assert answer.status == 404


def test_a_decision_needs_no_scripts(world: World, visitors: Visitors) -> None:
    ana = visitors.sign_in("ana")
    move_by_hand(ana, world.marketing, world.sales.starts_on + timedelta(days=5))
    work()
    case = Case.objects.get()
    luis = visitors.sign_in("luis", javascript=False)
    pass_to_mediation(luis, case)
    marta = visitors.sign_in("marta", javascript=False)
    marta.goto(f"/admin/approvals/case/{case.pk}/change/")
    marta.get_by_role("checkbox", name="Allow both").check()
    marta.get_by_label("Reason").fill(REASON)
    marta.get_by_role("button", name="Review effect").click()
    expect(marta.get_by_text("1 remains and counts as allowed by the decision")).to_be_visible()
    marta.get_by_role("button", name="Decide").click()
    expect(marta.get_by_role("heading", name="The decision")).to_be_visible()
    assert Collision.objects.get().state == CollisionState.SETTLED
