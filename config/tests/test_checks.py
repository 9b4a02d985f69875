"""Settings as an operator sets them, read by `manage.py check` in a process of its own."""

import os
import re
import subprocess
import sys
from datetime import date

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from approvals.models import SpecialDay
from config import checks

KEY = "k3J-9vQwLr_0ZtYx7uBnMaPsDfGhEcVbNi2OoRq5TlWyUzXeKjHg"


def run(*command, **environment):
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    own = {"SECRET_KEY": KEY, "DATABASE_URL": "sqlite://:memory:", "REDIS_URL": "memory://localhost/"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=inherited | own | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def check(**environment):
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **environment)
    return done.returncode, set(re.findall(r"\((\w+\.\w+)\)", done.stderr))


def test_a_server_behind_a_proxy_has_nothing_to_be_warned_of():
    assert check(SITE_URL="https://concordia.example", TRUSTED_PROXIES="1") == (0, set())
    assert check(SITE_URL="https://concordia.example") == (0, {"concordia.I001"})


def test_what_is_right_at_home_is_warned_of_on_a_server():
    code, found = check(SITE_URL="http://concordia.example", REQUIRE_TWO_FACTOR="no")
    assert code == 1
    assert {"concordia.W001", "concordia.W002"} <= found


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({"SITE_URL": "concordia.example"}, "concordia.E001"),
        ({"SITE_URL": "https://concordia.example/app"}, "concordia.E001"),
        ({"SITE_URL": "https://concordia.example", "ALLOWED_HOSTS": "localhost"}, "concordia.E002"),
        ({"TRUSTED_PROXIES": "-1"}, "concordia.E003"),
    ],
)
def test_settings_that_cannot_work_are_errors(environment, found):
    done = run("manage.py", "check", **environment)
    assert (done.returncode, set(re.findall(r"\((concordia\.\w+)\)", done.stderr))) == (1, {found})


def test_an_address_by_number_is_one_too(settings):
    settings.SITE_URL = "http://[::1]:8000"
    settings.ALLOWED_HOSTS = ["[::1]"]
    assert checks.check_site_url(None) == []


def test_hosts_are_named():
    done = run("-c", "import django; django.setup()", DJANGO_SETTINGS_MODULE="config.settings", ALLOWED_HOSTS="a,*")
    assert done.returncode == 1
    assert f"{ImproperlyConfigured.__name__}: ALLOWED_HOSTS contains *" in done.stderr


PRINT = """
from config import settings as s
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,
      s.LANGUAGE_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS, "concordia.example" in s.ALLOWED_HOSTS,
      hasattr(s, "SECURE_PROXY_SSL_HEADER"))
"""


def test_https_is_derived_from_the_address():
    names = "__Host-sessionid __Host-csrftoken __Host-django_language"
    printed = run("-c", PRINT, SITE_URL="https://concordia.example", TRUSTED_PROXIES="1").stdout.strip()
    assert printed == f"{names} True True True True 31536000 True True"
    printed = run("-c", PRINT, SITE_URL="http://localhost:8000").stdout.strip()
    assert printed == "sessionid csrftoken django_language False False False False 0 False False"


@pytest.mark.django_db
def test_days_off_that_end_soon_are_warned_of_in_time(monkeypatch):
    monkeypatch.setattr(checks, "local_day", lambda now: date(2026, 9, 1))
    assert checks.check_the_calendar(None, databases=["default"]) == []
    SpecialDay.objects.create(day=date(2026, 12, 25), name="Christmas", source="ES")
    assert checks.check_the_calendar(None, databases=["default"]) == []
    monkeypatch.setattr(checks, "local_day", lambda now: date(2026, 9, 3))
    (warning,) = checks.check_the_calendar(None, databases=["default"])
    assert (warning.id, "2026-12-31" in warning.msg) == ("concordia.W003", True)
    assert "--years 2027 --write" in warning.hint
    assert checks.check_the_calendar(None) == [], "without a database nothing is asked"
