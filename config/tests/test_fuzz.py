"""The API asked at random, as everybody: no error of ours, nothing that its description does not say, no door left open.

`make test` asks a little as two people; `make fuzz` asks 300 times per operation as each.
"""

import logging
import os

import hypothesis
import pytest
import schemathesis
from django.conf import settings
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi import checks

from config.wsgi import application
from customers.actions.tokens import create_token

load_all_checks()
EXAMPLES = int(os.environ.get("CONCORDIA_FUZZ_EXAMPLES", "0"))
PARTS = ["administrator", "lead", "third_lead", "member", "mediator", "analyst"]

SCHEMA = schemathesis.openapi.from_path(settings.BASE_DIR / "docs" / "openapi.yaml")
SCHEMA.app = application
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
# A body that the description allows may still be refused: it does not know which codes exist.
LEFT_OUT = [checks.positive_data_acceptance, checks.unsupported_method, checks.negative_data_rejection]

pytestmark = [pytest.mark.django_db, pytest.mark.fuzz]


@pytest.fixture(autouse=True)
def _quiet(caplog):
    caplog.set_level(logging.CRITICAL)
    # The end of a request closes the connection, and with it the transaction that holds the house.
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def keys_of(world, operation):
    """Keys that exist, for the part of the house that the operation is about; and some that do not."""
    noun = operation.path.split("/")[3].replace("-", "")
    folders = [folder for folder in world.ids if noun.startswith(folder.split("/")[1][:4])]
    return sorted({key for folder in folders for key in world.ids[folder]} | {1, 2, 987654})


def ask(operation, headers, keys, examples):
    known = st.sampled_from(keys)

    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples < 50,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(), key=known, is_known=st.booleans())
    def once(case, key, is_known):
        if is_known and "id" in case.path_parameters:
            case.path_parameters["id"] = str(key)
        cache.clear()  # this is not about how often one may ask
        with transaction.atomic():
            case.call_and_validate(headers=headers, excluded_checks=LEFT_OUT)
            transaction.set_rollback(True)

    once()


@pytest.mark.parametrize("part", PARTS if EXAMPLES else ["administrator", "lead"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=[one.label for one in OPERATIONS])
def test_it_answers_as_described(world, operation, part):
    person = world.people[part]
    _token, secret = create_token(user=person, name="fuzz", scope="write", days=1, by=person, now=timezone.now())
    ask(operation, {"Authorization": f"Bearer {secret}"}, keys_of(world, operation), EXAMPLES or 5)
