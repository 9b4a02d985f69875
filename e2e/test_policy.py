"""The Content-Security-Policy in a real browser: every page works under it, and none of them is stopped by it.

`visitors` fails on whatever a page says on its console, and a violation says itself there.
"""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import path
from playwright.sync_api import Browser, Page, expect

from approvals.tests.builders import Dispute, escalated_dispute
from campaigns.models import Collision, Offer
from campaigns.tests.factories import make_campaign, make_user
from config.tests.live import ENVIRONMENT, database_url, wait_until
from config.urls import urlpatterns as ours
from customers.tests.ports import free_port
from e2e.conftest import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PEOPLE = ["admin", "lead", "mediator"]
_LOADING = "console error: Failed to load resource: the server responded with a status of"
REFUSED = {403: f"{_LOADING} 403 (Forbidden)", 404: f"{_LOADING} 404 (Not Found)"}


@pytest.fixture
def dispute(transactional_db) -> Dispute:
    dispute, mediator = escalated_dispute()
    make_campaign(dispute.first.department, "MKT-2", name="Draft of the harvest")
    make_user("admin", is_superuser=True)
    for username, person in (("lead", dispute.first.campaign.accountable), ("mediator", mediator)):
        User.objects.filter(pk=person.pk).update(username=username)
    return dispute


@pytest.fixture(params=["tests", "production"])
def here(request, chromium: Browser, dispute: Dispute) -> Iterator[Visitors]:
    """Visitors of the server of the tests, and of gunicorn with the settings and hashed files of production."""
    server = request.getfixturevalue("live_server" if request.param == "tests" else "production")
    people = Visitors(chromium, getattr(server, "url", server))
    yield people
    people.leave()
    assert people.complaints == []


@pytest.fixture
def production(transactional_db, processes, tmp_path) -> Iterator[str]:
    port = free_port()
    environment = ENVIRONMENT | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LANGUAGE_CODE": "en",
        "REDIS_URL": "memory://localhost/",
        "REQUIRE_TWO_FACTOR": "no",
        "SECRET_KEY": settings.SECRET_KEY,
        "SITE_URL": f"http://localhost:{port}",
        "VAR_DIR": str(tmp_path),
    }
    User.objects.update(password=PBKDF2PasswordHasher().encode("secret", "salt"))
    manage = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    subprocess.run(manage, cwd=settings.BASE_DIR, env=environment, check=True)
    gunicorn = [sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind=127.0.0.1:{port}", "--threads=4"]
    process = processes.start([*gunicorn, "--no-control-socket"], env=environment, cwd=settings.BASE_DIR)
    address = f"http://localhost:{port}"
    wait_until(lambda: _answers(address), what="gunicorn")
    yield address
    processes.bury(process)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:  # noqa: S310 - its own address
            return answer.status == 200
    except OSError:
        return False


@pytest.mark.parametrize("here", ["production"], indirect=True)  # the other server would send the same pages
def test_no_page_is_stopped(here: Visitors, dispute: Dispute) -> None:
    for username in PEOPLE:
        page = here.sign_in(username)
        seen: set[str] = set()
        waiting = ["/admin/", "/admin/approvals/staffprofile/", "/admin/password_change/", *_pages(dispute)]
        while waiting:
            address = waiting.pop(0)
            answer = page.goto(address)
            assert answer, address
            assert answer.status in REFUSED | {200: ""}, address
            if answer.status in REFUSED:
                # Not every page is for everybody, and Chromium says so.
                here.complaints.remove(REFUSED[answer.status])
            seen.add(address)
            if address == "/admin/":
                menu = page.locator("#nav-sidebar-apps a").evaluate_all("all => all.map(one => one.pathname)")
                waiting += [link for link in menu if link not in seen]
            elif address in menu and (rows := page.locator("#result_list tbody a")).count():
                waiting.append(rows.first.evaluate("row => row.pathname + row.search"))
            _is_alive(page)
        assert len(seen) > 15, username


def _pages(dispute: Dispute) -> list[str]:
    campaign, offer, case = dispute.first.campaign_id, dispute.first.pk, dispute.case.pk
    collision = Collision.objects.get().pk
    return [
        f"/admin/campaigns/campaign/{campaign}/change/",
        f"/admin/campaigns/campaign/{campaign}/brief/",
        f"/admin/campaigns/campaign/{campaign}/raci/",
        f"/admin/approvals/review/campaign/{campaign}/",
        "/admin/campaigns/campaign/add/",
        f"/admin/campaigns/offer/to/{campaign}/",
        f"/admin/campaigns/offer/{offer}/edit/",
        f"/admin/campaigns/offer/{offer}/products/",
        f"/admin/campaigns/offer/{offer}/withdraw/",
        f"/admin/campaigns/collision/{collision}/products/",
        f"/admin/approvals/case/{case}/change/",
        f"/admin/approvals/case/{case}/products/",
        f"/admin/approvals/case/{case}/days/",
        "/admin/approvals/mediator/add/",
        "/admin/auth/user/add/",
        f"/admin/auth/user/{User.objects.get(username='lead').pk}/password/",
        "/admin/nowhere/",
    ]


def _is_alive(page: Page) -> None:
    """Where there is a menu of the person, Alpine has taken the page over and the cloak off."""
    if page.locator("#user-menu").count():
        expect(page.locator("html")).not_to_have_attribute("x-cloak", "")
        expect(page.locator("#user-menu")).to_be_hidden()


def test_what_moves_still_moves(here: Visitors) -> None:
    page = here.sign_in("lead")
    page.locator(".c-user").click()
    menu = page.locator("#user-menu")
    expect(menu).to_be_visible()
    menu.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_class("dark")
    background = page.locator("#main").evaluate("one => getComputedStyle(one).backgroundColor")
    assert background == "rgb(16, 26, 24)"
    page.reload()
    expect(page.locator("html")).to_have_class("dark")
    page.locator(".c-user").click()
    menu.get_by_role("button", name="Light").click()
    expect(page.locator("html")).to_have_class("light")
    page.get_by_role("heading", level=1).click()
    expect(menu).to_be_hidden()

    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Show or hide the menu").click()
    expect(page.locator("#nav-sidebar")).to_be_hidden()
    page.reload()
    expect(page.locator("#nav-sidebar")).to_be_hidden()
    page.get_by_role("button", name="Show or hide the menu").click()
    expect(page.locator("#nav-sidebar")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 900})
    expect(page.locator("#nav-sidebar")).to_be_hidden()
    page.get_by_role("button", name="Show or hide the menu").click()
    expect(page.locator("#nav-sidebar")).to_be_visible()
    page.get_by_role("button", name="Close the menu").click()
    expect(page.locator("#nav-sidebar")).to_be_hidden()


def test_the_description_of_the_api_is_drawn(here: Visitors) -> None:
    page = here.sign_in("lead")
    page.goto("/api/docs/")
    operation = page.locator(".opblock").first
    operation.locator(".opblock-summary").click()
    expect(operation.get_by_role("button", name="Try it out")).to_be_visible()


def test_lists_are_searched_and_filtered(here: Visitors) -> None:
    page = here.sign_in("lead")
    page.goto("/admin/campaigns/campaign/")
    page.locator("#searchbar").fill("harvest")
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody")).to_have_count(1)
    page.goto("/admin/campaigns/campaign/")
    page.locator("details.c-filter summary").first.click()
    page.locator("details.c-filter[open] a").last.click()
    expect(page.get_by_role("link", name="Clear filters")).to_be_visible()


def test_a_form_takes_what_is_typed_and_found(here: Visitors, dispute: Dispute) -> None:
    page = here.sign_in("lead")
    page.goto(f"/admin/campaigns/offer/to/{dispute.first.campaign_id}/")
    page.locator(".select2-selection:visible").first.click()
    expect(page.locator(".select2-results__option").first).not_to_have_text("Searching…")
    page.locator(".select2-results__option").first.click()
    expect(page.locator(".select2-selection__choice:visible")).to_have_count(1)
    page.locator("[name=starts_on]").fill("2026-11-20")
    page.get_by_role("button", name="Add the offer").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    assert Offer.objects.filter(campaign_id=dispute.first.campaign_id).count() == 1


def test_the_language_changes_with_its_switch(here: Visitors) -> None:
    page = here.come_in()
    page.goto("/admin/login/")
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def _trap(request: HttpRequest) -> HttpResponse:
    parts = ["<script>document.title = 'run'</script>", '<p style="color: red" onclick="x()">', "<style>p {}</style>"]
    return HttpResponse(f"<!doctype html><title>still</title>{''.join(parts)}")


urlpatterns = [path("trap/", _trap), *ours]


def test_pages_of_errors_follow_the_colours(visitors: Visitors) -> None:
    page = visitors.come_in()
    for shown, chosen in (("dark", None), ("light", None), ("dark", "light"), ("light", "dark")):
        page.emulate_media(color_scheme=shown)
        if chosen:
            page.evaluate("theme => localStorage.setItem('adminTheme', JSON.stringify(theme))", chosen)
        page.goto("/nothing/")
        is_dark = page.evaluate("document.documentElement.classList.contains('dark')")
        assert is_dark == ((chosen or shown) == "dark")
    assert visitors.complaints == [REFUSED[404]] * 4
    visitors.complaints.clear()


def test_the_gate_catches_what_is_inline(settings, chromium: Browser, live_server) -> None:
    settings.ROOT_URLCONF = __name__
    people = Visitors(chromium, live_server.url)
    page = people.come_in()
    page.goto("/trap/")
    assert page.title() == "still"
    people.leave()
    told = {one.split(":")[1].strip() for one in people.complaints if "forbidden by" in one}
    assert told == {
        "forbidden by script-src-elem",
        "forbidden by style-src-attr",
        "forbidden by script-src-attr",
        "forbidden by style-src-elem",
    }
