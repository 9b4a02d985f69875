"""What letters are made of: subjects that fit, and rows of facts, in the language that is active now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, get_format, localize
from django.utils.translation import gettext as _

from approvals.queries.news import CaseNews
from approvals.queries.party import Party
from approvals.queries.recipients import Recipient
from campaigns.choices import Level
from campaigns.queries.explanation import name_of as rule_name

PREFIX = "[Concordia] "
LONGEST_SUBJECT = 70

Row = tuple[str, str]


@dataclass(frozen=True)
class Words:
    subject: str
    opening: str
    rows: Sequence[Row]
    link: str


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str
    # What a calendar program reads of it: approvals.actions.invitation_file.
    calendar: str = ""


def lay_out(template: str, context: Mapping[str, Any]) -> Letter:
    """The same words as text and as HTML; below them, where their reader chooses what comes by mail."""
    context = {**context, "preferences": settings.SITE_URL + reverse("admin:approvals_news_preferences")}
    return Letter(
        subject=context["subject"],
        text=render_to_string(f"approvals/mail/{template}.txt", context),
        html=render_to_string(f"approvals/mail/{template}.html", context),
    )


def facts(news: CaseNews) -> list[Row]:
    rows = party_rows(news)
    if news.starts_on and news.ends_before:
        days = {"first": day_of(news.starts_on), "last": day_of(news.ends_before - timedelta(days=1))}
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


def party_rows(news: CaseNews) -> list[Row]:
    return [(party.department, quoted(party)) for party in sorted(news.parties, key=lambda party: party.department)]


def deadline_row(news: CaseNews) -> Row:
    return _("Agree by"), moment_of(news.agree_by)


def decision_rows(news: CaseNews) -> list[Row]:
    """Until when the mediator decides; no row while nobody does."""
    return [(_("Decide by"), moment_of(news.decide_by))] if news.decide_by else []


def said(what: str, news: CaseNews) -> list[Row]:
    """What somebody gave as a reason; no row if they gave none."""
    return [(what, news.reason)] if news.reason else []


def moment_of(moment: datetime) -> str:
    local = timezone.localtime(moment, timezone.get_default_timezone())
    zone = settings.TIME_ZONE.replace("_", " ")
    return _("%(moment)s (%(zone)s time)") % {
        "moment": date_format(local, f"D {get_format('DATETIME_FORMAT')}"),
        "zone": zone,
    }


def own_first(news: CaseNews, recipient: Recipient) -> tuple[Party, Party]:
    one, two = news.parties
    return (two, one) if recipient.campaign == two.code else (one, two)


def quoted(party: Party) -> str:
    return _("“%(name)s” (%(code)s)") % {"name": party.name, "code": party.code}


def day_of(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def case_subject(pattern: str, news: CaseNews, **more: str) -> str:
    deadline = short_moment(news.agree_by)
    names = [[party.name for party in news.parties], [party.code for party in news.parties]]
    return fit(
        pattern,
        names,
        lambda names: {"case": news.label, "what": f"{names[0]} ↔ {names[1]}", "deadline": deadline, **more},
    )


def short_moment(moment: datetime) -> str:
    local = timezone.localtime(moment, timezone.get_default_timezone())
    return date_format(local, f"D {get_format('MONTH_DAY_FORMAT')}, {get_format('TIME_FORMAT')}")


def fit(pattern: str, choices: Sequence[Sequence[str]], values: Callable[[Sequence[str]], dict[str, str]]) -> str:
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


def why(recipient: Recipient) -> str:
    return {
        "accountable": _("You receive this mail because you are A (approves, answers for it) of %(campaign)s."),
        "contact": _("You receive this mail because you are the contact person of %(campaign)s."),
        "lead": _("You receive this mail because you lead the department of %(campaign)s."),
        "responsible": _("You receive this mail because your department has offers in %(campaign)s."),
        "proposer": _("You receive this mail because you proposed the change."),
        "mediator": _("You receive this mail because you are the mediator of this case."),
        "mentioned": _("You receive this mail because you are mentioned in the discussion of %(campaign)s."),
        "reviewer": _("You receive this mail because your approval of %(campaign)s counts."),
        "watcher": _("You receive this mail because you watch %(campaign)s. You can stop that on its page."),
        "seller": _("You receive this mail because you sell or serve customers in %(campaign)s."),
        "subscriber": _(
            "You receive this mail because you want every briefing. You can change that in your settings."
        ),
        "request_owner": _("You receive this mail because the request is yours to answer."),
        "request_lead": _("You receive this mail because you lead a department that has or had the request."),
        "request_author": _("You receive this mail because you answered the customer."),
        "organizer": _("You receive this mail because you proposed the meeting."),
        "left": _("You receive this mail because you were invited."),
        "passed_over": _("You receive this mail because you were the mediator of this case."),
        "rule_judge": _("You receive this mail because you may decide on standing rules."),
        "rule_party": _("You receive this mail because you lead a department of the standing rule."),
        "administrator": _("You receive this mail because you are an administrator."),
        "self": _("You receive this mail because it is about your account."),
    }[recipient.part] % {"campaign": recipient.campaign}
