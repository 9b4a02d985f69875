"""The words of mails about what is said in a case and when its parties meet, in the language that is active now."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext as _

from approvals.actions import invitation_file
from approvals.actions.letter_parts import Row, Words, fit, quoted, short_moment
from approvals.choices import MailEvent, StatementKind
from approvals.queries.conversation_news import MeetingNews, StatementNews
from approvals.queries.party import Party, name_of
from approvals.queries.recipients import Recipient


def conversed(event: str, news: StatementNews | MeetingNews, recipient: Recipient) -> Words:
    if isinstance(news, StatementNews):
        return _stated(news, recipient)
    return _met(MailEvent(event), news, recipient)


def _stated(news: StatementNews, recipient: Recipient) -> Words:
    is_mention = recipient.part == "mentioned"
    what = (
        _("%(person)s mentions you in %(case)s.")
        if is_mention
        else {
            StatementKind.FACT: _("%(person)s of %(department)s stated a fact in %(case)s."),
            StatementKind.CLAIM: _("%(person)s of %(department)s made a claim in %(case)s."),
            StatementKind.COMMENT: _("%(person)s wrote a comment in %(case)s."),
        }[StatementKind(news.kind)]
    )
    pattern = _("You are mentioned in %(case)s: %(what)s") if is_mention else "%(case)s: %(what)s"
    return Words(
        subject=_subject(pattern, news),
        opening=what % {"person": news.by, "department": news.department, "case": news.label},
        rows=[*_said(news), *_parties(news)],
        link=_("Read it in the case and answer"),
    )


def _met(event: MailEvent, news: MeetingNews, recipient: Recipient) -> Words:
    match event:
        case MailEvent.MEETING_CANCELLED:
            return _cancelled(news)
        case MailEvent.MEETING_MOVED:
            return _moved(news)
    if news.by == name_of(recipient.user):
        opening = _("You proposed a meeting about %(case)s: here it is for your own calendar.")
    elif news.by:
        opening = _("%(person)s proposes a meeting about %(case)s and invites you.")
    else:
        opening = _("You are invited to the meeting about %(case)s.")
    return Words(
        subject=_subject(_("Meeting on %(moment)s: %(case)s, %(what)s"), news, short_moment(news.starts_at)),
        opening=opening % {"person": news.by, "case": news.label},
        rows=_facts(news),
        link=_("See the case and prepare"),
    )


def method_of(event: MailEvent) -> str:
    return invitation_file.CANCEL if event == MailEvent.MEETING_CANCELLED else invitation_file.REQUEST


def _moved(news: MeetingNews) -> Words:
    rows = _facts(news)
    if news.before:
        rows.insert(1, (_("Instead of"), _moment(news.before)))
    return Words(
        subject=_subject(_("Meeting now on %(moment)s: %(case)s, %(what)s"), news, short_moment(news.starts_at)),
        opening=_("%(person)s changed the meeting about %(case)s. Your calendar follows once you take this in.")
        % {"person": news.by, "case": news.label},
        rows=rows,
        link=_("See the case and prepare"),
    )


def _cancelled(news: MeetingNews) -> Words:
    """Names no campaign: also for who may not read them any more."""
    if news.is_left:
        opening = _("You are out of %(case)s, and so of the meeting about it. It may take place without you.")
    elif news.is_over:
        opening = _("%(case)s is closed, so the meeting about it does not take place.")
    else:
        opening = _("%(person)s cancelled the meeting about %(case)s.")
    moment = short_moment(news.starts_at)
    return Words(
        subject=fit(
            _("Cancelled: meeting on %(moment)s, %(case)s"),
            [[news.label]],
            lambda _names: {"case": news.label, "moment": moment},
        ),
        opening=opening % {"person": news.by, "case": news.label},
        rows=[(_("It was to be"), _moment(news.starts_at)), (_("Place"), news.place)],
        link=_("See what waits for you") if news.is_left else _("See the case"),
    )


def _facts(news: MeetingNews) -> list[Row]:
    return [
        (_("When"), _("%(first)s to %(last)s") % {"first": _moment(news.starts_at), "last": _clock(news.ends_at)}),
        (_("Place"), news.place),
        *([(_("Agenda"), news.agenda)] if news.agenda else []),
        (_("Invited"), ", ".join(name for name, _address in news.people)),
        *_parties(news),
    ]


def _said(news: StatementNews) -> list[Row]:
    if not news.text:
        return [(_("Statement"), _("It was retracted."))]
    rows = [(str(StatementKind(news.kind).label), news.text)]
    if news.source:
        rows.append((_("Where it can be checked"), news.source))
    if news.files:
        rows.append((_("Files"), ", ".join(news.files)))
    return rows


def _parties(news: StatementNews | MeetingNews) -> list[Row]:
    return [(party.department, quoted(party)) for party in sorted(news.parties, key=_department)]


def _department(party: Party) -> str:
    return party.department


def _subject(pattern: str, news: StatementNews | MeetingNews, moment: str = "") -> str:
    choices = [[party.name for party in news.parties], [party.code for party in news.parties]]
    return fit(
        pattern,
        choices,
        lambda names: {"case": news.label, "what": f"{names[0]} ↔ {names[1]}", "moment": moment},
    )


def _moment(moment: datetime) -> str:
    local = timezone.localtime(moment, timezone.get_default_timezone())
    return _("%(moment)s (%(zone)s time)") % {
        "moment": date_format(local, f"D {get_format('DATETIME_FORMAT')}"),
        "zone": settings.TIME_ZONE.replace("_", " "),
    }


def _clock(moment: datetime) -> str:
    local = timezone.localtime(moment, timezone.get_default_timezone())
    return date_format(local, get_format("TIME_FORMAT"))
