"""The words of mails to whoever sells or serves: what to say, and what not any more, in the language that is active now."""

from django.utils.translation import gettext as _

from approvals.actions.letter_parts import Row, Words, fit, quoted
from approvals.briefing_lines import terms
from approvals.choices import MailEvent
from approvals.queries.news import BriefingNews
from campaigns.wording import period

# Offers that a mail tells one by one.
MOST_OFFERS = 10


def briefed(event: MailEvent, news: BriefingNews) -> Words:
    match event:
        case MailEvent.BRIEFING_STOPPED:
            return _stopped(news)
        case MailEvent.BRIEFING_RESUMED:
            return _resumed(news)
    return _released(news)


def _released(news: BriefingNews) -> Words:
    if news.is_first:
        pattern = _("Briefing: %(what)s (%(code)s)")
        opening = _("%(campaign)s of %(department)s is approved. This is what every channel says about it.")
    else:
        pattern = _("Briefing changed: %(what)s (%(code)s)")
        opening = _("%(campaign)s of %(department)s was changed, and the change is approved. This is what counts now.")
    return Words(
        subject=_subject(pattern, news),
        opening=opening % _named(news),
        rows=[(_("Days"), period(news.starts_on, news.ends_before)), *_said(news)],
        link=_("Read the briefing"),
    )


def _stopped(news: BriefingNews) -> Words:
    return Words(
        subject=_subject(_("Do not offer any more: %(what)s (%(code)s)"), news),
        opening=_(
            "%(campaign)s of %(department)s was stopped. From now on nobody offers it or announces it, on no channel."
        )
        % _named(news),
        rows=[(_("Days planned"), period(news.starts_on, news.ends_before))],
        link=_("See the briefing"),
    )


def _resumed(news: BriefingNews) -> Words:
    return Words(
        subject=_subject(_("Goes on: %(what)s (%(code)s)"), news),
        opening=_("%(campaign)s of %(department)s goes on. It may be offered again as the briefing says.")
        % _named(news),
        rows=[(_("Days"), period(news.starts_on, news.ends_before)), *_said(news)],
        link=_("Read the briefing"),
    )


def _subject(pattern: str, news: BriefingNews) -> str:
    code = news.party.code
    return fit(pattern, [[news.party.name], [code]], lambda names: {"what": names[0], "code": code})


def _named(news: BriefingNews) -> dict[str, str]:
    return {"campaign": quoted(news.party), "department": news.party.department}


def _said(news: BriefingNews) -> list[Row]:
    rows: list[Row] = [(_("What to say"), news.message)] if news.message else []
    rows += [(said["name"], terms(said)) for said in news.offers[:MOST_OFFERS]]
    if more := len(news.offers) - MOST_OFFERS:
        rows += [("", _("and %(n)s more") % {"n": more})] if more > 0 else []
    return rows
