"""Where a request comes from, and what is answered to whoever guesses passwords."""

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# Who has one address of IPv6 has all that begin like it: one line into the house gets at least so much.
_LINE = 64


def address(request: HttpRequest) -> str | None:
    """Where wrong passwords are counted: the address of the reader's machine; of IPv6 that of its line, a /64."""
    machine = _machine(request)
    try:
        found = ipaddress.ip_address(machine or "")
    except ValueError:
        return machine
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.IPv6Network((int(found), _LINE), strict=False).network_address)


def _machine(request: HttpRequest) -> str | None:
    """The address of the reader's machine, or of the nearest machine that we have no reason to doubt.

    Each of the TRUSTED_PROXIES proxies before us appends to X-Forwarded-For whom it was asked by. What stands further
    left came with the request, and anybody can write that.
    """
    peer = request.META.get("REMOTE_ADDR") or None
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if not settings.TRUSTED_PROXIES or len(hops) < settings.TRUSTED_PROXIES:
        return peer
    try:
        return str(ipaddress.ip_address(hops[-settings.TRUSTED_PROXIES]))
    except ValueError:
        return peer


def locked_out(request: HttpRequest, answer: HttpResponse, credentials: dict[str, Any] | None) -> HttpResponse:
    """429: too many wrong passwords for this user name from this address. Nothing says whether there is such a user."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response.headers["Retry-After"] = str(minutes * 60)
    return response
