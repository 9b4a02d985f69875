import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.test import RequestFactory
from django.utils import translation

from approvals.actions.profiles import choose_language
from approvals.middleware import ReaderLanguageMiddleware
from approvals.models import StaffProfile
from approvals.tests.builders import NOW, make_user
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db


def languages(user):
    """The language of the answer, and what the request says of itself."""
    seen = []
    request = RequestFactory().get("/")
    request.user, request.LANGUAGE_CODE = user, "en"

    def page(request):
        seen.append((translation.get_language(), request.LANGUAGE_CODE))
        return HttpResponse()

    ReaderLanguageMiddleware(page)(request)
    return seen[0]


def test_the_language_a_person_chose_wins():
    user = make_user()
    choose_language(by=user, language="es", now=NOW)
    assert languages(user) == ("es", "es")


def test_without_a_choice_cookie_and_browser_stay_in_force():
    assert languages(make_user()) == ("en", "en")


def test_nobody_signed_in_costs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert languages(AnonymousUser()) == ("en", "en")


def test_it_wins_over_cookie_and_browser():
    user = make_user()
    choose_language(by=user, language="es", now=NOW)
    request = RequestFactory().get("/", headers={"accept-language": "en"})
    request.COOKIES["django_language"] = "en"
    request.user = user
    answer = LocaleMiddleware(ReaderLanguageMiddleware(lambda request: HttpResponse()))(request)
    assert answer.headers["Content-Language"] == "es"


def test_choosing_again_changes_the_one_profile_and_is_remembered():
    user = make_user("ana")
    choose_language(by=user, language="es", now=NOW)
    choose_language(by=user, language="en", now=NOW)
    assert StaffProfile.objects.get().language == "en"
    assert HistoryEntry.objects.filter(subject="user:ana").count() == 2


def test_a_language_the_house_does_not_speak_is_refused():
    user = make_user()
    choose_language(by=user, language="es", now=NOW)
    with pytest.raises(ValidationError):
        choose_language(by=user, language="fr", now=NOW)
    assert StaffProfile.objects.get().language == "es"
