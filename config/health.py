"""Two questions of whoever watches the house: is the process alive, and can people work?"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from approvals.queries.working_time import ends_soon, known_until
from config import backlog
from config.celery import app
from customers.clock import local_day

# The sweeps run every minute and send what is due: whatever is older says that something stands still.
TOO_OLD = timedelta(minutes=5)

# What does not keep people from working.
CAN_WAIT = ("broker", "calendar")

Part = dict[str, Any]


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Each part with `ok` and numbers, never contents: whoever can reach the port may ask.

    Without its broker the house is slower, not shut: what happens is written, and the sweeps say if nobody does it.
    Without the days off of next year it counts weekdays.
    """
    parts = {
        "broker": _part(_broker),
        "calendar": _part(_calendar),
        "database": _part(_database),
        "events": _part(_events),
        "migrations": _part(_migrations),
        "outbox": _part(_outbox),
        "sweeps": _part(_sweeps),
    }
    ready = all(part["ok"] for name, part in parts.items() if name not in CAN_WAIT)
    degraded = ready and not all(parts[name]["ok"] for name in CAN_WAIT)
    response = JsonResponse({"ready": ready, "degraded": degraded, "parts": parts}, status=200 if ready else 503)
    # Whoever asks reads the answer; Django would log each 503 as an error of ours, every few seconds.
    response._has_been_logged = True  # noqa: SLF001
    return response


def _part(judge: Callable[[], Part]) -> Part:
    try:
        return judge()
    except Exception as error:  # noqa: BLE001 - whatever is broken, the answer is that it is
        return {"ok": False, "error": type(error).__name__}


def _database() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True}


def _migrations() -> Part:
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    missing = len(known.keys() - MigrationRecorder(connection).applied_migrations().keys())
    return {"ok": not missing, "missing": missing}


def _broker() -> Part:
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=3)
        broker.channel().close()
    return {"ok": True}


def _calendar() -> Part:
    """How many more days the imported days off cover; None if there never were any."""
    today = local_day(timezone.now())
    last = known_until()
    return {"ok": ends_soon(today) is None, "days_covered": None if last is None else (last - today).days}


def _events() -> Part:
    """News that was tried too often and waits for an operator; the offers it concerns do not start meanwhile."""
    return {"ok": True, "given_up": backlog.events(timezone.now()).given_up}


def _outbox() -> Part:
    """Age of the oldest mail not sent yet, how long one has waited beyond its next try, and how many failed lately.

    Only the second makes the product unusable: a mail server that is away is waited for, and people can work. Nor
    does mail that was held on purpose.
    """
    now = timezone.now()
    mails, held = backlog.mails(now), backlog.is_mail_held()
    return {
        "ok": held or mails.overdue <= TOO_OLD,
        "held": held,
        "oldest_seconds": int(mails.oldest.total_seconds()),
        "overdue_seconds": int(mails.overdue.total_seconds()),
        "failed": backlog.mails_failed_lately(now),
    }


def _sweeps() -> Part:
    ages = backlog.sweeps(timezone.now())
    return {
        "ok": all(age is not None and age <= TOO_OLD for age in ages.values()),
        "seconds": {name: None if age is None else int(age.total_seconds()) for name, age in ages.items()},
    }
