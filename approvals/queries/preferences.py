"""What people chose for themselves about mail: its language, and how they hear of what."""

from collections.abc import Collection, Mapping

from django.conf import settings
from django.contrib.auth.models import User

from approvals.models import NewsPreference, StaffProfile


def languages_of(people: Collection[User]) -> Mapping[int, str]:
    """{person: language} of those who chose one; all others read settings.LANGUAGE_CODE."""
    return dict(StaffProfile.objects.filter(user__in=people).values_list("user", "language"))


def language_of(person: User) -> str:
    return languages_of([person]).get(person.pk, settings.LANGUAGE_CODE)


def preferences_of(people: Collection[User]) -> Mapping[int, Mapping[str, str]]:
    """{person: {kind of news: delivery}}, without what somebody left as recommended."""
    found: dict[int, dict[str, str]] = {}
    for person, kind, delivery in NewsPreference.objects.filter(user__in=people).values_list(
        "user", "kind", "delivery"
    ):
        found.setdefault(person, {})[kind] = delivery
    return found
