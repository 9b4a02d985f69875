"""When the database is away: nobody's error, and over in a moment."""

import sqlite3

from django.db import Error, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.template import loader

# Seconds until it is worth asking again: a restart of the database takes about as long.
RETRY_AFTER = 10
_SQLITE_IS_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
}


def page(request: HttpRequest) -> HttpResponse:
    """Asks the database nothing."""
    return HttpResponse(loader.get_template("503.html").render(), status=503)


def is_outage(error: BaseException | None) -> bool:
    # The driver's own errors come through where it closes a cursor of the server outside of Django's translation.
    driver = connection.Database
    if not isinstance(error, Error | driver.Error):
        return False
    cause = error if isinstance(error, sqlite3.Error) else error.__cause__
    if isinstance(cause, sqlite3.Error):
        # SQLite says OperationalError for a missing table too. The lowest byte is the kind, the rest details.
        return (getattr(cause, "sqlite_errorcode", 0) & 0xFF) in _SQLITE_IS_AWAY
    away = (OperationalError, InterfaceError, driver.OperationalError, driver.InterfaceError)
    return isinstance(error, away)
