"""The database itself refuses to change history, whoever asks."""

import sqlite3
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from customers.actions import history
from customers.models import HistoryEntry, HistoryHead
from customers.queries import chain

pytestmark = [pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
COLUMNS = "at, actor, verb, subject, scope, changes, reason"
FORGED = "'2020-01-01', '', 'forged', 'x', 'x', '{}', ''"


@pytest.fixture
def rows():
    """Entry 1, and one that is not sealed yet."""
    with transaction.atomic():
        history.write(by=None, now=NOW, verb="plan", subject="campaign:C1", key="k1")
    HistoryEntry.objects.create(at=NOW, verb="change", subject="campaign:C2", scope="campaign:C2", key="k2")
    return everything()


def everything():
    return list(HistoryEntry.objects.order_by("id").values()), list(HistoryHead.objects.values())


def execute(*statements):
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


ENTRY, HEAD = "customers_historyentry", "customers_historyhead"
REFUSED = {
    "change": lambda: HistoryEntry.objects.filter(seq=1).update(verb="forged"),
    "change of an unsealed one": lambda: HistoryEntry.objects.filter(seq=None).update(verb="forged"),
    "change while sealing": lambda: execute(
        f"UPDATE {ENTRY} SET seq = 2, digest = '{'0' * 64}', verb = 'forged' WHERE seq IS NULL"
    ),
    "seal broken open": lambda: HistoryEntry.objects.filter(seq=1).update(seq=None, digest=None),
    "sealed again": lambda: HistoryEntry.objects.filter(seq=1).update(digest="0" * 64),
    "renumbered": lambda: HistoryEntry.objects.filter(seq=1).update(seq=7),
    "touched": lambda: HistoryEntry.objects.filter(seq=1).update(verb="plan"),
    "moved": lambda: HistoryEntry.objects.filter(seq=None).update(id=7000, seq=2, digest="0" * 64),
    "deletion": lambda: HistoryEntry.objects.filter(seq=1).delete(),
    "deletion of an unsealed one": lambda: HistoryEntry.objects.filter(seq=None).delete(),
    "upsert": lambda: HistoryEntry.objects.bulk_create(
        [HistoryEntry(pk=HistoryEntry.objects.get(seq=1).pk, at=NOW, verb="forged", subject="x", scope="x")],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["verb"],
    ),
    "bulk update": lambda: HistoryEntry.objects.bulk_update(
        [HistoryEntry(pk=HistoryEntry.objects.get(seq=1).pk, verb="forged")], ["verb"]
    ),
    "insert with a number": lambda: HistoryEntry.objects.create(
        at=NOW, verb="forged", subject="x", scope="x", seq=2, digest="0" * 64
    ),
    "head moved back": lambda: HistoryHead.objects.update(seq=0, digest=""),
    "head with another digest": lambda: HistoryHead.objects.update(digest="0" * 64),
    "head removed": lambda: HistoryHead.objects.all().delete(),
}
REFUSED_BY_SQLITE = {
    "replaced": f"INSERT OR REPLACE INTO {ENTRY} (id, {COLUMNS}) SELECT id, {FORGED} FROM {ENTRY} WHERE seq = 1",
    "replaced by key": f"INSERT OR REPLACE INTO {ENTRY} ({COLUMNS}, key) VALUES ({FORGED}, 'k1')",
    "replaced by number": f"INSERT OR REPLACE INTO {ENTRY} ({COLUMNS}, seq, digest) VALUES ({FORGED}, 1, 'x')",
    "replaced while sealing": f"UPDATE OR REPLACE {ENTRY} SET seq = 1, digest = 'x' WHERE seq IS NULL",
    "head replaced": f"INSERT OR REPLACE INTO {HEAD} (id, seq, digest) VALUES (1, 0, '')",
}
REFUSED_BY_POSTGRESQL = {"entries emptied": f"TRUNCATE {ENTRY}", "head emptied": f"TRUNCATE {HEAD}"}


@pytest.mark.postgres
@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_history_is_never_changed_or_deleted(rows, change):
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        change()
    assert everything() == rows


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has TRUNCATE")
@pytest.mark.parametrize("statement", REFUSED_BY_POSTGRESQL.values(), ids=REFUSED_BY_POSTGRESQL)
def test_history_is_never_emptied(rows, statement):
    with pytest.raises(DatabaseError, match="never changed or deleted"):
        execute(statement)
    assert everything() == rows


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a way around triggers that only SQLite has")
@pytest.mark.parametrize("recursive_triggers", ["OFF", "ON"])
@pytest.mark.parametrize("statement", REFUSED_BY_SQLITE.values(), ids=REFUSED_BY_SQLITE)
def test_another_program_does_not_replace_history_either(rows, statement, recursive_triggers):
    other = sqlite3.connect(connection.settings_dict["NAME"])
    other.execute(f"PRAGMA recursive_triggers={recursive_triggers}")
    with pytest.raises(sqlite3.IntegrityError, match="never changed or deleted"):
        other.execute(statement)
    other.close()
    assert everything() == rows


@pytest.mark.postgres
def test_there_is_one_head():
    with pytest.raises(DatabaseError, match="history_has_one_head"), transaction.atomic():
        HistoryHead.objects.create(id=2, seq=9)
    assert HistoryHead.objects.get().seq == 0


@pytest.fixture
def empty_database():
    """A database without tables in place of the one of the tests: its migrations of all apps would take minutes."""
    used = connections["default"]
    name = "before_the_chain" if used.vendor == "postgresql" else "file:before_the_chain?mode=memory&cache=shared"
    with used.cursor() as cursor:
        if used.vendor == "postgresql":
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    connections["default"] = connections.create_connection("default")
    connections["default"].settings_dict = used.settings_dict | {"NAME": name}
    yield
    connections["default"].close()
    connections["default"] = used
    with used.cursor() as cursor:
        if used.vendor == "postgresql":
            cursor.execute(f"DROP DATABASE {name}")


@pytest.mark.postgres
def test_history_from_before_the_chain_is_sealed_in_its_order_and_back(empty_database):
    migrate("0003_analysts")
    execute(
        *(f"INSERT INTO {ENTRY} ({COLUMNS}) VALUES ('2026-11-02', '', 'v{n}', 'x', 'x', '{{}}', '')" for n in range(3))
    )
    migrate("0006_limits")
    assert list(HistoryEntry.objects.order_by("id").values_list("seq", "verb")) == [(1, "v0"), (2, "v1"), (3, "v2")]
    assert HistoryHead.objects.get().seq == 3
    assert list(chain.find_problems(now=NOW)) == []
    with transaction.atomic():
        history.write(by=None, now=NOW, verb="plan", subject="campaign:C1")
    assert HistoryHead.objects.get().seq == 4
    migrate("0003_analysts")
    with pytest.raises(DatabaseError, match="never changed or deleted"):
        execute(f"DELETE FROM {ENTRY}")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT verb FROM {ENTRY} ORDER BY id")
        assert [verb for (verb,) in cursor.fetchall()] == ["v0", "v1", "v2", "plan"]


def migrate(name):
    """By the single steps: a new database takes one that stands for all of them."""
    executor = MigrationExecutor(connection)
    executor.loader = MigrationLoader(connection, replace_migrations=False)
    executor.migrate([("customers", name)])
