"""Two-factor sign-in in a real browser, from the first key to the lost telephone."""

from base64 import b32decode

import pytest
from django.contrib.auth.models import User
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page, expect

from approvals.tests.codes import code
from campaigns.tests.factories import make_user
from e2e.conftest import Visitors, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def enter(page: Page, text: str, button: str) -> None:
    page.get_by_label("Code", exact=True).fill(text)
    page.get_by_role("button", name=button, exact=True).click()


def test_an_administrator_is_led_to_it_and_asked_from_then_on(visitors: Visitors, settings) -> None:
    settings.REQUIRE_TWO_FACTOR = True
    make_user("root", is_superuser=True)
    page = visitors.sign_in("root")
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up two-factor sign-in")
    page.goto("/admin/auth/user/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up two-factor sign-in")
    expect(page.get_by_role("img", name="QR code with the key that stands below it").locator("svg")).to_be_visible()
    fits(page)
    key = b32decode(page.locator(".c-key").inner_text().replace(" ", "")).hex()
    enter(page, "000000", "Turn on")
    expect(page.get_by_text("That is not the code that belongs to this key.")).to_be_visible()
    enter(page, code(key), "Turn on")
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    codes = page.locator(".c-codes code").all_inner_texts()
    assert len(set(codes)) == 10
    fits(page)
    page.get_by_role("link", name="I have kept them").click()
    # Where the way had led before.
    expect(page.get_by_role("heading", level=1)).to_have_text("People")

    again = visitors.sign_in("root")
    expect(again.get_by_role("heading", level=1)).to_have_text("Second step")
    fits(again)
    enter(again, "000000", "Sign in")
    expect(again.get_by_text("This code does not fit")).to_be_visible()
    enter(again, codes[0], "Sign in")
    expect(again.get_by_role("heading", level=1)).to_have_text("Good to see you, Root")


def test_an_administrator_takes_a_lost_telephone_away(visitors: Visitors) -> None:
    make_user("root", is_superuser=True)
    eva = make_user("eva")
    TOTPDevice.objects.create(user=eva, name="app")
    page = visitors.sign_in("root")
    page.goto(f"/admin/auth/user/{eva.pk}/change/")
    fits(page)
    page.get_by_role("button", name="Take the lost device away").click()
    expect(page.get_by_text("The device is taken away")).to_be_visible()
    assert not TOTPDevice.objects.exists()
    assert User.objects.get(username="eva").check_password("secret")
    visitors.sign_in("eva")
