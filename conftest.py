"""What every test of the house stands on: the database, and the real servers of tests marked `live`."""

import contextlib

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.cache import cache
from django.core.management.commands import flush as flush_command
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import translation

from campaigns.tests.found import asked, base_fact_alone, echo  # noqa: F401 - fixtures of every test
from config.tests.live import Valkey, Worker, ring_at
from config.up.processes import Family


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="run the long form of tests that have one: faults, crowds")


# Each takes minutes: the suite that runs once more on PostgreSQL, and the demo that comes with a first start.
LONGEST = ["test_postgres.py", "test_up.py"]


def pytest_collection_modifyitems(items):
    """The longest begin first, so that no worker is left alone with one of them at the end."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture
def is_long(request):
    return request.config.getoption("--long")


@pytest.fixture(autouse=True)
def _the_language_of_the_house():
    """A page leaves the language of its reader behind in this thread."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _nobody_has_asked_anything_yet():
    """Requests are counted by user; the primary keys of SQLite begin again in each test, its counts would not."""
    cache.clear()


@pytest.fixture(autouse=True)
def _the_base_fact_alone(request):
    """Most tests want a collision, not two dozen opinions of it; those marked `every_rule` get them all."""
    has_database = request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & {*request.fixturenames}
    if has_database and not request.node.get_closest_marker("every_rule"):
        request.getfixturevalue("base_fact_alone")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        _make_flush_leave_a_migrated_database()


def _make_flush_leave_a_migrated_database():
    """Transactional tests end with a flush. Append-only tables refuse it, and it takes what migrations inserted.

    Types and permissions stay as they are: Django would make them again by itself, which takes it half a second.
    """
    # The class, as a browser's event loop in this thread gives Django another connection than the one of now.
    operations = type(connection.ops)
    flush = operations.execute_sql_flush
    stay = {f'"{model._meta.db_table}"' for model in (ContentType, Permission)}
    kept = [
        row
        for row in serializers.deserialize("json", connection.creation.serialize_db_to_string())
        if not isinstance(row.object, ContentType | Permission)
    ]

    def execute_sql_flush(self, statements):
        with transaction.atomic():
            with _no_triggers():
                flush(self, [one for one in statements if not any(table in one for table in stay)])
            for row in kept:
                row.save()

    operations.execute_sql_flush = execute_sql_flush
    flush_command.emit_post_migrate_signal = lambda *_args, **_options: None
    if connection.vendor == "postgresql":
        operations.sql_flush = _delete_from_each


def _delete_from_each(_operations, style, tables, *, reset_sequences=False, allow_cascade=False):
    """SQL of a flush: tables of a test hold few rows, and TRUNCATE makes new files of each, be it empty."""
    del style, reset_sequences, allow_cascade  # without triggers no foreign key asks for an order
    return [f'DELETE FROM "{table}"' for table in tables]


@contextlib.contextmanager
def _no_triggers():
    """Take every trigger of the database away, and put it back. Foreign keys of PostgreSQL are triggers too."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _name, sql in triggers:
            cursor.execute(sql)


@pytest.fixture
def behind_our_back(transactional_db):
    """Runs SQL as somebody with every right on the database would: with all triggers taken away for that long."""

    def run(*statements):
        with transaction.atomic(), connection.cursor() as cursor, _no_triggers():
            for statement in statements:
                cursor.execute(statement)

    return run


@pytest.fixture(params=[True, False], ids=["locked", "unlocked"])
def locked(request, monkeypatch):
    """Runs a race twice: as it is, and with all row locks taken away, where it must be lost.

    Yields whether the locks are there. SQLite lets one transaction write at a time, whatever is locked.
    """
    if not request.param:
        if connection.vendor == "sqlite":
            pytest.skip("SQLite has no row locks to take away")
        monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows.all())
    return request.param


@pytest.fixture(scope="session")
def processes():
    """Starts processes that end with the tests, however the tests end."""
    family = Family()
    yield family
    family.close()


@pytest.fixture(scope="session")
def _valkey(processes, tmp_path_factory):
    server = Valkey(tmp_path_factory.mktemp("valkey"), processes)
    yield server
    server.stop()


@pytest.fixture
def valkey(_valkey):
    """A real, empty broker, and the bells of this test ring there. See config.tests.live.Valkey."""
    if not _valkey.answers():
        _valkey.start()
    _valkey.flush()
    ring_at(_valkey.url)
    yield _valkey
    ring_at(settings.CELERY_BROKER_URL)


@pytest.fixture
def worker(transactional_db, valkey, processes, tmp_path):
    """A real worker process. See config.tests.live.Worker."""
    process = Worker(tmp_path, processes, valkey.url)
    yield process
    process.kill()


def pytest_terminal_summary(terminalreporter):
    """Tell what ran elsewhere, so that one summary covers both databases."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")
