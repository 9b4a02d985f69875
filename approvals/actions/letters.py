"""The words of every mail, in the language that is active now. Text and HTML are two layouts of the same words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format, get_format, localize
from django.utils.translation import gettext as _

from approvals.choices import MailEvent
from approvals.queries.news import AccountNews, CampaignNews, CaseNews, Party
from approvals.queries.recipients import Recipient
from approvals.rules import closing, operations
from campaigns.choices import Level
from campaigns.queries.explanation import name_of as rule_name

PREFIX = "[Concordia] "
LONGEST_SUBJECT = 70

Row = tuple[str, str]


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class _Words:
    subject: str
    opening: str
    rows: Sequence[Row]
    link: str


def write(event: str, news: CaseNews | CampaignNews | AccountNews, recipient: Recipient) -> Letter:
    """The mail about `event` to this person."""
    words = _words(event, news, recipient)
    context = {
        "name": recipient.user.first_name or recipient.user.get_username(),
        "opening": words.opening,
        "rows": words.rows,
        "link": words.link,
        "url": news.url,
        "why": _why(recipient),
        "subject": words.subject,
    }
    return Letter(
        subject=words.subject,
        text=render_to_string("approvals/mail/letter.txt", context),
        html=render_to_string("approvals/mail/letter.html", context),
    )


def _words(event: str, news: CaseNews | CampaignNews | AccountNews, recipient: Recipient) -> _Words:
    match news:
        case CampaignNews():
            return _without_lead(news)
        case AccountNews():
            return _device_taken_away(news)
        case _:
            return _CASE[MailEvent(event)](news, recipient)


def _opened(news: CaseNews, recipient: Recipient) -> _Words:
    own, other = _own_first(news, recipient)
    return _Words(
        subject=_case_subject(_("Agree on %(case)s: %(what)s · by %(deadline)s"), news),
        opening=_(
            "Your campaign %(own)s collides with %(other)s of %(department)s. Agree with them before the deadline, "
            "or a mediator will decide. Offers that are not live yet are held until then."
        )
        % {"own": _quoted(own), "other": _quoted(other), "department": other.department},
        rows=[*_facts(news), _deadline_row(news)],
        link=_("See what collides and agree"),
    )


def _reminder(news: CaseNews, recipient: Recipient) -> _Words:
    own, other = _own_first(news, recipient)
    return _Words(
        subject=_case_subject(_("Reminder %(case)s: %(what)s · by %(deadline)s"), news),
        opening=_(
            "%(own)s still collides with %(other)s of %(department)s. After the deadline the case goes to mediation."
        )
        % {"own": _quoted(own), "other": _quoted(other), "department": other.department},
        rows=[*_facts(news), _deadline_row(news)],
        link=_("See what collides and agree"),
    )


def _escalated(news: CaseNews, recipient: Recipient) -> _Words:
    if news.by:
        opening = _("%(person)s said that the departments will not agree, so the case is now in mediation.")
    else:
        opening = _("The departments did not agree before the deadline, so the case is now in mediation.")
    mediator = news.mediator or _("nobody is free to decide yet; the administrators are looking for somebody")
    rows = [*_facts(news), (_("Mediator"), mediator)]
    return _Words(
        subject=_case_subject(_("%(case)s: %(what)s"), news),
        opening=opening % {"person": news.by},
        rows=rows + ([(_("Reason"), news.reason)] if news.reason else []),
        link=_("See the case"),
    )


def _assigned(news: CaseNews, recipient: Recipient) -> _Words:
    return _Words(
        subject=_case_subject(_("Decide %(case)s: %(what)s"), news),
        opening=_("%(one)s and %(two)s did not agree, and you are the mediator who decides.")
        % {"one": news.parties[0].department, "two": news.parties[1].department},
        rows=[*_facts(news), *([(_("Reason"), news.reason)] if news.reason else [])],
        link=_("Look at the evidence and decide"),
    )


def _decided(news: CaseNews, recipient: Recipient) -> _Words:
    orders = [operations.describe(order) for order in news.orders]
    return _Words(
        subject=_case_subject(_("%(case)s: %(what)s"), news),
        opening=_("%(person)s has decided. The decision is carried out already and the case is closed.")
        % {"person": news.by},
        rows=[
            *((_("Decision") if place == 0 else "", order) for place, order in enumerate(orders)),
            (_("Reason"), news.reason),
            *_party_rows(news),
        ],
        link=_("See the decision and its effect"),
    )


def _vanished(news: CaseNews, recipient: Recipient) -> _Words:
    return _Words(
        subject=_case_subject(_("%(case)s: %(what)s"), news),
        opening=_("The campaigns no longer collide, so the case is closed. Offers that only it held are free again."),
        rows=[(_("Why"), closing.words(news.because)), *_party_rows(news)],
        link=_("See the case"),
    )


def _without_mediator(news: CaseNews, recipient: Recipient) -> _Words:
    return _Words(
        subject=_case_subject(_("Name a mediator for %(case)s: %(what)s"), news),
        opening=_(
            "Nobody can decide this case: every mediator and stand-in is inactive or belongs to a party. Name a mediator "
            "who is free; the case finds them within the hour."
        ),
        rows=_facts(news),
        link=_("See the case and who was passed over"),
    )


def _without_lead(news: CampaignNews) -> _Words:
    return _Words(
        subject=_fit(
            _("Name who is accountable for %(what)s (%(code)s)"),
            [[news.party.name], [news.party.code]],
            lambda names: {"what": names[0], "code": news.party.code},
        ),
        opening=_(
            "The campaign %(campaign)s came in without an accountable person (A), as %(department)s has no lead. Without "
            "one nobody can submit or approve it, and nobody hears about its collisions."
        )
        % {"campaign": _quoted(news.party), "department": news.party.department},
        rows=[(_("Campaign"), _quoted(news.party)), (_("Department"), news.party.department)],
        link=_("Open the campaign"),
    )


def _device_taken_away(news: AccountNews) -> _Words:
    return _Words(
        subject=PREFIX + _("Your two-factor sign-in was taken away"),
        opening=_(
            "From now on your password alone opens your account, until you set up an app again. If you did not ask for "
            "this, tell an administrator at once and change your password."
        ),
        rows=[(_("By"), news.by or _("the operator of the system")), (_("When"), _short_moment(news.at))],
        link=_("Set up two-factor sign-in"),
    )


_CASE: dict[MailEvent, Callable[[CaseNews, Recipient], _Words]] = {
    MailEvent.CASE_OPENED: _opened,
    MailEvent.CASE_REMINDER: _reminder,
    MailEvent.CASE_ESCALATED: _escalated,
    MailEvent.CASE_ASSIGNED: _assigned,
    MailEvent.CASE_DECIDED: _decided,
    MailEvent.CASE_VANISHED: _vanished,
    MailEvent.CASE_WITHOUT_MEDIATOR: _without_mediator,
}


def _why(recipient: Recipient) -> str:
    return {
        "accountable": _("You receive this mail because you are A (approves, answers for it) of %(campaign)s."),
        "contact": _("You receive this mail because you are the contact person of %(campaign)s."),
        "lead": _("You receive this mail because you lead the department of %(campaign)s."),
        "mediator": _("You receive this mail because you are the mediator of this case."),
        "administrator": _("You receive this mail because you are an administrator."),
        "self": _("You receive this mail because it is about your account."),
    }[recipient.part] % {"campaign": recipient.campaign}


def _facts(news: CaseNews) -> list[Row]:
    rows = _party_rows(news)
    if news.starts_on and news.ends_before:
        days = {"first": _day(news.starts_on), "last": _day(news.ends_before - timedelta(days=1))}
        number = {"number": localize(news.collisions)}
        rows.append((_("Collisions"), _("%(number)s, from %(first)s to %(last)s") % {**number, **days}))
    return [
        *rows,
        (_("Severity"), str(Level(news.level).label)),
        *([(_("What was found"), ", ".join(map(rule_name, news.rules)))] if news.rules else []),
        *_shared(news),
    ]


def _shared(news: CaseNews) -> list[Row]:
    """What the most severe collision shares, where its rule is about that."""
    counts = [
        (_("Customers in both offers, most severe collision"), news.customers),
        (_("Products in both offers, most severe collision"), news.products),
    ]
    return [(what, localize(number)) for what, number in counts if number]


def _party_rows(news: CaseNews) -> list[Row]:
    return [(party.department, _quoted(party)) for party in sorted(news.parties, key=lambda party: party.department)]


def _deadline_row(news: CaseNews) -> Row:
    local = timezone.localtime(news.agree_by, timezone.get_default_timezone())
    zone = settings.TIME_ZONE.replace("_", " ")
    return _("Agree by"), _("%(moment)s (%(zone)s time)") % {
        "moment": date_format(local, f"D {get_format('DATETIME_FORMAT')}"),
        "zone": zone,
    }


def _own_first(news: CaseNews, recipient: Recipient) -> tuple[Party, Party]:
    one, two = news.parties
    return (two, one) if recipient.campaign == two.code else (one, two)


def _quoted(party: Party) -> str:
    return _("“%(name)s” (%(code)s)") % {"name": party.name, "code": party.code}


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _case_subject(pattern: str, news: CaseNews) -> str:
    deadline = _short_moment(news.agree_by)
    names = [[party.name for party in news.parties], [party.code for party in news.parties]]
    return _fit(
        pattern,
        names,
        lambda names: {"case": news.label, "what": f"{names[0]} ↔ {names[1]}", "deadline": deadline},
    )


def _short_moment(moment: datetime) -> str:
    local = timezone.localtime(moment, timezone.get_default_timezone())
    return date_format(local, f"D {get_format('MONTH_DAY_FORMAT')}, {get_format('TIME_FORMAT')}")


def _fit(pattern: str, choices: Sequence[Sequence[str]], values: Callable[[Sequence[str]], dict[str, str]]) -> str:
    """A subject of at most LONGEST_SUBJECT characters: with names if they fit, else with codes, else with codes cut."""
    choices = [[" ".join(name.split()) for name in names] for names in choices]
    for names in choices:
        subject = PREFIX + pattern % values(names)
        if len(subject) <= LONGEST_SUBJECT:
            return subject
    for room in range(LONGEST_SUBJECT, 1, -1):
        subject = PREFIX + pattern % values([_cut(name, room) for name in choices[-1]])
        if len(subject) <= LONGEST_SUBJECT:
            return subject
    return subject[: LONGEST_SUBJECT - 1] + "…"


def _cut(name: str, room: int) -> str:
    return name if len(name) <= room else name[: room - 1] + "…"
