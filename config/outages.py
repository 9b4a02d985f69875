"""What people see while the database is away: "come back in a moment", which programs understand too."""

import sqlite3
import sys

from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views.defaults import server_error as our_error

# Seconds until it is worth asking again: a restart of the database takes about as long.
RETRY_AFTER = 10
_SQLITE_IS_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
}


def server_error(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After when the database does not answer, 500 for everything else. Asks the database nothing."""
    if not is_outage(sys.exc_info()[1]):
        return our_error(request)
    return HttpResponse(
        loader.get_template("503.html").render(),
        status=503,
        headers={"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"},
    )


def is_outage(error: BaseException | None) -> bool:
    if not isinstance(error, Error):
        return False
    if isinstance(error.__cause__, sqlite3.Error):
        # SQLite says OperationalError for a missing table too. The lowest byte is the kind, the rest details.
        return (getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF) in _SQLITE_IS_AWAY
    return isinstance(error, OperationalError | InterfaceError)
