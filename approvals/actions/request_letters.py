"""The words of mails about customers' requests: which one, where and until when, and never what a customer said."""

from django.utils.formats import localize
from django.utils.translation import gettext as _

from approvals.actions.letter_parts import Row, Words, fit, short_moment
from approvals.choices import MailEvent, RequestChannel
from approvals.queries.news import RequestNews


def requested(event: MailEvent, news: RequestNews) -> Words:
    match event:
        case MailEvent.REQUEST_HANDED_OVER:
            return _handed_over(news)
        case MailEvent.REQUEST_WANDERS:
            return _wanders(news)
        case MailEvent.REQUEST_REMINDER:
            return _reminder(news)
        case MailEvent.REQUEST_OVERDUE:
            return _overdue(news)
        case MailEvent.REQUEST_CONTRADICTED:
            return _contradicted(news)
    return _settled(news)


def _handed_over(news: RequestNews) -> Words:
    late = " " + _("Its time is over already: answer it at once.") if news.is_late else ""
    return Words(
        subject=_subject(_("Answer request %(request)s, handed over by %(department)s"), news, news.before),
        opening=_(
            "%(before)s handed a customer's request over to %(department)s. %(owner)s owns it until somebody takes it."
        )
        % _named(news)
        + late,
        rows=_rows(news),
        link=_("Read it and answer"),
    )


def _wanders(news: RequestNews) -> Words:
    if news.is_late:
        opening = _(
            "%(before)s handed a customer's request over to %(department)s although its time to answer is over."
        )
    else:
        opening = _("%(before)s handed a customer's request over to %(department)s. It has wandered often by now.")
    return Words(
        subject=_subject(_("Request %(request)s goes on to %(department)s"), news, news.department),
        opening=opening % _named(news) + " " + _("Agree who answers, so that the customer does not wait in vain."),
        rows=_rows(news),
        link=_("See where it has been"),
    )


def _reminder(news: RequestNews) -> Words:
    deadline = {"deadline": short_moment(news.answer_by)}
    return Words(
        subject=_subject(_("Reminder: answer request %(request)s by %(deadline)s"), news, "", **deadline),
        opening=_("A customer's request still waits for its answer. Half of the time is over."),
        rows=_rows(news),
        link=_("Read it and answer"),
    )


def _overdue(news: RequestNews) -> Words:
    return Words(
        subject=_subject(_("Overdue: request %(request)s, with %(department)s"), news, news.department),
        opening=_("A customer's request was not answered in time. See to it that somebody answers today."),
        rows=_rows(news),
        link=_("See the request"),
    )


def _contradicted(news: RequestNews) -> Words:
    return Words(
        subject=_subject(_("Two answers to request %(request)s: settle which stands"), news),
        opening=_(
            "%(person)s answered a customer whom another department answers or has answered. Both answers are kept. One of the "
            "leads settles which of them stands, so that the customer hears one thing."
        )
        % _named(news),
        rows=_rows(news),
        link=_("Compare the answers"),
    )


def _settled(news: RequestNews) -> Words:
    return Words(
        subject=_subject(_("Settled: which answer to request %(request)s stands"), news),
        opening=_(
            "%(person)s settled which of the answers to a customer stands. Whoever said something else corrects it."
        )
        % _named(news),
        rows=_rows(news),
        link=_("See the answer that stands"),
    )


def _subject(pattern: str, news: RequestNews, department: str = "", **more: str) -> str:
    return fit(
        pattern,
        [[department]],
        lambda names: {"request": news.label, "department": names[0], **more},
    )


def _named(news: RequestNews) -> dict[str, str]:
    return {"department": news.department, "before": news.before, "owner": news.owner, "person": news.by}


def _rows(news: RequestNews) -> list[Row]:
    rows: list[Row] = [
        (_("Request"), news.label),
        (_("Came by"), str(RequestChannel(news.channel).label)),
        (_("Department"), news.department),
        (_("Owner"), news.owner),
        (_("Answer by"), short_moment(news.answer_by)),
    ]
    if news.number:
        rows.append((_("Hand-overs"), localize(news.number)))
    return rows
