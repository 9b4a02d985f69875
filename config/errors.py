"""Errors outside of any view: a page for people, problem details for programs."""

import sys
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from config import outages
from customers.rest.problems import MEDIA_TYPE, TITLES


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 400, _("This request cannot be read."), lambda: defaults.bad_request(request, exception))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 403, _("You may not do this."), lambda: defaults.permission_denied(request, exception))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 404, _("There is nothing here."), lambda: defaults.page_not_found(request, exception))


def too_large(request: HttpRequest) -> HttpResponse:
    text = _("The request is larger than anything that is taken here. Send less at a time.")
    return _told(request, 413, text, lambda: render(request, "413.html", status=413))


def server_error(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After when the database does not answer, which programs understand too; 500 for all else."""
    if outages.is_outage(sys.exc_info()[1]):
        text = _("The database does not answer just now. Nothing was changed; try again in a moment.")
        answer = _told(request, 503, text, lambda: outages.page(request))
        answer["Retry-After"], answer["Cache-Control"] = str(outages.RETRY_AFTER), "no-store"
        return answer
    text = _("Something went wrong on our side. Nothing was changed; try again in a moment.")
    return _told(request, 500, text, lambda: defaults.server_error(request))


def _told(request: HttpRequest, status: int, detail: str, page: Callable[[], Any]) -> HttpResponse:
    if not request.path_info.startswith("/api/"):
        answer: HttpResponse = page()
        return answer
    title = TITLES[status]
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JsonResponse(document, status=status, content_type=MEDIA_TYPE)
