"""A transactional test leaves the database as migrations leave it, although history refuses to be deleted."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import DatabaseError, transaction

from approvals.models import EscalationPolicy
from customers.actions import history
from customers.models import HistoryEntry
from customers.permissions import ANALYSTS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


# Twice: the second finds what the flush after the first has left.
@pytest.mark.parametrize("time", ["first", "second"])
def test_flush_forgets_the_test_and_keeps_the_migrations(time):
    assert not HistoryEntry.objects.exists()
    assert Group.objects.filter(name=ANALYSTS).exists()
    assert EscalationPolicy.objects.filter(pk=1).exists()
    assert Permission.objects.filter(codename="view_campaign").exists()
    with transaction.atomic():
        history.write(by=None, now=datetime(2017, 7, 24, tzinfo=UTC), verb="tested", subject="campaign:A")
    for change in (HistoryEntry.objects.all().delete, lambda: HistoryEntry.objects.update(verb="forged")):
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            change()
    assert HistoryEntry.objects.get().verb == "tested"
