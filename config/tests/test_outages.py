"""While the database is away people are asked to wait; an error of ours stays one."""

import sqlite3

import pytest
from django.db import DataError, InterfaceError, OperationalError, ProgrammingError, connection
from django.urls import reverse

from config import outages


def raised(error, cause=None):
    error.__cause__ = cause
    return error


def sqlite_error(code):
    error = sqlite3.OperationalError("said SQLite")
    error.sqlite_errorcode = code
    return error


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (raised(OperationalError("server closed the connection unexpectedly")), True),
        (raised(InterfaceError("the connection is closed")), True),
        (raised(OperationalError("locked"), sqlite_error(sqlite3.SQLITE_BUSY)), True),
        (raised(OperationalError("locked"), sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT)), True),
        (raised(OperationalError("disk is full"), sqlite_error(sqlite3.SQLITE_FULL)), True),
        (raised(OperationalError("no such table"), sqlite_error(sqlite3.SQLITE_ERROR)), False),
        (connection.Database.OperationalError("of the driver"), connection.vendor == "postgresql"),
        (sqlite_error(sqlite3.SQLITE_BUSY), connection.vendor == "sqlite"),
        (ProgrammingError("no such table"), False),
        (DataError("out of range"), False),
        (ValueError("ours"), False),
        (None, False),
    ],
)
def test_what_an_outage_is(error, expected):
    assert outages.is_outage(error) is expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "status", "retry_after", "words"),
    [
        (OperationalError("connection refused"), 503, "10", "The database does not answer just now"),
        (ValueError("ours"), 500, None, "Something went wrong on our side"),
    ],
)
def test_the_page_asks_the_database_nothing(admin_client, error, status, retry_after, words):
    def away(execute, sql, params, many, context):
        raise error

    admin_client.raise_request_exception = False
    with connection.execute_wrapper(away):
        page, problem = admin_client.get(reverse("admin:index")), admin_client.get("/api/v1/channels/")
    for answer in (page, problem):
        assert (answer.status_code, answer.headers.get("Retry-After")) == (status, retry_after)
        assert words in answer.content.decode()
    assert problem.json()["status"] == status
