"""Three cases in a real browser: two departments settle one, a mediator decides one, time passes the third on."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from approvals import tasks as agreement
from approvals.choices import CaseState, TimerKind
from approvals.models import Case, Mail, Ruling, Timer
from approvals.tests.builders import make_mediator
from campaigns import tasks as planning
from campaigns.models import Offer
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

REASON = "Both were promised to customers already."


@pytest.fixture
def cases(transactional_db) -> list[Case]:
    """Three open cases of two departments each."""
    make_customers(40)
    make_mediator("marta")
    segment = make_segment("LOYAL", range(40))
    for codes in (("MKT", "SAL"), ("CRM", "ECO"), ("TRD", "SRV")):
        products = make_products(4)
        for code in codes:
            _plan(code, segment, products)
    work()
    found = list(Case.objects.order_by("campaign_a__code"))
    assert [case.campaign_a.code for case in found] == ["CRM-1", "MKT-1", "SRV-1"]
    return [found[1], found[0], found[2]]


def _plan(code: str, segment, products) -> None:
    campaign = make_campaign(
        make_department(code, lead=make_user(code.lower())),
        f"{code}-1",
        starts_on=local_day(timezone.now()) + timedelta(days=40),
        days=90,
        name=f"{code} in spring",
    )
    ends = campaign.starts_on + timedelta(days=10)
    make_offer(campaign, f"{code}-1-A", segments=[segment], products=products, ends_before=ends)
    approve(campaign)


def work() -> None:
    """What the worker does, through the bodies of its tasks."""
    planning.task_sweep()
    planning.task_detect_everything()
    agreement.task_sweep()


def test_settled_decided_and_passed_on(cases: list[Case], visitors: Visitors) -> None:
    first, second, third = cases
    settle(first, visitors)
    pass_on(second, visitors)
    decide(second, visitors)
    pass_on_by_time(third, visitors)
    states = [Case.objects.get(pk=case.pk) for case in cases]
    assert [(case.state, case.outcome) for case in states] == [
        (CaseState.CLOSED, "agreed"),
        (CaseState.CLOSED, "ruled"),
        (CaseState.MEDIATION, ""),
    ]
    assert list(Ruling.objects.order_by("pk").values_list("source", flat=True)) == ["agreed", "ruled"]


def settle(case: Case, visitors: Visitors) -> None:
    """Marketing proposes to move its offer; Sales sees what that does and accepts."""
    before = Offer.objects.get(code="MKT-1-A").starts_on
    mkt = visitors.sign_in("mkt")
    mkt.goto(f"/admin/approvals/case/{case.pk}/change/")
    mkt.get_by_text("Propose terms", exact=True).click()
    own = mkt.get_by_role("group", name="What happens to its offers in this case?").first
    own.get_by_label("Shift by a number of days").check()
    mkt.locator("[name=days_0]").fill("30")
    fits(mkt)
    mkt.locator("#terms").get_by_role("button", name="Review effect").click()
    expect(mkt.get_by_role("heading", name="Effect of the terms")).to_be_visible()
    fits(mkt)
    assert Offer.objects.get(code="MKT-1-A").starts_on == before
    mkt.get_by_role("button", name="Propose these terms").click()
    expect(mkt.get_by_text("Waiting for")).to_be_visible()
    agreement.task_sweep()

    sal = visitors.sign_in("sal")
    sal.goto(f"/admin/approvals/case/{case.pk}/change/")
    fits(sal)
    sal.get_by_role("button", name="Accept these terms").click()
    expect(sal.get_by_role("heading", name="What was agreed")).to_be_visible()
    fits(sal)
    assert Offer.objects.get(code="MKT-1-A").starts_on == before + timedelta(days=30)
    agreement.task_sweep()
    told = Mail.objects.filter(case=case, event="case_agreed").values_list("recipient__username", flat=True)
    assert set(told) == {"mkt"}, "whoever accepted knows it"


def pass_on(case: Case, visitors: Visitors) -> None:
    crm = visitors.sign_in("crm")
    crm.goto(f"/admin/approvals/case/{case.pk}/escalate/")
    crm.get_by_label("Why do you not agree?").fill("Our days were announced a month ago.")
    crm.get_by_role("button", name="Pass to mediation").click()
    expect(crm.get_by_text("Marta decides until").first).to_be_visible()
    agreement.task_sweep()


def decide(case: Case, visitors: Visitors) -> None:
    """From home in four clicks; the reason is typed."""
    marta = visitors.sign_in("marta")
    marta.goto("/admin/")
    clicks = 0

    def click(what) -> None:
        nonlocal clicks
        what.click()
        clicks += 1

    click(_row(marta, "CRM in spring").get_by_role("link"))
    click(marta.get_by_role("checkbox", name="Allow both"))
    marta.get_by_label("Reason").fill(REASON)
    click(marta.locator("#decision").get_by_role("button", name="Review effect"))
    fits(marta)
    click(marta.get_by_role("button", name="Decide"))
    expect(marta.get_by_role("heading", name="The decision")).to_be_visible()
    assert clicks <= 4
    agreement.task_sweep()


def _row(page: Page, text: str):
    return page.get_by_role("region", name="Your turn").get_by_role("row").filter(has_text=text)


def pass_on_by_time(case: Case, visitors: Visitors) -> None:
    past = timezone.now() - timedelta(minutes=1)
    Case.objects.filter(pk=case.pk).update(agree_by=past)
    Timer.objects.filter(case=case, kind=TimerKind.ESCALATE).update(due_at=past)
    for _ in range(2):
        agreement.task_sweep()
    marta = visitors.sign_in("marta")
    marta.goto("/admin/")
    fits(marta)
    expect(_row(marta, "SRV in spring")).to_be_visible()
    trd = visitors.sign_in("trd")
    trd.goto(f"/admin/approvals/case/{case.pk}/change/")
    expect(trd.get_by_text("Marta decides until").first).to_be_visible()
    mails = Mail.objects.filter(case=case, event="case_escalated")
    assert sorted(mails.values_list("recipient__username", flat=True)) == ["srv", "trd"]
