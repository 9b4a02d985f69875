"""Two questions of whoever watches the house: is the process alive, and can people work?"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from approvals.choices import MailState
from approvals.models import Mail
from config.celery import app
from customers.actions.events import given_up
from customers.models import Heartbeat

# The sweeps run every minute and send what is due: whatever is older says that something stands still.
TOO_OLD = timedelta(minutes=5)
LATELY = timedelta(days=7)
SWEEPS = ("campaigns sweep", "approvals sweep")

Part = dict[str, Any]


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Each part with `ok` and numbers, never contents: whoever can reach the port may ask."""
    parts = {
        "broker": _part(_broker),
        "database": _part(_database),
        "events": _part(_events),
        "migrations": _part(_migrations),
        "outbox": _part(_outbox),
        "sweeps": _part(_sweeps),
    }
    ready = all(part["ok"] for part in parts.values())
    response = JsonResponse({"ready": ready, "parts": parts}, status=200 if ready else 503)
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


def _events() -> Part:
    """News that was tried too often and waits for an operator; the offers it concerns do not start meanwhile."""
    return {"ok": True, "given_up": given_up().count()}


def _outbox() -> Part:
    """Age of the oldest mail not sent yet, how long one has waited beyond its next try, and how many failed lately.

    Only the second makes the product unusable: a mail server that is away is waited for, and people can work.
    """
    now = timezone.now()
    unsent = Mail.objects.filter(state__in=[MailState.QUEUED, MailState.SENDING])
    oldest = unsent.aggregate(written=Min("created_at"), due=Min("not_before"))
    age = now - oldest["written"] if oldest["written"] else timedelta(0)
    # `not_before` of a failed mail is when its last try was due.
    failed = Mail.objects.filter(state=MailState.FAILED, not_before__gte=now - LATELY).count()
    overdue = max(now - oldest["due"], timedelta(0)) if oldest["due"] else timedelta(0)
    return {
        "ok": overdue <= TOO_OLD,
        "oldest_seconds": int(age.total_seconds()),
        "overdue_seconds": int(overdue.total_seconds()),
        "failed": failed,
    }


def _sweeps() -> Part:
    now = timezone.now()
    last = dict(Heartbeat.objects.filter(name__in=SWEEPS).values_list("name", "last_ok_at"))
    ages = {name: now - last[name] if last.get(name) else None for name in SWEEPS}
    return {
        "ok": all(age is not None and age <= TOO_OLD for age in ages.values()),
        "seconds": {name: None if age is None else int(age.total_seconds()) for name, age in ages.items()},
    }
