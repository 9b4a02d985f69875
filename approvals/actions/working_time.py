"""When the house works: administrators change it, and what is open is counted anew."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from approvals.actions import deadlines, dossier, request_deadlines, review_rounds, time_to_decide
from approvals.choices import OPEN_STATES, CaseState, RequestState
from approvals.models import Case, CustomerRequest, EscalationPolicy, Review, ReviewPolicy, SpecialDay, WorkingHours
from approvals.queries.working_time import house_clock
from approvals.rules.working_time import Clock, NobodyWorks, after
from customers.actions import events, history
from customers.models import Event
from customers.permissions import is_administrator

TOPICS = ["working_time.changed"]

# Cases, reviews and requests counted in one transaction.
AT_ONCE = 25
DAY_FIELDS = ("day", "name", "is_worked")
HOURS_FIELDS = ("opens_at", "closes_at")


@transaction.atomic
def put_day(*, row: SpecialDay | None, day: date, name: str, is_worked: bool, by: User, now: datetime) -> SpecialDay:
    """Enter a day (None) or change one, by hand: imports leave it as it is from now on.

    Raises:
        PermissionDenied: `by` is not an administrator.
        ValidationError: by field; the day stands in the calendar already; nobody would work any more.
    """
    only_administrators(by)
    stored = SpecialDay.objects.select_for_update(no_key=True).get(pk=row.pk) if row else SpecialDay()
    before = _values(stored) if row else {}
    stored.day, stored.name, stored.is_worked, stored.source = day, name, is_worked, ""
    stored.full_clean()
    after_ = _values(stored)
    changes = {field: (before.get(field), value) for field, value in after_.items() if before.get(field) != value}
    if changes or row:
        stored.save()
    if changes:
        subject = f"special_day:{stored.day.isoformat()}"
        history.write(by=by, now=now, verb="put_special_day", subject=subject, changes=changes)
        why = {before["day"]: (before["name"], None)} if before else {}
        old = before["name"] if before and before["day"] == after_["day"] else None
        announce(why | {after_["day"]: (old, stored.name)}, by=by, now=now)
    return stored


@transaction.atomic
def remove_day(*, row: SpecialDay, by: User, now: datetime) -> None:
    """Take a day out: it is as its day of the week says again. Raises PermissionDenied unless `by` administers."""
    only_administrators(by)
    stored = SpecialDay.objects.select_for_update(no_key=True).get(pk=row.pk)
    changes = {field: (value, None) for field, value in _values(stored).items()}
    stored.delete()
    subject = f"special_day:{stored.day.isoformat()}"
    history.write(by=by, now=now, verb="remove_special_day", subject=subject, changes=changes)
    announce({stored.day.isoformat(): (stored.name, None)}, by=by, now=now)


@transaction.atomic
def change_hours(*, opens_at: time, closes_at: time, by: User, now: datetime) -> WorkingHours:
    """Change from when to when somebody works.

    Raises:
        PermissionDenied: `by` is not an administrator.
        ValidationError: by field.
    """
    only_administrators(by)
    hours: WorkingHours = WorkingHours.objects.select_for_update(no_key=True).get()
    before = {field: f"{getattr(hours, field):%H:%M}" for field in HOURS_FIELDS}
    hours.opens_at, hours.closes_at = opens_at, closes_at
    hours.full_clean()
    values = {field: f"{getattr(hours, field):%H:%M}" for field in HOURS_FIELDS}
    changes = {field: (before[field], value) for field, value in values.items() if before[field] != value}
    if changes:
        hours.save()
        history.write(by=by, now=now, verb="change_working_hours", subject="working_hours:1", changes=changes)
        announce(changes, by=by, now=now)
    return hours


def announce(why: Mapping[str, Any], *, by: User | None, now: datetime) -> None:
    """Have everything open counted anew, after the calendar was changed in this transaction.

    Raises:
        ValidationError: the new calendar has too few working hours for what it must count.
    """
    check_somebody_works(now=now)
    events.record(TOPICS[0], now=now, why=dict(why), by=by.pk if by else None, left=None)


def check_somebody_works(*, now: datetime, clock: Clock | None = None, hours: int = 0) -> None:
    """Whether all hours that somebody was given, and `hours`, come within a year; by `clock` instead of that of the house.

    Raises:
        ValidationError: they do not, so that deadlines could not be computed.
    """
    given = [
        hours,
        *EscalationPolicy.objects.values_list("hours_to_agree", flat=True),
        *EscalationPolicy.objects.values_list("hours_to_object", flat=True),
        *EscalationPolicy.objects.values_list("hours_to_decide", flat=True),
        *ReviewPolicy.objects.values_list("hours_to_review", flat=True),
        *ReviewPolicy.objects.values_list("hours_to_answer", flat=True),
        Case.objects.filter(state=CaseState.NEGOTIATION).aggregate(most=Max("hours_to_agree"))["most"] or 0,
        Case.objects.filter(state__in=OPEN_STATES).aggregate(most=Max("hours_to_decide"))["most"] or 0,
        Review.objects.filter(closed_at__isnull=True).aggregate(most=Max("hours_to_review"))["most"] or 0,
        CustomerRequest.objects.filter(state=RequestState.OPEN).aggregate(most=Max("hours_to_answer"))["most"] or 0,
    ]
    try:
        after(now, timedelta(hours=max(given)), clock or house_clock())
    except NobodyWorks as error:
        text = _("With this calendar %(hours)d working hours would not come within a year: leave more time to work.")
        raise ValidationError(text % {"hours": max(given)}, code="nobody_works") from error


@transaction.atomic
def react(batch: Sequence[Event], now: datetime) -> None:
    """Handle events of TOPICS: count anew what is open. What is too much for one transaction waits for the next."""
    why: dict[str, Any] = {}
    left: set[tuple[str, int]] = set()
    for event in batch:
        for name, (before, value) in event.payload["why"].items():
            why[name] = (why[name][0] if name in why else before, value)
        rest = event.payload["left"]
        left.update(_everything_open() if rest is None else ((kind, pk) for kind, pk in rest))
    ordered, by = sorted(left), batch[-1].payload["by"]
    if ordered[AT_ONCE:]:
        events.record(TOPICS[0], now=now, why=why, by=by, left=ordered[AT_ONCE:])
    _recount(ordered[:AT_ONCE], why, User.objects.filter(pk=by).first(), now)


def _recount(rows: Collection[tuple[str, int]], why: Mapping[str, Any], by: User | None, now: datetime) -> None:
    clock = house_clock()
    for kind, pk in rows:
        if kind == "review":
            review_rounds.recount(pk, clock=clock, by=by, now=now)
        elif kind == "request":
            request_deadlines.recount(pk, clock=clock, by=by, now=now)
        elif case := dossier.lock_case(pk):
            deadlines.recount(case, clock=clock, why=why, by=by, now=now)
            time_to_decide.recount(case, clock=clock, why=why, by=by, now=now)


def _everything_open() -> set[tuple[str, int]]:
    found = {
        "case": Case.objects.filter(state__in=OPEN_STATES),
        "review": Review.objects.filter(closed_at__isnull=True),
        "request": CustomerRequest.objects.filter(state=RequestState.OPEN),
    }
    return {(kind, pk) for kind, rows in found.items() for pk in rows.values_list("pk", flat=True)}


def _values(row: SpecialDay) -> dict[str, Any]:
    return {"day": row.day.isoformat(), "name": row.name, "is_worked": row.is_worked}


def only_administrators(by: User | None) -> None:
    """`None` is whoever sits at the command line."""
    if by is not None and not is_administrator(by):
        raise PermissionDenied(_("Only administrators change when the house works."))
