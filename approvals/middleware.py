"""What is settled before any page: the reader's language, and whether they have shown their second factor."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from approvals.queries import readers
from approvals.rules.two_factor import Step, step
from customers.rest.problems import MEDIA_TYPE, TITLES

# The device that this session has shown.
PASSED = "two_factor"
_PAGES = {Step.ASK: "admin:approvals_two_factor_ask", Step.SET_UP: "admin:approvals_two_factor"}
# What is open to whoever has only a password: the way out, the language, and what shows nothing of the house.
_ALWAYS_OPEN = {"admin:login", "admin:logout", "admin:set_language", "admin:jsi18n", "healthz", "readyz", "metrics"}
# Whoever reads a feed or unsubscribes shows a secret instead; that a session came along changes nothing.
_ALWAYS_OPEN |= {"calendar_feed", "unsubscribe"}


class ReaderLanguageMiddleware:
    """Stands after LocaleMiddleware, which has chosen by cookie and browser, and after authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            request.reader = readers.find(request.user)
            if request.reader.language:
                translation.activate(request.reader.language)
                request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class TwoFactorMiddleware:
    """Stands after ReaderLanguageMiddleware. Whoever comes with a token has no session and is none of its business."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        must = next_step(request)
        if must == Step.OPEN or request.resolver_match.view_name in {*_ALWAYS_OPEN, _PAGES[must]}:
            return None
        if request.path.startswith("/api/"):
            return _problem(must)
        page = reverse(_PAGES[must])
        if request.method == "GET":
            page += "?" + urlencode({"next": request.get_full_path()})
        return HttpResponseRedirect(page)


def next_step(request: HttpRequest) -> Step:
    """What the person of this request's session must do before anything else."""
    reader = getattr(request, "reader", None)
    if reader is None:
        return Step.OPEN
    return step(device=reader.device, passed=request.session.get(PASSED), required=reader.two_factor_required)


def _problem(must: Step) -> HttpResponse:
    if must == Step.ASK:
        detail = _("Your session has a password alone. Open the site in your browser and enter the code of your app.")
    else:
        detail = _("Your role asks for two-factor sign-in. Open the site in your browser and set it up.")
    problem = {"type": "about:blank", "title": TITLES[403], "status": 403, "detail": detail}
    return JsonResponse(problem, status=403, content_type=MEDIA_TYPE)
