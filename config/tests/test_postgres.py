"""Tests marked `postgres` run twice: with the others on the database of the settings, and here on PostgreSQL."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from config.tests import postgres


@pytest.mark.skipif(connection.vendor == "postgresql", reason="DATABASE_URL names a PostgreSQL: all tests run on it")
def test_everything_marked_postgres_passes_on_postgresql(record_property, is_long):
    try:
        with postgres.server() as url:
            output = _run_marked_tests(url, ["--long"] if is_long else [])
    except postgres.NoServerError as error:
        if os.environ.get("CONCORDIA_REQUIRE_POSTGRES") == "1":
            raise
        pytest.skip(f"no PostgreSQL: {error}")
    record_property("on PostgreSQL", output.strip().splitlines()[-1].strip("= "))


def _run_marked_tests(url, options):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-m",
        "postgres",
        "-q",
        "-p",
        "no:cacheprovider",
        "--color=no",
        *options,
    ]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        command,
        env=inherited | {"DATABASE_URL": url},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
