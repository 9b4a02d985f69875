"""What the sides of a case and its mediator say in it: stated with files, retracted; and the mails about it."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import dossier, outbox, speech
from approvals.choices import OPEN_STATES, MailEvent, StatementKind
from approvals.models import Attachment, Case, Mail, Statement, StatementRetraction
from approvals.models.statements import LONGEST_SOURCE
from approvals.permissions import can_speak, speaks_for
from approvals.queries.conversation_news import of_statement
from approvals.queries.recipients import Recipient, concerned
from approvals.queries.statements import readers_of
from approvals.rules import attachments
from campaigns.models import Campaign
from customers.actions import history
from customers.rules.text import WrongText, one_line

# A file as it was sent: its name and its bytes.
File = tuple[str, bytes]


@dataclass(frozen=True)
class _Said:
    text: str = ""
    people: Sequence[User] = ()
    source: str = ""
    files: Sequence[Attachment] = ()


@transaction.atomic
def state(
    *,
    case: Case,
    kind: str,
    text: str,
    by: User,
    now: datetime,
    source: str = "",
    side: Campaign | None = None,
    files: Sequence[File] = (),
    token: str = "",
) -> Statement:
    """Say something in a case; the parties, the mediator and who is mentioned (`@username`) are told.

    The same again with the same `token` is the statement that is there already.

    Args:
        kind: a StatementKind; the mediator only comments.
        source: where a fact can be checked; without meaning for all else.
        side: in whose name, for who speaks for both; None = the one that `by` speaks for.

    Raises:
        PermissionDenied: `by` speaks for no side, or not for this one, and is not the mediator, who only comments.
        ValidationError: the case is closed; no text, or one that is too long; a fact without its source; a mention of
            nobody who may read the case; or files that are too many, too large or of another kind.
    """
    locked = dossier.locked(case.pk)
    check_may_speak(by, locked)
    own = _side(locked, by, side)
    said = _read(locked, own, kind, text, source, files)
    digests = [file.sha256 for file in said.files]
    key = speech.key_of(by, locked, token, kind, said.source, str(own.pk if own else ""), said.text, *digests)
    there: Statement | None = Statement.objects.select_related("author", "retraction").filter(key=key).first()
    if there:
        return there
    statement = Statement.objects.create(
        case=locked, kind=kind, side=own, source=said.source, author=by, text=said.text, written_at=now, key=key
    )
    statement.mentions.set(said.people)
    for file in said.files:
        file.statement = statement
        file.save()
    # Of the case alone, and not what it says: that can be retracted, the history cannot.
    changes = {"statement": (None, str(statement))}
    history.write(by=by, now=now, verb="state", subject=dossier.subject_of(locked), changes=changes)
    _tell(statement, locked, said.people, now)
    return statement


def check_may_speak(by: User, case: Case) -> None:
    """Ask what `state` asks first.

    Raises:
        PermissionDenied, ValidationError: as `state`.
    """
    _check_may_read(by, case)
    if case.state not in OPEN_STATES:
        closed = _("%(case)s is closed: nothing more is said in it.") % {"case": case.label}
        raise ValidationError(closed, code="state")
    if not can_speak(by, case):
        raise PermissionDenied(_("Only the two departments of the case and its mediator speak in it."))


@transaction.atomic
def retract(*, statement: Statement, by: User, now: datetime) -> Statement:
    """Hide the text and the files from everybody, also in mails that are kept. Retracting once more changes nothing.

    Raises:
        PermissionDenied: `by` is not the author, or may no longer read the case.
    """
    case = dossier.locked(statement.case_id)
    _check_may_read(by, case)
    if statement.author_id != by.pk:
        raise PermissionDenied(_("Only who made a statement retracts it."))
    _row, is_new = StatementRetraction.objects.get_or_create(statement=statement, defaults={"retracted_at": now})
    found: Statement = Statement.objects.select_related("author", "retraction", "side__department").get(
        pk=statement.pk
    )
    if is_new:
        changes = {"statement": (str(found), None)}
        history.write(by=by, now=now, verb="retract_statement", subject=dossier.subject_of(case), changes=changes)
        _take_out_of_mails(found, case)
    return found


def _read(case: Case, side: Campaign | None, kind: str, text: str, source: str, files: Sequence[File]) -> _Said:
    """All that is wrong is told at once: whoever corrects one thing has to choose the files again."""
    wrong: dict[str, list[ValidationError]] = {}
    said = _Said()
    with _noted(wrong):
        said = replace(said, text=speech.read(text))
        said = replace(said, people=speech.mentioned(said.text, readers_of(case)))
    with _noted(wrong):
        said = replace(said, source=_source(source, _kind(kind, side)))
    with _noted(wrong):
        said = replace(said, files=_examined(files))
    if wrong:
        raise ValidationError(wrong)
    return said


@contextmanager
def _noted(wrong: dict[str, list[ValidationError]]) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        wrong.update(error.error_dict)


def _check_may_read(by: User, case: Case) -> None:
    if not Case.objects.visible(by).filter(pk=case.pk).exists():
        raise PermissionDenied(_("This case is not yours to read."))


def _side(case: Case, by: User, asked: Campaign | None) -> Campaign | None:
    """In whose name; None for the mediator."""
    own = speaks_for(by, case)
    if asked is not None and asked.pk not in own:
        raise PermissionDenied(_("You speak in the name of your own department alone."))
    sides = [one for one in (case.campaign_a, case.campaign_b) if one.pk in own]
    if asked is None and len(sides) > 1:
        raise ValidationError({"side": _("You belong to both departments: say in whose name you speak.")})
    return next((one for one in sides if asked is None or one.pk == asked.pk), None)


def _kind(kind: str, side: Campaign | None) -> str:
    if kind not in StatementKind.values:
        raise ValidationError({"kind": _("Choose what it is.")})
    if side is None and kind != StatementKind.COMMENT:
        raise PermissionDenied(_("The mediator asks and comments: facts and claims are those of the sides."))
    return kind


def _source(source: str, kind: str) -> str:
    if kind != StatementKind.FACT:
        return ""
    try:
        where = one_line(source, size=LONGEST_SOURCE)
    except WrongText as error:
        raise ValidationError({"source": ValidationError(error.message, code=error.code)}) from error
    if not where:
        text = _("Say where the other side can check it; if nobody can, it is a claim.")
        raise ValidationError({"source": ValidationError(text, code="required")})
    return where


def _examined(files: Sequence[File]) -> list[Attachment]:
    """As they will be kept, once there is their statement."""
    if len(files) > attachments.MOST:
        raise ValidationError({"files": _("At most %(most)d files at a time.") % {"most": attachments.MOST}})
    found, wrong = [], []
    for place, (name, content) in enumerate(files, start=1):
        try:
            clean, kind = attachments.examined(name, content)
        except attachments.WrongFile as error:
            wrong.append(ValidationError(error.message, code=error.code))
        else:
            digest = hashlib.sha256(content).hexdigest()
            kept = {"name": clean, "kind": kind.value, "size": len(content), "sha256": digest, "content": content}
            found.append(Attachment(position=place, **kept))
    if wrong:
        raise ValidationError({"files": wrong})
    return found


def _tell(statement: Statement, case: Case, people: Sequence[User], now: datetime) -> None:
    """Who is mentioned hears of that; all others concerned, of the statement."""
    said = of_statement(statement, case)
    mentions = [Recipient(person, "mentioned", case.label) for person in people if person.pk != statement.author_id]
    told = {statement.author_id, *(person.pk for person in people)}
    others = [recipient for recipient in concerned(case) if recipient.user.pk not in told]
    for event, recipients in ((MailEvent.MENTION, mentions), (MailEvent.STATEMENT_MADE, others)):
        # One key for both: a person hears of a statement once.
        outbox.queue(event=event, recipients=recipients, news=said, key=_mail_key(statement), now=now, case=case)


def _mail_key(statement: Statement) -> str:
    return f"statement:{statement.pk}"


def _take_out_of_mails(statement: Statement, case: Case) -> None:
    codes = {one.user.pk: one.campaign for one in concerned(case)}
    mails = Mail.objects.filter(case=case, key__startswith=f"{_mail_key(statement)}:")

    def as_told(mail: Mail) -> Recipient:
        campaign = case.label if mail.part == "mentioned" else codes.get(mail.recipient_id, case.label)
        return Recipient(mail.recipient, mail.part, campaign)

    speech.take_out(mails, of_statement(statement, case), as_told, why=_("The statement was retracted."))
