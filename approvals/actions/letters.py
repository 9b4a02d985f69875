"""The words of every mail, in the language that is active now. Text and HTML are two layouts of the same words."""

from collections.abc import Callable
from dataclasses import replace

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from approvals.actions import (
    briefing_letters,
    conversation_letters,
    digest_letters,
    discussion_letters,
    invitation_file,
    mediation_letters,
    request_letters,
    review_letters,
    rule_letters,
    terms_letters,
)
from approvals.actions.letter_parts import (
    PREFIX,
    Letter,
    Row,
    Words,
    case_subject,
    deadline_row,
    facts,
    fit,
    lay_out,
    own_first,
    party_rows,
    quoted,
    said,
    short_moment,
    why,
)
from approvals.choices import MailEvent
from approvals.queries.conversation_news import MeetingNews, StatementNews
from approvals.queries.news import (
    AccountNews,
    BriefingNews,
    CampaignNews,
    CaseNews,
    CommentNews,
    DigestNews,
    LeftNews,
    MoveNews,
    News,
    RequestNews,
    ReviewNews,
    RuleNews,
)
from approvals.queries.recipients import Recipient
from approvals.rules import closing, operations


def write(event: str, news: News, recipient: Recipient) -> Letter:
    """The mail about `event` to this person."""
    if isinstance(news, DigestNews):
        return digest_letters.gathered(news, recipient)
    if isinstance(news, StatementNews | MeetingNews):
        words = conversation_letters.conversed(event, news, recipient)
    else:
        words = _words(event, news, recipient)
    context = {
        "name": recipient.user.first_name or recipient.user.get_username(),
        "opening": words.opening,
        "rows": words.rows,
        "link": words.link,
        "url": news.url,
        "why": why(recipient),
        "subject": words.subject,
    }
    letter = lay_out("letter", context)
    if isinstance(news, MeetingNews):
        method = conversation_letters.method_of(MailEvent(event))
        letter = replace(letter, calendar=invitation_file.invitation(news, method))
    return letter


def _words(event: str, news: News, recipient: Recipient) -> Words:
    if isinstance(news, CaseNews):
        return _CASE[MailEvent(event)](news, recipient)
    return _of_others(MailEvent(event), news, recipient)


def _of_others(event: MailEvent, news: News, recipient: Recipient) -> Words:
    match news:
        case LeftNews():
            return mediation_letters.left(news)
        case CampaignNews():
            return _without_lead(news)
        case CommentNews():
            return discussion_letters.commented(news, recipient)
        case MoveNews():
            return discussion_letters.moved(news)
        case ReviewNews():
            return review_letters.reviewed(event, news)
        case BriefingNews():
            return briefing_letters.briefed(event, news)
        case RequestNews():
            return request_letters.requested(event, news)
        case RuleNews():
            return rule_letters.ruled(event, news)
        case AccountNews():
            return _device_taken_away(news)
    raise TypeError("a digest has no words but those of its lines, and a conversation has its own")


def _opened(news: CaseNews, recipient: Recipient) -> Words:
    own, other = own_first(news, recipient)
    opening = _(
        "Your campaign %(own)s collides with %(other)s of %(department)s. Agree with them before the deadline, "
        "or a mediator will decide. Offers that are not live yet are held until then."
    )
    if recipient.part == "responsible":
        opening = _(
            "Offers of yours in %(own)s collide with %(other)s of %(department)s. Whoever answers for the two campaigns "
            "agrees before the deadline, or a mediator decides. Offers that are not live yet are held until then."
        )
    return Words(
        subject=case_subject(_("Agree on %(case)s: %(what)s · by %(deadline)s"), news),
        opening=opening % {"own": quoted(own), "other": quoted(other), "department": other.department},
        rows=[*facts(news), deadline_row(news)],
        link=_("See what collides and agree"),
    )


def _reminder(news: CaseNews, recipient: Recipient) -> Words:
    own, other = own_first(news, recipient)
    return Words(
        subject=case_subject(_("Reminder %(case)s: %(what)s · by %(deadline)s"), news),
        opening=_(
            "%(own)s still collides with %(other)s of %(department)s. After the deadline the case goes to mediation."
        )
        % {"own": quoted(own), "other": quoted(other), "department": other.department},
        rows=[*facts(news), deadline_row(news)],
        link=_("See what collides and agree"),
    )


def _appealed(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("%(case)s: %(what)s"), news),
        opening=_(
            "%(person)s appealed against the decision, so it is not carried out: another mediator decides, in %(next)s. "
            "That decision will be final."
        )
        % {"person": news.by, "next": news.taken_up_by},
        rows=[(_("Reason"), news.reason), *party_rows(news)],
        link=_("See the case"),
    )


def _enforced(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("%(case)s: %(what)s"), news),
        opening=_("Nobody appealed in time, so the decision has taken effect and the case is closed."),
        rows=[*_ordered(news), *party_rows(news)],
        link=_("See the decision and its effect"),
    )


def _overtaken(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("%(case)s: %(what)s"), news),
        opening=_(
            "The plans changed after the decision was made, so it was not carried out. A mediator looks at the new plans "
            "and decides again, in %(next)s."
        )
        % {"next": news.taken_up_by},
        rows=party_rows(news),
        link=_("See the case"),
    )


def _ordered(news: CaseNews) -> list[Row]:
    orders = [operations.describe(order) for order in news.orders]
    return [(_("Decision") if place == 0 else "", order) for place, order in enumerate(orders)]


def _vanished(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("%(case)s: %(what)s"), news),
        opening=_("The campaigns no longer collide, so the case is closed. Offers that only it held are free again."),
        rows=[(_("Why"), closing.words(news.because)), *party_rows(news)],
        link=_("See the case"),
    )


def _proposal_made(news: CaseNews, recipient: Recipient) -> Words:
    own, other = own_first(news, recipient)
    return Words(
        subject=case_subject(_("Answer a proposal in %(case)s: %(what)s"), news),
        opening=_(
            "%(person)s asks for a change of %(own)s, which would end a collision with %(other)s of %(department)s. Whoever "
            "may change the offer accepts it, and the change is made at once. Or decline, and say why."
        )
        % {"person": news.by, "own": quoted(own), "other": quoted(other), "department": other.department},
        rows=[*_proposed(news), *said(_("Message"), news), *party_rows(news), deadline_row(news)],
        link=_("See the proposal and answer"),
    )


def _proposal_accepted(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("Accepted in %(case)s: %(what)s"), news),
        opening=_(
            "%(person)s accepted a proposed change, and it is made. The case closes by itself once nothing collides any "
            "more."
        )
        % {"person": news.by},
        rows=[*_proposed(news), *party_rows(news)],
        link=_("See the case"),
    )


def _proposal_declined(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("Declined in %(case)s: %(what)s"), news),
        opening=_("%(person)s declined a proposed change. You can still agree on another one before the deadline.")
        % {"person": news.by},
        rows=[*_proposed(news), *said(_("Reason"), news), *party_rows(news), deadline_row(news)],
        link=_("See the case and propose something else"),
    )


def _proposed(news: CaseNews) -> list[Row]:
    said = news.proposed.get(get_language() or "") or news.proposed.get(settings.LANGUAGE_CODE, "")
    return [(_("Proposed change"), said)]


def _without_lead(news: CampaignNews) -> Words:
    return Words(
        subject=fit(
            _("Name who is accountable for %(what)s (%(code)s)"),
            [[news.party.name], [news.party.code]],
            lambda names: {"what": names[0], "code": news.party.code},
        ),
        opening=_(
            "The campaign %(campaign)s came in without an accountable person (A), as %(department)s has no lead. Without "
            "one nobody can submit or approve it, and nobody hears about its collisions."
        )
        % {"campaign": quoted(news.party), "department": news.party.department},
        rows=[(_("Campaign"), quoted(news.party)), (_("Department"), news.party.department)],
        link=_("Open the campaign"),
    )


def _device_taken_away(news: AccountNews) -> Words:
    return Words(
        subject=PREFIX + _("Your two-factor sign-in was taken away"),
        opening=_(
            "From now on your password alone opens your account, until you set up an app again. If you did not ask for "
            "this, tell an administrator at once and change your password."
        ),
        rows=[(_("By"), news.by or _("the operator of the system")), (_("When"), short_moment(news.at))],
        link=_("Set up two-factor sign-in"),
    )


_CASE: dict[MailEvent, Callable[[CaseNews, Recipient], Words]] = {
    MailEvent.CASE_OPENED: _opened,
    MailEvent.CASE_REMINDER: _reminder,
    MailEvent.CASE_DECIDED: rule_letters.decided,
    MailEvent.CASE_APPEALED: _appealed,
    MailEvent.CASE_ENFORCED: _enforced,
    MailEvent.CASE_OVERTAKEN: _overtaken,
    MailEvent.RULE_ANNOUNCED: rule_letters.announced,
    MailEvent.RULE_OBJECTED: rule_letters.objected,
    MailEvent.RULE_LAPSED: rule_letters.lapsed,
    MailEvent.CASE_VANISHED: _vanished,
    MailEvent.PROPOSAL_MADE: _proposal_made,
    MailEvent.PROPOSAL_ACCEPTED: _proposal_accepted,
    MailEvent.PROPOSAL_DECLINED: _proposal_declined,
    **mediation_letters.WORDS,
    **terms_letters.WORDS,
}
