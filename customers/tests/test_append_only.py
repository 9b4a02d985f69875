import sqlite3
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from customers.actions import history
from customers.models import HistoryEntry

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def entry(db):
    return history.write(by=None, now=NOW, verb="plan", subject="campaign:C1")


@pytest.mark.postgres
@pytest.mark.parametrize(
    "change",
    [
        lambda entry: HistoryEntry.objects.update(verb="forged"),
        lambda entry: HistoryEntry.objects.all().delete(),
        lambda entry: HistoryEntry.objects.bulk_create(
            [HistoryEntry(pk=entry.pk, at=NOW, verb="forged", subject="x", scope="x")],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["verb"],
        ),
    ],
)
def test_history_is_never_changed_or_deleted(entry, change):
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        change(entry)
    assert HistoryEntry.objects.get().verb == "plan"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="a way around triggers that only SQLite has")
def test_another_program_does_not_replace_history_either():
    with transaction.atomic():
        entry = history.write(by=None, now=NOW, verb="plan", subject="campaign:C1")
    columns = ["id", "at", "actor", "verb", "subject", "scope", "changes", "reason"]
    row = HistoryEntry.objects.values_list(*columns).get()
    other = sqlite3.connect(connection.settings_dict["NAME"])
    with pytest.raises(sqlite3.IntegrityError, match="never changed or deleted"):
        other.execute(
            f"INSERT OR REPLACE INTO customers_historyentry ({', '.join(columns)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [row[0], "2020-01-01", "", "forged", "x", "x", "{}", ""],
        )
    other.close()
    assert HistoryEntry.objects.get(pk=entry.pk).verb == "plan"
