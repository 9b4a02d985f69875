"""How long a session lives: so many hours without a request, and so many days in all."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse

SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"
# Written so seldom that reading pages does not write the database all the time.
_PRECISION = 600


class SessionLifeMiddleware:
    """Stands after authentication. Times are seconds of the clock, kept in the session itself.

    The session's own age, SESSION_COOKIE_AGE, counts from its last write: it ends sessions that nobody uses.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if SESSION_KEY in request.session:
            now = int(time.time())
            began = request.session.setdefault(SIGNED_IN_AT, now)
            if now - began > settings.SESSION_DAYS * 24 * 3600:
                logout(request)
            elif now - request.session.get(SEEN_AT, 0) > _PRECISION:
                request.session[SEEN_AT] = now
        return self.get_response(request)
