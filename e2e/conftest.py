"""Chromium for tests marked `browser`: people who sign in, and what no page may do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Said on the console, where `Visitors` listens: some violations Chromium itself does not mention there.
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
    console.error(`forbidden by ${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
});
"""
# A screen and a phone.
WIDTHS = (1440, 390)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing; on Debian: apt install chromium")
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as environment:
        # Playwright keeps a loop in this thread, where Django would refuse the database.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Visitors:
    """People at their own browsers. `complaints` are the errors of all pages and requests to other hosts."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.complaints: list[str] = []
        self._browser = browser
        self._contexts = []

    def come_in(self, *, javascript: bool = True) -> Page:
        """A new browser, before its first page."""
        context = self._browser.new_context(
            base_url=self.address, locale="en-GB", timezone_id="Europe/Madrid", java_script_enabled=javascript
        )
        context.add_init_script(TELL_VIOLATIONS)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._read)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("request", self._watch)
        return page

    def sign_in(self, username: str, *, javascript: bool = True) -> Page:
        page = self.come_in(javascript=javascript)
        page.goto("/admin/")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password", exact=True).fill("secret")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", level=1).wait_for()
        return page

    def leave(self) -> None:
        for context in self._contexts:
            context.close()

    def _read(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console {message.type}: {message.text}")

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "about:")):
            self.complaints.append(f"request to another host: {request.url}")


@pytest.fixture
def visitors(chromium: Browser, live_server) -> Iterator[Visitors]:
    people = Visitors(chromium, live_server.url)
    yield people
    people.leave()
    assert people.complaints == []


def fits(page: Page) -> None:
    """Nothing of the page lies beside a screen or a phone."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide == 0, f"{page.url} is {too_wide} px wider than {width} px"
