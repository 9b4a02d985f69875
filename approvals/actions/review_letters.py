"""The words of mails about the approval of a plan, in the language that is active now."""

from django.utils.translation import gettext as _

from approvals.actions.letter_parts import Row, Words, fit, quoted, short_moment
from approvals.choices import MailEvent
from approvals.queries.news import ReviewNews
from approvals.wording import section_name
from campaigns.wording import period


def reviewed(event: MailEvent, news: ReviewNews) -> Words:
    match event:
        case MailEvent.REVIEW_ASKED:
            return _asked(news)
        case MailEvent.REVIEW_REMINDER:
            return _reminder(news)
        case MailEvent.REVIEW_OVERDUE:
            return _overdue(news)
        case MailEvent.CHANGES_ASKED:
            return _changes(news)
    return _fell(news)


def _asked(news: ReviewNews) -> Words:
    return Words(
        subject=_subject(_("Approve %(what)s (%(code)s)"), news),
        opening=_("%(campaign)s of %(department)s was submitted, and your approval is asked for.") % _plan(news),
        rows=_rows(news),
        link=_("Read it and answer"),
    )


def _reminder(news: ReviewNews) -> Words:
    return Words(
        subject=_subject(_("Reminder: approve %(what)s (%(code)s)"), news),
        opening=_("%(campaign)s of %(department)s still waits for your approval.") % _plan(news),
        rows=_rows(news),
        link=_("Read it and answer"),
    )


def _overdue(news: ReviewNews) -> Words:
    return Words(
        subject=_subject(_("Overdue: approval of %(what)s (%(code)s)"), news),
        opening=_(
            "The time to approve %(campaign)s of %(department)s is over, and somebody is still missing. It does not go live "
            "before everybody has agreed."
        )
        % _plan(news),
        rows=_rows(news),
        link=_("See who is missing"),
    )


def _changes(news: ReviewNews) -> Words:
    return Words(
        subject=_subject(_("Changes asked for: %(what)s (%(code)s)"), news),
        opening=_("%(person)s asks for changes of %(campaign)s before approving it.") % _plan(news),
        rows=[(_("Of what"), _sections(news)), (_("What should change"), news.reason), *_rows(news)],
        link=_("Open the review"),
    )


def _fell(news: ReviewNews) -> Words:
    return Words(
        subject=_subject(_("Approve again: %(what)s (%(code)s) has changed"), news),
        opening=_("What you said of %(campaign)s of %(department)s no longer counts: these parts have changed since.")
        % _plan(news),
        rows=[(_("Of what"), _sections(news)), *_rows(news)],
        link=_("See what changed and answer"),
    )


def _subject(template: str, news: ReviewNews) -> str:
    code = news.party.code
    return fit(template, [[news.party.name], [code]], lambda names: {"what": names[0], "code": code})


def _plan(news: ReviewNews) -> dict[str, str]:
    return {"campaign": quoted(news.party), "department": news.party.department, "person": news.by}


def _rows(news: ReviewNews) -> list[Row]:
    rows: list[Row] = [(_("Days"), period(news.starts_on, news.ends_before))]
    if news.due_at:
        rows.append((_("Please answer by"), short_moment(news.due_at)))
    return rows


def _sections(news: ReviewNews) -> str:
    return ", ".join(section_name(section, news.departments) for section in news.sections)
