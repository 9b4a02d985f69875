"""The words of mails about who decides a case and until when, in the language that is active now."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.actions.letter_parts import PREFIX, Words, case_subject, decision_rows, facts, said
from approvals.choices import MailEvent, RecusalKind
from approvals.queries.impartiality import ADMINISTRATOR, INVOLVED, PARTY
from approvals.queries.news import CaseNews, LeftNews
from approvals.queries.recipients import Recipient
from approvals.rules.timeline import why_passed_over


def _escalated(news: CaseNews, recipient: Recipient) -> Words:
    if news.by:
        opening = _("%(person)s said that the departments will not agree, so the case is now in mediation.")
    elif news.is_hurried:
        opening = _(
            "The campaigns collide so soon that there is no working time left to agree, so the case is in mediation at once."
        )
    else:
        opening = _("The departments did not agree before the deadline, so the case is now in mediation.")
    rows = [*facts(news), (_("Mediator"), _mediator(news))]
    return Words(
        subject=case_subject(_("%(case)s: %(what)s"), news),
        opening=opening % {"person": news.by},
        rows=[*rows, *said(_("Reason"), news)],
        link=_("See the case"),
    )


def _assigned(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("Decide %(case)s: %(what)s"), news),
        opening=_("%(one)s and %(two)s did not agree, and you are the mediator who decides.")
        % {"one": news.parties[0].department, "two": news.parties[1].department},
        rows=[*facts(news), *decision_rows(news), *said(_("Reason"), news)],
        link=_("Look at the evidence and decide"),
    )


def _decision_reminder(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("Reminder, decide %(case)s: %(what)s"), news),
        opening=_(
            "%(one)s and %(two)s wait for your decision. After the deadline the case goes to the next mediator, if another "
            "one is free. If anything keeps you from deciding, step aside on the case page."
        )
        % {"one": news.parties[0].department, "two": news.parties[1].department},
        rows=[*facts(news), *decision_rows(news)],
        link=_("Look at the evidence and decide"),
    )


def _mediator_changed(news: CaseNews, recipient: Recipient) -> Words:
    opening = _("Whoever was the mediator of this case does not decide it any more. The case page says why.")
    if news.passed_on:
        opening = _("This case has left its mediator: %(person)s %(why)s.") % {
            "person": news.left,
            "why": why_passed_over(news.passed_on),
        }
    return Words(
        subject=case_subject(_("%(case)s: %(what)s"), news),
        opening=opening,
        rows=[*facts(news), (_("Mediator"), _mediator(news)), *decision_rows(news)],
        link=_("See the case"),
    )


def _without_mediator(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("Name a mediator for %(case)s: %(what)s"), news),
        opening=_(
            "Nobody can decide this case: no mediator and no stand-in for it is free. The case page says why. Name a mediator "
            "who is free; the case finds them within the hour."
        ),
        rows=facts(news),
        link=_("See the case and who was passed over"),
    )


def _undecided(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("Not decided in time, %(case)s: %(what)s"), news),
        opening=_(
            "%(person)s did not decide this case in time, and nobody else is free. They can still decide. Talk to them, or "
            "name another mediator who is free: that person has the case within the hour."
        )
        % {"person": news.mediator},
        rows=[*facts(news), *decision_rows(news)],
        link=_("See the case"),
    )


def left(news: LeftNews) -> Words:
    """To whoever may not read the case any more: names nothing of it."""
    return Words(
        subject=PREFIX + _("%(case)s is no longer yours to decide") % {"case": news.label},
        opening=_(
            "%(case)s has passed from you to the next person, so there is nothing more for you to decide in it. What you "
            "could read only as its mediator is closed to you again."
        )
        % {"case": news.label},
        rows=[(_("Why"), str(_WHY_LEFT[news.why]))],
        link=_("See what waits for you"),
    )


_WHY_LEFT = {
    RecusalKind.TIMEOUT: gettext_lazy(
        "The time to decide was over. Both departments plan on the decision, so the case does not wait any longer."
    ),
    RecusalKind.CHALLENGED: gettext_lazy(
        "One of the departments challenged you as its mediator, which each may do once. Nobody examines it."
    ),
    PARTY: gettext_lazy("You belong to one of the departments by now."),
    INVOLVED: gettext_lazy("You have a part in one of the campaigns by now."),
    ADMINISTRATOR: gettext_lazy("You administer the system by now."),
}


def _mediator(news: CaseNews) -> str:
    return news.mediator or _("nobody is free to decide yet; the administrators are looking for somebody")


WORDS: dict[MailEvent, Callable[[CaseNews, Recipient], Words]] = {
    MailEvent.CASE_ESCALATED: _escalated,
    MailEvent.CASE_ASSIGNED: _assigned,
    MailEvent.DECISION_REMINDER: _decision_reminder,
    MailEvent.CASE_MEDIATOR_CHANGED: _mediator_changed,
    MailEvent.CASE_WITHOUT_MEDIATOR: _without_mediator,
    MailEvent.CASE_UNDECIDED: _undecided,
}
