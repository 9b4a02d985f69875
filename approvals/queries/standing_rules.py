"""What the pages of standing rules show."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import QuerySet

from approvals.choices import StandingRuleState
from approvals.models import Case, RuleNotice, StandingRule
from approvals.permissions import answers_for_sides, judges_rules
from approvals.precedent_words import fact
from approvals.queries.party import name_of
from approvals.rules.operations import describe, parse
from approvals.rules.outcomes import describe as outcome_words
from approvals.rules.precedents import NAMES
from approvals.rules.timeline import words
from campaigns.permissions import departments_of
from customers.models import HistoryEntry

Reader = AbstractBaseUser | AnonymousUser

JOINED = ("department_a", "department_b", "category", "toward_department", "decided_by")


@dataclass(frozen=True)
class NoticeShown:
    """The notice of a rule in a case; `orders` in words, `why` it lapsed; its reader may object, or open the rule."""

    notice: RuleNotice
    orders: tuple[str, ...]
    why: str
    objects: bool
    opens: bool


def joined(rows: QuerySet[StandingRule]) -> QuerySet[StandingRule]:
    """With what words about them need."""
    return rows.select_related(*JOINED)


def waiting_for(user: User) -> list[StandingRule]:
    """Suggestions that this person may say yes or no to, the oldest first."""
    if not judges_rules(user):
        return []
    own = departments_of(user)
    suggested = StandingRule.objects.filter(state=StandingRuleState.SUGGESTED)
    foreign = suggested.exclude(department_a__in=own).exclude(department_b__in=own)
    return list(joined(foreign).order_by("suggested_at", "id"))


def between(rule: StandingRule) -> str:
    return " ↔ ".join(sorted((rule.department_a.name, rule.department_b.name)))


def sentence(rule: StandingRule) -> str:
    return outcome_words(rule.outcome, _names(rule))


def facts_in_words(rule: StandingRule) -> list[tuple[str, str]]:
    """(what, which) for every fact on which it is applied."""
    category = rule.category.code if rule.category else ""
    facts = rule.facts
    return [(str(name), fact(key, facts, departments=_names(rule), category=category)) for key, name in NAMES.items()]


def steps_of(rule: StandingRule) -> list[tuple[HistoryEntry, str]]:
    """What happened to it, the newest first, with the full name of who did it."""
    entries = list(HistoryEntry.objects.filter(subject=f"standing_rule:{rule.label}").order_by("-id"))
    people = User.objects.filter(username__in={entry.actor for entry in entries if entry.actor})
    names = {person.username: name_of(person) for person in people}
    return [(entry, names.get(entry.actor, entry.actor)) for entry in entries]


def notices_of(rule: StandingRule, user: Reader) -> tuple[list[RuleNotice], int]:
    """The newest notices in cases that the person reads, and how many there are in others."""
    rows = RuleNotice.objects.filter(rule=rule)
    seen = rows.filter(case__in=Case.objects.visible(user)).select_related("case", "objected_by")
    return list(seen[:50]), rows.count() - seen.count()


def notice_in(case: Case, user: Reader) -> NoticeShown | None:
    """The notice of a standing rule in this case. A case without one costs one query."""
    joined = [f"rule__{name}" for name in JOINED]
    notice = RuleNotice.objects.filter(case=case).select_related("objected_by", *joined).first()
    if notice is None:
        return None
    is_waiting = notice.state == "announced"
    return NoticeShown(
        notice=notice,
        orders=tuple(describe(order) for order in parse(notice.operations)),
        why=words(f"rule_{notice.ended_why}") if notice.state == "lapsed" and notice.ended_why != "over" else "",
        objects=is_waiting and bool(answers_for_sides(user, case)),
        opens=StandingRule.objects.visible(user).filter(pk=notice.rule_id).exists(),
    )


def _names(rule: StandingRule) -> dict[int, str]:
    return {rule.department_a_id: rule.department_a.name, rule.department_b_id: rule.department_b.name}
