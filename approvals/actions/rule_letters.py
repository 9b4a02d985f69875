"""The words of mails about standing rules: suggested, changed, announced in a case, objected to, not applied."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from approvals.actions.letter_parts import (
    Row,
    Words,
    case_subject,
    deadline_row,
    facts,
    fit,
    moment_of,
    party_rows,
    short_moment,
)
from approvals.choices import MailEvent, Stance
from approvals.queries.news import CaseNews, RuleNews
from approvals.queries.recipients import Recipient
from approvals.rules import operations, outcomes, timeline


def ruled(event: MailEvent, news: RuleNews) -> Words:
    """About a rule itself."""
    names = {"rule": news.label, "person": news.by, "departments": " ↔ ".join(sorted(news.departments.values()))}
    if event == MailEvent.RULE_SUGGESTED:
        subject = _("Approve or reject standing rule %(rule)s: %(what)s")
        opening = _(
            "Mediators decided the same again and again where %(departments)s collided on the same facts. Shall it be a "
            "standing rule? It would be applied after a notice, unless one of the two objects."
        )
        link = _("Read the decisions and say yes or no")
    else:
        subject = _("Standing rule %(rule)s: %(what)s")
        opening, link = _STEPS[news.step](), _("See the standing rule")
    return Words(
        subject=fit(
            subject,
            [[names["departments"]], [news.label]],
            lambda shown: {"rule": news.label, "what": shown[0]},
        ),
        opening=opening % names,
        rows=[
            (_("Departments"), names["departments"]),
            (_("Standing rule"), outcomes.describe(news.outcome, news.departments)),
            *([(_("Reason"), news.reason)] if news.reason else []),
        ],
        link=link,
    )


_STEPS: Mapping[str, Callable[[], str]] = {
    "approve": lambda: _(
        "%(person)s approved a standing rule for %(departments)s. In a case that fits it both sides are told when it would "
        "be applied, and each may object before."
    ),
    "suspend": lambda: _(
        "%(person)s suspended a standing rule for %(departments)s. Nothing is decided by it until somebody resumes it."
    ),
    "resume": lambda: _("%(person)s put a standing rule for %(departments)s in force again."),
    "withdraw": lambda: _(
        "%(person)s withdrew a standing rule for %(departments)s. Nothing is decided by it any more."
    ),
}


def announced(news: CaseNews, recipient: Recipient) -> Words:
    assert news.apply_at, "a rule is announced for a moment"
    return Words(
        subject=case_subject(
            _("Standing rule in %(case)s: %(what)s · %(apply)s"), news, apply=short_moment(news.apply_at)
        ),
        opening=_(
            "Mediators have decided this kind of case the same way so often that there is a standing rule for it, %(rule)s. "
            "It will be applied to this case at the moment below. If you object before, with one click and a reason, the "
            "departments go on agreeing as usual."
        )
        % {"rule": news.rule},
        rows=[
            (_("Applied on"), moment_of(news.apply_at)),
            *_orders(_("What it orders"), news),
            (_("Why there is this rule"), news.reason),
            *facts(news),
            deadline_row(news),
        ],
        link=_("See what it would change, or object"),
    )


def objected(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("%(case)s: %(what)s"), news),
        opening=_(
            "%(person)s objected to the standing rule %(rule)s, so it is not applied. Agree with the other department before "
            "the deadline, or a mediator will decide."
        )
        % {"person": news.by, "rule": news.rule},
        rows=[(_("Reason"), news.reason), *party_rows(news), deadline_row(news)],
        link=_("See what collides and agree"),
    )


def lapsed(news: CaseNews, recipient: Recipient) -> Words:
    return Words(
        subject=case_subject(_("%(case)s: %(what)s"), news),
        opening=_(
            "The standing rule %(rule)s is not applied to this case. Agree with the other department before the deadline, or "
            "a mediator will decide."
        )
        % {"rule": news.rule},
        rows=[(_("Why"), timeline.words(f"rule_{news.rule_why}")), *party_rows(news), deadline_row(news)],
        link=_("See what collides and agree"),
    )


def decided(news: CaseNews, recipient: Recipient) -> Words:
    """By a mediator, or by a standing rule to which nobody objected."""
    if news.rule:
        opening = _(
            "Nobody objected to the standing rule %(rule)s in time. It is carried out already and the case is closed."
        ) % {"rule": news.rule}
        reason = _("Why there is this rule")
    else:
        opening = _in_force(news) % {
            "person": news.by,
            "moment": short_moment(news.takes_effect_at or news.agree_by),
        }
        reason = _("Reason")
    return Words(
        subject=case_subject(_("%(case)s: %(what)s"), news),
        opening=opening,
        rows=[*_orders(_("Decision"), news), (reason, news.reason), *_cited(news), *party_rows(news)],
        link=_("See the decision and its effect"),
    )


def _in_force(news: CaseNews) -> str:
    if news.takes_effect_at is None:
        return _("%(person)s has decided. The decision is carried out already and the case is closed.")
    return _(
        "%(person)s has decided. The decision takes effect on %(moment)s, unless one of the two departments appeals before."
    )


def _orders(what: str, news: CaseNews) -> list[Row]:
    return [(what if place == 0 else "", operations.describe(order)) for place, order in enumerate(news.orders)]


def _cited(news: CaseNews) -> list[Row]:
    rows = []
    for place, one in enumerate(news.cited):
        label = one.label or _("an earlier decision")
        said = _("%(label)s (%(outcome)s): %(stance)s") % {
            "label": label,
            "outcome": outcomes.describe(one.outcome).rstrip("."),
            "stance": Stance(one.stance).label,
        }
        rows.append((_("Similar decisions") if place == 0 else "", f"{said}. {one.why}" if one.why else said))
    return rows
