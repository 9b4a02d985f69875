"""When `manage.py up` takes the house for the demo, whose passwords everybody knows."""

import pytest

from campaigns.tests.factories import make_user
from config.demo import ADMINISTRATOR, PASSWORD, PEOPLE
from config.management.commands.up import _runs_demo

pytestmark = pytest.mark.django_db


def test_it_is_the_demo_while_its_people_have_their_public_password():
    assert not _runs_demo()
    people = {person.username: make_user(person.username) for person in PEOPLE}
    assert not _runs_demo()
    administrator = people[ADMINISTRATOR.username]
    administrator.set_password(PASSWORD)
    administrator.save()
    assert _runs_demo()
    people["lucia"].delete()
    assert not _runs_demo()
