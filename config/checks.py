"""Settings that are wrong together: said by `manage.py check`, in sentences for whoever operates the house."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register  # noqa: A004
from django.db import DatabaseError
from django.http.request import validate_host
from django.utils import timezone

from customers.clock import local_day

_LOCAL = {"localhost", "127.0.0.1", "::1"}


@register
def check_site_url(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """SITE_URL is an address that this house answers."""
    found: list[CheckMessage] = []
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        found.append(
            Error(
                f"SITE_URL is “{settings.SITE_URL}”, which is not the address of a site.",
                hint="Write scheme and host without a path: https://concordia.example",
                id="concordia.E001",
            )
        )
    elif not validate_host(f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname, settings.ALLOWED_HOSTS):
        found.append(
            Error(
                f"ALLOWED_HOSTS does not name {parts.hostname}, the host of SITE_URL: every request would be refused.",
                hint="Add the host to ALLOWED_HOSTS, or leave ALLOWED_HOSTS unset.",
                id="concordia.E002",
            )
        )
    if settings.TRUSTED_PROXIES < 0:
        found.append(
            Error(
                f"TRUSTED_PROXIES is {settings.TRUSTED_PROXIES}; it is a number of proxies, 0 or more.",
                id="concordia.E003",
            )
        )
    return found


@register(Tags.database)
def check_the_calendar(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Whoever imported days off once imports those of the next year in time."""
    from approvals.queries.working_time import ends_soon  # models are not ready when checks are registered

    if not databases:
        return []
    try:
        last = ends_soon(local_day(timezone.now()))
    except DatabaseError:
        return []  # before the first migration
    if last is None:
        return []
    return [
        Warning(
            f"The days off are known until {last.isoformat()}; after that deadlines count every weekday as worked.",
            hint=f"Run: manage.py import_days_off --years {last.year + 1} --write",
            id="concordia.W003",
        )
    ]


@register(deploy=True)
def check_the_way_in(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What is right on one's own machine and wrong on a server."""
    found: list[CheckMessage] = []
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        found.append(
            Warning(
                "SITE_URL begins with http://, so passwords and sessions cross the network in the clear.",
                hint="Put a proxy with a certificate before Concordia, and set SITE_URL to its https:// address.",
                id="concordia.W001",
            )
        )
    if not settings.REQUIRE_TWO_FACTOR:
        found.append(
            Warning(
                "REQUIRE_TWO_FACTOR is off: administrators and mediators can sign in with a password alone.",
                hint="Unset it. Only the demo, whose passwords are public, has a use for it.",
                id="concordia.W002",
            )
        )
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        found.append(
            Info(
                "SITE_URL begins with https:// and TRUSTED_PROXIES is 0: the web server itself must speak https.",
                hint="If a proxy does, set TRUSTED_PROXIES=1; else every request is redirected without end.",
                id="concordia.I001",
            )
        )
    return found
