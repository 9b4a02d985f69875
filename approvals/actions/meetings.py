"""The meeting of the parties of a case: proposed, changed, cancelled, and in the calendars of whom it concerns.

The only writer of Meeting.state.
"""

import logging
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from approvals.actions import dossier, envelopes, outbox
from approvals.choices import OPEN_STATES, MailEvent, MeetingState
from approvals.models import Case, Invitation, Meeting
from approvals.models.meetings import LONGEST_AGENDA, LONGEST_PLACE
from approvals.permissions import can_speak
from approvals.queries.conversation_news import of_meeting
from approvals.queries.invitees import cases_that_meet, invitees_of, meeting_of
from approvals.queries.recipients import Recipient
from approvals.rules.meetings import FARTHEST, LONGEST, SHORTEST, is_too_far, is_too_late
from customers.actions import history
from customers.rules.text import WrongText, one_line, prose

logger = logging.getLogger(__name__)


@transaction.atomic
def propose(
    *,
    case: Case,
    starts_at: datetime,
    minutes: int,
    place: str,
    by: User,
    now: datetime,
    agenda: str = "",
    key: str = "",
) -> Meeting:
    """Invite everybody whom the case concerns. The same `key` again, from the same person, changes nothing.

    Raises:
        PermissionDenied: `by` speaks for no side and is not the mediator.
        ValidationError: the case is closed; there is a meeting already that is not over; it would begin in the past or
            more than a year ahead; its length is none; or there is no place.
    """
    locked = dossier.locked(case.pk)
    check_may_meet(by, locked)
    request = dossier.key_of("meet", locked, key) if key else None
    there = meeting_of(locked)
    if there and request and dossier.is_repeated(request, by):
        return there
    if there and there.ends_at > now:
        text = _("There is a meeting already: change it, or cancel it first.")
        raise ValidationError(text, code="state")
    asked = _asked(starts_at, minutes, place, agenda, now)
    if there:
        Meeting.objects.filter(pk=there.pk).update(state=MeetingState.HELD)
    meeting: Meeting = Meeting.objects.create(
        case=locked, uid=_new_uid(locked), state=MeetingState.PROPOSED, proposed_by=by, proposed_at=now, **asked
    )
    _note(locked, "meet", by=by, now=now, changes={"starts_at": (None, starts_at.isoformat())}, key=request)
    _invite(meeting, locked, invitees_of(locked, meeting), now=now, by=by)
    return meeting


@transaction.atomic
def change(
    *,
    meeting: Meeting,
    starts_at: datetime,
    minutes: int,
    place: str,
    by: User,
    now: datetime,
    agenda: str = "",
    sequence: int | None = None,
) -> Meeting:
    """Tell everybody invited that it is otherwise. What changes nothing tells nobody.

    Args:
        sequence: which version `by` was shown; None = whichever there is.

    Raises:
        PermissionDenied: as `propose`.
        ValidationError: as `propose`; it is cancelled or has begun; or somebody changed it since.
    """
    case = dossier.locked(meeting.case_id)
    check_may_meet(by, case)
    found = _ahead(meeting, now)
    if sequence is not None and sequence != found.sequence:
        raise ValidationError(_("Somebody changed the meeting meanwhile. Look at it again."), code="stale")
    asked = _asked(starts_at, minutes, place, agenda, now)
    old = {name: getattr(found, name) for name in asked}
    if old == asked:
        return found
    Meeting.objects.filter(pk=found.pk).update(**asked, sequence=F("sequence") + 1)
    changed: Meeting = Meeting.objects.select_related("proposed_by").get(pk=found.pk)
    differs = {
        name: (_plain(old[name]), _plain(asked[name])) for name in ("starts_at", "minutes") if old[name] != asked[name]
    }
    _note(case, "move_meeting", by=by, now=now, changes=differs)
    before = found.starts_at if found.starts_at != changed.starts_at else None
    _tell(MailEvent.MEETING_MOVED, changed, case, _recipients(changed, case), now=now, by=by, before=before)
    return changed


@transaction.atomic
def cancel(*, meeting: Meeting, by: User, now: datetime) -> Meeting:
    """Take it out of all calendars. Cancelling once more changes nothing.

    Raises:
        PermissionDenied: as `propose`.
        ValidationError: the case is closed, or the meeting has begun.
    """
    case = dossier.locked(meeting.case_id)
    check_may_meet(by, case)
    if Meeting.objects.filter(pk=meeting.pk, state=MeetingState.CANCELLED).exists():
        meeting.refresh_from_db()
        return meeting
    return _cancel(_ahead(meeting, now), case, by=by, now=now)


def call_off(case: Case, *, now: datetime) -> None:
    """A locked case is closed: its meeting ahead does not take place."""
    meeting = meeting_of(case)
    if meeting and meeting.is_ahead(now):
        _cancel(meeting, case, by=None, now=now)


def keep_invited(*, now: datetime) -> None:
    """Invite who became mediator or a party of a case that will meet, and tell who left it to take it out."""
    for pk in cases_that_meet(now):
        try:
            _keep_invited(pk, now)
        except Exception:
            logger.exception("who is invited to the meeting of case %d was not looked at", pk)


def check_may_meet(by: User, case: Case) -> None:
    """Ask what `propose` asks first.

    Raises:
        PermissionDenied, ValidationError: as `propose`.
    """
    if not Case.objects.visible(by).filter(pk=case.pk).exists():
        raise PermissionDenied(_("This case is not yours to read."))
    if case.state not in OPEN_STATES:
        raise ValidationError(_("%(case)s is closed: nobody has to meet.") % {"case": case.label}, code="state")
    if not can_speak(by, case):
        raise PermissionDenied(_("Only the two departments of the case and its mediator propose a meeting."))


@transaction.atomic
def _keep_invited(pk: int, now: datetime) -> None:
    case = dossier.locked(pk)
    meeting = meeting_of(case)
    if meeting is None or not meeting.is_ahead(now):
        return
    if case.state not in OPEN_STATES:
        _cancel(meeting, case, by=None, now=now)
        return
    wanted = {one.user.pk: one for one in invitees_of(case, meeting)}
    there = {one.user_id: one for one in _invited(meeting)}
    new = [one for user, one in wanted.items() if user not in there]
    gone = [one for user, one in there.items() if user not in wanted]
    if not new and not gone:
        return
    returns = Invitation.objects.filter(meeting=meeting, user__in=[one.user for one in new]).exists()
    if gone or returns:
        # A program takes what is newer than what it has, and whoever is out must be told so by a new version.
        Meeting.objects.filter(pk=meeting.pk).update(sequence=F("sequence") + 1)
        meeting.refresh_from_db(fields=["sequence"])
    Invitation.objects.filter(pk__in=[one.pk for one in gone]).update(left_at=now)
    out = [Recipient(one.user, "left", case.label) for one in gone if one.user.is_active]
    _tell(MailEvent.MEETING_CANCELLED, meeting, case, out, now=now, is_left=True)
    _invite(meeting, case, new, now=now)


def _invite(
    meeting: Meeting, case: Case, people: Iterable[Recipient], *, now: datetime, by: User | None = None
) -> None:
    people = list(people)
    for one in people:
        Invitation.objects.update_or_create(
            meeting=meeting, user=one.user, defaults={"left_at": None}, create_defaults={"invited_at": now}
        )
    _tell(MailEvent.MEETING_PROPOSED, meeting, case, people, now=now, by=by)


def _cancel(meeting: Meeting, case: Case, *, by: User | None, now: datetime) -> Meeting:
    Meeting.objects.filter(pk=meeting.pk).update(state=MeetingState.CANCELLED, sequence=F("sequence") + 1)
    cancelled: Meeting = Meeting.objects.select_related("proposed_by").get(pk=meeting.pk)
    _note(case, "cancel_meeting", by=by, now=now, changes={"starts_at": (meeting.starts_at.isoformat(), None)})
    people = _recipients(cancelled, case)
    _tell(MailEvent.MEETING_CANCELLED, cancelled, case, people, now=now, by=by, is_over=by is None)
    return cancelled


def _ahead(meeting: Meeting, now: datetime) -> Meeting:
    found: Meeting = Meeting.objects.select_related("proposed_by").get(pk=meeting.pk)
    if not found.is_ahead(now):
        raise ValidationError(_("The meeting is cancelled, or has begun already."), code="state")
    return found


def _asked(starts_at: datetime, minutes: int, place: str, agenda: str, now: datetime) -> dict[str, object]:
    """The columns, once they make sense."""
    wrong: dict[str, object] = {}
    if is_too_late(starts_at, now):
        wrong["starts_at"] = _("This moment is over already.")
    elif is_too_far(starts_at, now):
        wrong["starts_at"] = _("At most %(days)d days ahead.") % {"days": FARTHEST.days}
    if not SHORTEST <= minutes <= LONGEST:
        wrong["minutes"] = _("Between %(low)d and %(high)d minutes.") % {"low": SHORTEST, "high": LONGEST}
    texts = {}
    for name, text, read, size in (
        ("place", place, one_line, LONGEST_PLACE),
        ("agenda", agenda, prose, LONGEST_AGENDA),
    ):
        try:
            texts[name] = read(text, size=size)
        except WrongText as error:
            wrong[name] = ValidationError(error.message, code=error.code)
    if not texts.get("place") and "place" not in wrong:
        wrong["place"] = _("Say where: a room, or the link of a call.")
    if wrong:
        raise ValidationError(wrong)
    return {"starts_at": starts_at, "minutes": minutes, **texts}


def _invited(meeting: Meeting) -> list[Invitation]:
    return list(Invitation.objects.filter(meeting=meeting, left_at=None).select_related("user"))


def _recipients(meeting: Meeting, case: Case) -> list[Recipient]:
    """Who has it in their calendar, each in the part that they have now."""
    parts = {one.user.pk: one for one in invitees_of(case, meeting)}
    return [parts.get(one.user_id) or Recipient(one.user, "left", case.label) for one in _invited(meeting)]


def _tell(
    event: MailEvent,
    meeting: Meeting,
    case: Case,
    people: list[Recipient],
    *,
    now: datetime,
    by: User | None = None,
    before: datetime | None = None,
    is_over: bool = False,
    is_left: bool = False,
) -> None:
    """Also to who did it: it is their calendar, too."""
    outbox.queue(
        event=event,
        recipients=people,
        news=of_meeting(meeting, case, now=now, by=by, before=before, is_over=is_over, is_left=is_left),
        # Whoever leaves and comes back is invited again.
        key=f"meeting:{meeting.pk}:{event}:{meeting.sequence}:{now:%Y%m%d%H%M%S%f}",
        now=now,
        case=case,
    )


def _note(
    case: Case,
    verb: str,
    *,
    by: User | None,
    now: datetime,
    changes: dict[str, tuple[object, object]],
    key: str | None = None,
) -> None:
    """Of the case alone: who is merely told of a campaign has no part in it."""
    history.write(by=by, now=now, verb=verb, subject=dossier.subject_of(case), changes=changes, key=key)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _new_uid(case: Case) -> str:
    return f"{case.label.lower()}-{secrets.token_hex(16)}@{envelopes.host()}"
