import pytest
from django.db import transaction

from config.tests.world import make_world


@pytest.fixture(scope="module")
def _world(django_db_setup, django_db_blocker):
    """Made once: what a test changes goes back with its own transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(_world, db):
    return _world
