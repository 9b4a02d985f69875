"""What mails say about terms for a whole case, about an agreement, and about more time."""

from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.actions.letter_parts import (
    Row,
    Words,
    case_subject,
    deadline_row,
    own_first,
    party_rows,
    quoted,
    said,
    short_moment,
)
from approvals.choices import MailEvent
from approvals.queries.news import CaseNews
from approvals.queries.recipients import Recipient
from approvals.queries.signers import joined
from approvals.rules import closing, operations


def proposed(news: CaseNews, recipient: Recipient) -> Words:
    own, other = own_first(news, recipient)
    return Words(
        subject=case_subject(_("Answer terms in %(case)s: %(what)s"), news),
        opening=_(
            "%(person)s puts terms for the whole case to you: how %(own)s and %(other)s of %(department)s go on. Accept "
            "them, propose other terms, or decline and say why. Once both sides have accepted, they are carried out at once."
        )
        % {"person": news.by, "own": quoted(own), "other": quoted(other), "department": other.department},
        rows=[*_terms(news), *said(_("Message"), news), *party_rows(news), *_deadline(news)],
        link=_("See the terms and answer"),
    )


def countered(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("Other terms in %(case)s: %(what)s"), news),
        opening=_(
            "%(person)s proposes other terms. They supersede the ones before, of which no acceptance counts any more. The "
            "deadline stays."
        )
        % {"person": news.by},
        rows=[*_terms(news), *said(_("Message"), news), *party_rows(news), *_deadline(news)],
        link=_("See the terms and answer"),
    )


def declined(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("Terms declined in %(case)s: %(what)s"), news),
        opening=_("%(person)s declined the terms. You can still agree on others as long as the case is open.")
        % {"person": news.by},
        rows=[*_terms(news), *said(_("Reason"), news), *party_rows(news), *_deadline(news)],
        link=_("See the case and propose other terms"),
    )


def agreed(news: CaseNews, recipient: Recipient) -> Words:
    """By terms, which were carried out; or by proposals, one after the other."""
    if not news.signers:
        return Words(
            subject=case_subject(_("Agreed in %(case)s: %(what)s"), news),
            opening=_(
                "The departments agreed: nothing collides any more, so the case is closed. Offers that only it held are "
                "free again."
            ),
            rows=[(_("Why"), closing.words(news.because)), *party_rows(news)],
            link=_("See the case"),
        )
    return Words(
        subject=case_subject(_("Agreed in %(case)s: %(what)s"), news),
        opening=_("Agreed by %(people)s. It is carried out already and the case is closed: nobody has to do anything.")
        % {"people": joined(news.signers)},
        rows=[*_terms(news), *said(_("Message"), news), *party_rows(news)],
        link=_("See what was agreed and its effect"),
    )


def extension_asked(news: CaseNews, recipient: Recipient) -> Words:
    hours = ngettext("%(n)s more working hour", "%(n)s more working hours", news.hours) % {"n": localize(news.hours)}
    rows = [(_("Asked for"), hours), *said(_("Reason"), news), *party_rows(news), deadline_row(news)]
    if news.until:
        rows.append((_("It would be"), short_moment(news.until)))
    return Words(
        subject=case_subject(_("More time for %(case)s? %(what)s"), news),
        opening=_(
            "%(person)s asks for more time to agree. Grant it or decline: without an answer the deadline stays as it is. It "
            "can be put off once."
        )
        % {"person": news.by},
        rows=rows,
        link=_("See the case and answer"),
    )


def extension_granted(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("More time for %(case)s: %(what)s"), news),
        opening=_("%(person)s granted more time to agree. The deadline is put off, which is possible once.")
        % {"person": news.by},
        rows=[deadline_row(news), *party_rows(news)],
        link=_("See the case"),
    )


def extension_declined(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("No more time for %(case)s: %(what)s"), news),
        opening=_("%(person)s declined to put off the deadline. It stays as it is.") % {"person": news.by},
        rows=[deadline_row(news), *said(_("Reason"), news), *party_rows(news)],
        link=_("See the case"),
    )


def _terms(news: CaseNews) -> list[Row]:
    """What was put together, and what it does to the two campaigns."""
    rows = [(_("Terms") if place == 0 else "", operations.describe(order)) for place, order in enumerate(news.orders)]
    if news.tally:
        rows += [
            (_("Offers that change"), localize(news.tally.offers)),
            (_("Collisions that go"), localize(news.tally.cleared)),
            (_("Collisions that stay and are allowed"), localize(news.tally.remaining)),
        ]
    return rows


def _deadline(news: CaseNews) -> list[Row]:
    """A mediator has the case without one."""
    return [] if news.mediator else [deadline_row(news)]


WORDS = {
    MailEvent.CASE_AGREED: agreed,
    MailEvent.TERMS_PROPOSED: proposed,
    MailEvent.TERMS_COUNTERED: countered,
    MailEvent.TERMS_DECLINED: declined,
    MailEvent.EXTENSION_ASKED: extension_asked,
    MailEvent.EXTENSION_GRANTED: extension_granted,
    MailEvent.EXTENSION_DECLINED: extension_declined,
}
