"""Whether the queue and the history tell the truth. Each judgement yields a sentence per row that does not."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from customers.actions import events
from customers.actions.events import MAX_TRIES
from customers.models import Event, HistoryEntry

ROWS = 2000


def unheard(*, now: datetime, grace: timedelta) -> Iterator[str]:
    """Events that should have been handled by now: for `grace` nobody did."""
    waiting = Event.objects.filter(handled_at=None, tries__lt=MAX_TRIES)
    since = Greatest("created_at", Coalesce("not_before", "created_at"))
    for event in waiting.annotate(due=since).filter(due__lt=now - grace).order_by("id").iterator(ROWS):
        yield _("Event %(pk)d (%(topic)s) waits since %(due)s and nobody handled it.") % {
            "pk": event.pk,
            "topic": event.topic,
            "due": event.due.isoformat(timespec="seconds"),
        }


def given_up() -> Iterator[str]:
    for event in events.given_up().order_by("id").iterator(ROWS):
        yield _("Event %(pk)d (%(topic)s) was given up after %(tries)d tries: %(error)s") % {
            "pk": event.pk,
            "topic": event.topic,
            "tries": event.tries,
            "error": event.error,
        }


def broken_chains(kind: str, field: str, start: str, stored: Mapping[str, str]) -> Iterator[str]:
    """Things whose history does not lead step by step to what is stored.

    `stored` is {code: value now} of all things of this `kind`; before its first entry `field` was `start`.
    """
    reached = dict.fromkeys(stored, start)
    for entry in _steps(kind, field):
        code = entry["subject"].partition(":")[2]
        if code not in reached:
            continue
        before, after = entry["changes"][field]
        if before != reached[code]:
            yield _("%(subject)s: history entry %(pk)d leads from “%(before)s”, but it was “%(was)s” then.") % {
                "subject": entry["subject"],
                "pk": entry["pk"],
                "before": before,
                "was": reached[code],
            }
        reached[code] = after
    for code, value in stored.items():
        if reached[code] != value:
            yield _("%(kind)s:%(code)s is “%(value)s”, but its history ends at “%(reached)s”.") % {
                "kind": kind,
                "code": code,
                "value": value,
                "reached": reached[code],
            }


def _steps(kind: str, field: str) -> Iterator[dict[str, Any]]:
    """Entries of the things' own pages: a step of a case also stands on the pages of its campaigns."""
    rows = HistoryEntry.objects.filter(subject__startswith=f"{kind}:", scope=F("subject"), changes__has_key=field)
    return rows.order_by("id").values("pk", "subject", "changes").iterator(ROWS)
