"""The migrations that stand for all single steps make the same database as these."""

import re
import sqlite3
import subprocess
import sys

import pytest
from django.conf import settings

from config.tests.live import ENVIRONMENT

pytestmark = pytest.mark.big

STEP_BY_STEP = """
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
executor = MigrationExecutor(connection)
executor.loader = MigrationLoader(connection, replace_migrations=False)
executor.migrate([node for node in executor.loader.graph.leaf_nodes() if "squashed" not in node[1]])
"""
# What Django writes by itself after a migration, in whatever order.
NOT_COMPARED = {"django_migrations", "django_content_type", "auth_permission", "sqlite_sequence"}


def migrated(place, *command):
    environment = ENVIRONMENT | {
        "SECRET_KEY": "x",
        "DATABASE_URL": f"sqlite:///{place}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    subprocess.run([sys.executable, *command], env=environment, cwd=settings.BASE_DIR, check=True)
    return described(place)


def described(place):
    """{kind and name: its parts, sorted}: tables by columns and constraints, triggers by words, and every row."""
    found = {}
    with sqlite3.connect(place) as database:
        for kind, name, sql in database.execute("SELECT type, name, sql FROM sqlite_master").fetchall():
            text = re.sub(r"\s+", " ", (sql or "").replace('"', ""))
            if kind == "table":
                found[f"table {name}"] = sorted(parts_of(text[text.index("(") + 1 : text.rindex(")")]))
                found |= {f"rows of {name}": rows_of(database, name)} if name not in NOT_COMPARED else {}
            elif sql:
                found[f"{kind} {name}"] = sorted(re.split(r" AND | OR |[ ()]", text))
    return found


def parts_of(body):
    depth, part = 0, ""
    for sign in body:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            yield part.strip()
            part = ""
        else:
            part += sign
    yield part.strip()


def rows_of(database, table):
    cursor = database.execute(f"SELECT * FROM {table}")
    columns = [column[0] for column in cursor.description]
    return sorted(sorted(zip(columns, map(str, row), strict=True)) for row in cursor)


def test_both_ways_lead_to_the_same_database(tmp_path):
    at_once = migrated(tmp_path / "at_once.sqlite3", "manage.py", "migrate", "--verbosity=0")
    by_steps = migrated(tmp_path / "by_steps.sqlite3", "-c", STEP_BY_STEP)
    assert at_once == by_steps
    assert any(name.startswith("trigger approvals_case_state") for name in at_once)
