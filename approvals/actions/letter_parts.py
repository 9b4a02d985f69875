"""What letters are made of: subjects that fit, and rows of facts, in the language that is active now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, get_format, localize
from django.utils.translation import gettext as _

from approvals.queries.news import CaseNews, Party
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


def facts(news: CaseNews) -> list[Row]:
    rows = party_rows(news)
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


def party_rows(news: CaseNews) -> list[Row]:
    return [(party.department, quoted(party)) for party in sorted(news.parties, key=lambda party: party.department)]


def deadline_row(news: CaseNews) -> Row:
    local = timezone.localtime(news.agree_by, timezone.get_default_timezone())
    zone = settings.TIME_ZONE.replace("_", " ")
    return _("Agree by"), _("%(moment)s (%(zone)s time)") % {
        "moment": date_format(local, f"D {get_format('DATETIME_FORMAT')}"),
        "zone": zone,
    }


def own_first(news: CaseNews, recipient: Recipient) -> tuple[Party, Party]:
    one, two = news.parties
    return (two, one) if recipient.campaign == two.code else (one, two)


def quoted(party: Party) -> str:
    return _("“%(name)s” (%(code)s)") % {"name": party.name, "code": party.code}


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def case_subject(pattern: str, news: CaseNews) -> str:
    deadline = short_moment(news.agree_by)
    names = [[party.name for party in news.parties], [party.code for party in news.parties]]
    return fit(
        pattern,
        names,
        lambda names: {"case": news.label, "what": f"{names[0]} ↔ {names[1]}", "deadline": deadline},
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
