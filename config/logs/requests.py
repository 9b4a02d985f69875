"""One line for each request, by its route, and an id that connects it with what it caused."""

import logging
import re
import time
import uuid

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django_structlog.middlewares import RequestMiddleware

logger = structlog.get_logger(__name__)

_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}")
# Whoever watches the house asks every few seconds, and reads the answer.
_WATCHERS = {"healthz", "readyz", "metrics"}


class RequestLog(RequestMiddleware):
    """Names requests by the pattern of their address and people by their number: never what they typed."""

    def prepare(self, request: HttpRequest) -> None:
        given = request.headers.get("X-Request-ID", "")
        request.log_id = given if _SANE_ID.fullmatch(given) else uuid.uuid4().hex
        request.log_start = time.monotonic()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.log_id)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        # The traceback of a failed request was logged when it failed.
        request.__dict__.pop("_raised_exception", None)
        self.bind_user_id(request)
        method, route = self._method_and_route(request)
        logger.log(
            self._level(route, response.status_code),
            "%s %s %d",
            method,
            route,
            response.status_code,
            method=method,
            route=route,
            status=response.status_code,
            ms=round((time.monotonic() - request.log_start) * 1000),
        )
        response["X-Request-ID"] = request.log_id
        structlog.contextvars.clear_contextvars()

    @classmethod
    def format_request(cls, request: HttpRequest) -> str:
        return " ".join(cls._method_and_route(request))

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """The number of who asks, if the answer needed to know: the log reads no session for its own sake."""
        user = request.__dict__.get("user")
        if isinstance(user, SimpleLazyObject):
            user = getattr(request, "_cached_user", None)
        if user and user.pk:
            structlog.contextvars.bind_contextvars(user_id=user.pk)

    @staticmethod
    def _method_and_route(request: HttpRequest) -> tuple[str, str]:
        match = getattr(request, "resolver_match", None)
        return request.method or "-", f"/{match.route}" if match else "-"

    @staticmethod
    def _level(route: str, status: int) -> int:
        if route.removeprefix("/") in _WATCHERS:
            return logging.DEBUG
        return logging.ERROR if status >= 500 else logging.INFO
