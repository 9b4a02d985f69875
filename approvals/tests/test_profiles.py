import pytest
from django.core.exceptions import ValidationError

from approvals.actions import profiles
from approvals.models import StaffProfile
from approvals.tests.builders import NOW, make_user
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def marta():
    return make_user("marta")


def test_choose_a_language(marta):
    profiles.choose_language(language="en", by=marta, now=NOW)
    profiles.choose_language(language="es", by=marta, now=NOW)
    profiles.choose_language(language="es", by=marta, now=NOW)
    assert StaffProfile.objects.get(user=marta).language == "es"
    changes = [
        entry.changes["language"] for entry in HistoryEntry.objects.filter(verb="choose_language").order_by("id")
    ]
    assert changes == [[None, "en"], ["en", "es"]]


def test_a_language_that_the_house_does_not_speak(marta):
    with pytest.raises(ValidationError):
        profiles.choose_language(language="tlh", by=marta, now=NOW)
    assert not StaffProfile.objects.exists()
    assert not HistoryEntry.objects.exists()
