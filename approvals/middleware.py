"""The language of the signed-in reader wins over cookie and browser."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from approvals.models import StaffProfile


class ReaderLanguageMiddleware:
    """Stands after LocaleMiddleware, which has chosen by cookie and browser, and after authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            profile = StaffProfile.objects.filter(user_id=request.user.pk).values_list("language", flat=True)
            if language := profile.first():
                translation.activate(language)
                request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
