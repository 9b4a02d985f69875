"""How long a request may be. Django limits what is typed but no files: it would keep them before it knows who sends."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from config import errors

# They weigh what they are sent themselves.
_TAKE_FILES = {
    "admin:approvals_case_say",
    "admin:campaigns_importrun_upload",
    "api:case-conversation-statements",
    "api:import-list",
}


class LengthMiddleware:
    """Stands before whatever reads the body: the check against forged requests does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A body without a length is none: the web server's interface reads no more than it was told.
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and _name_of(request.path_info) not in _TAKE_FILES:
            return errors.too_large(request)
        return self.get_response(request)


def _name_of(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""
