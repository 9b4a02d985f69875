"""Whether cases, timers and mails tell the truth. Each judgement yields a sentence per row that does not."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext as _

from approvals.choices import (
    AGREEING_STATES,
    ENDED_STATES,
    OPEN_STATES,
    UNSENT,
    CaseOutcome,
    CaseState,
    ExtensionState,
    MailEvent,
    MailState,
    NoticeState,
    ProposalState,
    TermsState,
    TimerKind,
)
from approvals.models import (
    Case,
    CaseCollision,
    EscalationPolicy,
    Extension,
    Mail,
    Proposal,
    RuleNotice,
    Ruling,
    Terms,
    Timer,
)
from approvals.queries.disputes import open_collisions
from approvals.rules.case_machine import CASE
from campaigns.choices import CollisionState, Level
from campaigns.models import Offer
from campaigns.queries.rule_settings import settings_of
from campaigns.rules.severity import RANK
from customers.models import Event, HistoryEntry
from customers.queries.soundness import ROWS, broken_chains

# How a case ends in which somebody has decided.
DECIDED_OUTCOMES = (CaseOutcome.RULED, CaseOutcome.APPEALED, CaseOutcome.OVERTAKEN, CaseOutcome.WAIVED)

# A case takes each of these steps at most once, and each is told to somebody by one mail per person.
TOLD = {
    "open": MailEvent.CASE_OPENED,
    "escalate": MailEvent.CASE_ESCALATED,
    "decide": MailEvent.CASE_DECIDED,
    "appeal": MailEvent.CASE_APPEALED,
    "overtake": MailEvent.CASE_OVERTAKEN,
    "agree": MailEvent.CASE_AGREED,
    "waive": MailEvent.CASE_AGREED,
    "apply_rule": MailEvent.CASE_DECIDED,
    "vanish": MailEvent.CASE_VANISHED,
}
assert TOLD.keys() <= CASE.keys()


def unsent(*, now: datetime, grace: timedelta) -> Iterator[str]:
    """Mails whose next try is over, and failed ones that do not say why."""
    late = Q(state__in=UNSENT, not_before__lt=now - grace) | Q(state=MailState.SENDING, lease_until__lt=now - grace)
    for mail in Mail.objects.filter(late).order_by("id").iterator(ROWS):
        due = mail.lease_until if mail.state == MailState.SENDING else mail.not_before
        yield _("Mail %(pk)d (%(key)s) is “%(state)s” and was due at %(due)s.") % {
            "pk": mail.pk,
            "key": mail.key,
            "state": mail.state,
            "due": due.isoformat(timespec="seconds"),
        }
    for pk, key in Mail.objects.filter(state=MailState.FAILED, error="").order_by("id").values_list("pk", "key"):
        yield _("Mail %(pk)d (%(key)s) failed and does not say why.") % {"pk": pk, "key": key}


def untimed(*, now: datetime, grace: timedelta) -> Iterator[str]:
    """Open cases that nothing moves on, and timers that did not run."""
    waiting = Timer.objects.filter(case=OuterRef("pk"), done_at=None)
    stuck = Q(state=CaseState.NEGOTIATION) & ~Exists(waiting.filter(kind=TimerKind.ESCALATE))
    stuck |= Q(state=CaseState.DETECTED) & ~Exists(waiting.filter(kind=TimerKind.OPEN))
    stuck |= Q(state=CaseState.DECIDED) & ~Exists(waiting.filter(kind=TimerKind.ENFORCE))
    stuck |= Q(state=CaseState.MEDIATION, mediator=None) & ~Exists(waiting.filter(kind=TimerKind.ASSIGN))
    announced = RuleNotice.objects.filter(case=OuterRef("pk"), state=NoticeState.ANNOUNCED)
    stuck |= Exists(announced) & ~Exists(waiting.filter(kind=TimerKind.RULE))
    stuck |= Q(state=CaseState.MEDIATION, mediator__isnull=False) & ~Exists(waiting.filter(kind=TimerKind.DECIDE))
    for case in Case.objects.filter(stuck).order_by("pk"):
        yield _("%(case)s is “%(state)s” and no timer moves it on.") % {"case": case.label, "state": case.state}
    late = Timer.objects.filter(done_at=None, due_at__lt=now - grace).select_related("case").order_by("pk")
    for timer in late.iterator(ROWS):
        yield _("Timer %(pk)d (%(kind)s) of %(case)s was due at %(due)s and did not run.") % {
            "pk": timer.pk,
            "kind": timer.kind,
            "case": timer.case.label,
            "due": timer.due_at.isoformat(timespec="seconds"),
        }


def undisputed(*, today: date) -> Iterator[str]:
    """Open collisions of two departments that should stand in a case and do not; pairs with waiting news are left out.

    A pair gets a case by its most severe collision, and the case then holds all of them.
    """
    level = EscalationPolicy.objects.values_list("opens_at_level", flat=True).get()
    severe = Q()
    for rule, setting in settings_of().items():
        from_rank = RANK[setting.opens_from or level]
        severe |= Q(rule=rule, level__in=[name for name, rank in RANK.items() if rank >= from_rank])
    cases = {frozenset(pair): pk for pk, *pair in _open_cases().values_list("pk", "campaign_a", "campaign_b")}
    reaching = _across(open_collisions(today)).filter(severe, members__isnull=True)
    wanted = {frozenset(pair) for pair in reaching.values_list("offer_a__campaign", "offer_b__campaign").distinct()}
    quiet = (wanted | cases.keys()) - _pairs_with_news()
    joined = CaseCollision.objects.filter(collision=OuterRef("pk"), case__state__in=OPEN_STATES)
    alone = _across(open_collisions(today)).filter(~Exists(joined), members__isnull=True).order_by("pk")
    columns = ("pk", "offer_a__code", "offer_b__code", "offer_a__campaign", "offer_b__campaign")
    for pk, a, b, *pair in alone.values_list(*columns).iterator(ROWS):
        if frozenset(pair) in quiet:
            yield _("Collision %(pk)d of offers %(a)s and %(b)s is open and stands in no open case.") % {
                "pk": pk,
                "a": a,
                "b": b,
            }


def misheld(*, today: date) -> Iterator[str]:
    """Offers whose hold is not what the open cases say; campaigns with waiting news are left out."""
    restless = {pk for pair in _pairs_with_news() for pk in pair}
    rows = CaseCollision.objects.filter(case__state__in=OPEN_STATES, collision__state=CollisionState.OPEN)
    rows = rows.exclude(collision__level=Level.NOTE)
    offers = Offer.objects.exclude(campaign__in=restless).order_by("pk")
    disputed = _offers_in(rows)
    for pk, code in offers.filter(held=True).values_list("pk", "code").iterator(ROWS):
        if pk not in disputed:
            yield _("Offer %(offer)s is held, but no open case disputes it.") % {"offer": code}
    disputed = _offers_in(rows.filter(collision__ends_before__gt=today))
    free = offers.filter(held=False, live_since=None, withdrawn_at=None)
    for pk, code in free.values_list("pk", "code").iterator(ROWS):
        if pk in disputed:
            yield _("Offer %(offer)s is disputed by an open case and not held.") % {"offer": code}


def untold() -> Iterator[str]:
    """Steps of cases that nobody has a mail about."""
    told = set(Mail.objects.filter(event__in=TOLD.values(), case__isnull=False).values_list("case", "event"))
    steps = HistoryEntry.objects.filter(subject__startswith="case:", scope=F("subject"))
    hurried = set(steps.filter(verb="hurry").values_list("subject", flat=True))
    rows = steps.filter(verb__in=TOLD).order_by("id").values_list("subject", "verb", "changes")
    for subject, verb, changes in rows.iterator(ROWS):
        label = subject.partition(":")[2]
        # What opens so late that it is in mediation at once is told as that; what vanishes unopened bothers nobody.
        is_quiet = subject in hurried if verb == "open" else changes["state"][0] == CaseState.DETECTED
        if not is_quiet and (int(label.partition("-")[2]), TOLD[verb]) not in told:
            yield _("%(case)s: nobody has a mail about the step “%(step)s”.") % {"case": label, "step": verb}


def doubled_cases() -> Iterator[str]:
    pairs = _open_cases().annotate(one=Least("campaign_a", "campaign_b"), two=Greatest("campaign_a", "campaign_b"))
    for one, two in _repeated(pairs, "one", "two"):
        labels = sorted(
            case.label for case in _open_cases().filter(campaign_a__in=(one, two), campaign_b__in=(one, two))
        )
        yield _("The same two campaigns have several open cases: %(cases)s.") % {"cases": ", ".join(labels)}


def doubled_steps() -> Iterator[str]:
    steps = HistoryEntry.objects.filter(subject__startswith="case:", scope=F("subject"), verb__in=TOLD)
    for subject, verb in _repeated(steps, "subject", "verb"):
        yield _("%(subject)s took the step “%(step)s” more than once.") % {"subject": subject, "step": verb}


def doubled_mails() -> Iterator[str]:
    """The same step of a case told to one person twice, or a reminder told more often than it came due."""
    once = Mail.objects.filter(event__in=TOLD.values(), case__isnull=False)
    for case, event, person in _repeated(once, "case", "event", "recipient__username"):
        yield _("%(person)s has more than one mail “%(event)s” about K-%(case)d.") % {
            "person": person,
            "event": event,
            "case": case,
        }
    reminded = dict(Timer.objects.filter(result="reminded").order_by().values_list("case").annotate(n=Count("pk")))
    mails = Mail.objects.filter(event=MailEvent.CASE_REMINDER, case__isnull=False).order_by()
    for case, person, number in mails.values_list("case", "recipient__username").annotate(n=Count("pk")):
        if number > reminded.get(case, 0):
            yield _("%(person)s has %(number)d reminders of K-%(case)d, more than came due.") % {
                "person": person,
                "number": number,
                "case": case,
            }


def state_without_history() -> Iterator[str]:
    stored = {case.label: case.state for case in Case.objects.order_by("pk").only("pk", "state").iterator(ROWS)}
    return broken_chains("case", "state", "", stored)


def too_early() -> Iterator[str]:
    """Escalations and reminders before their time, unless a person asked."""
    early = Case.objects.filter(escalated_at__lt=F("agree_by")).order_by("pk")
    subjects = {f"case:{case.label}": case.label for case in early}
    by_time = HistoryEntry.objects.filter(verb="escalate", actor="", scope=F("subject"), subject__startswith="case:")
    for subject in by_time.order_by("id").values_list("subject", flat=True).iterator(ROWS):
        if subject in subjects:
            yield _("%(case)s was escalated before its deadline although nobody asked.") % {"case": subjects[subject]}
    for timer in (
        Timer.objects.filter(result="reminded", done_at__lt=F("due_at")).select_related("case").order_by("pk")
    ):
        yield _("Timer %(pk)d of %(case)s ran before it was due.") % {"pk": timer.pk, "case": timer.case.label}


def disordered() -> Iterator[str]:
    """Closed cases that still wait for something, cases in mediation that remind, rulings and outcomes that differ.

    And proposals that wait for an answer after the negotiation.
    """
    waiting = Timer.objects.filter(done_at=None).select_related("case").order_by("pk")
    wrong = Q(case__state__in=ENDED_STATES)
    for state, kinds in (
        (CaseState.DETECTED, [TimerKind.OPEN]),
        (CaseState.MEDIATION, [TimerKind.ASSIGN, TimerKind.REMIND_DECISION, TimerKind.DECIDE]),
        (CaseState.DECIDED, [TimerKind.ENFORCE]),
    ):
        wrong |= Q(case__state=state) & ~Q(kind__in=kinds)
    for timer in waiting.filter(wrong):
        yield _("%(case)s is “%(state)s”, but its timer %(pk)d (%(kind)s) still waits.") % {
            "case": timer.case.label,
            "state": timer.case.state,
            "pk": timer.pk,
            "kind": timer.kind,
        }
    late = Proposal.objects.filter(state=ProposalState.OPEN).exclude(case__state=CaseState.NEGOTIATION)
    for proposal in late.select_related("case").order_by("pk"):
        yield _("%(case)s is “%(state)s”, but its proposal %(pk)d still waits for an answer.") % {
            "case": proposal.case.label,
            "state": proposal.case.state,
            "pk": proposal.pk,
        }
    yield from _unanswered()
    ruled = Exists(Ruling.objects.filter(case=OuterRef("pk")))
    decided = Q(state=CaseState.DECIDED) | Q(outcome__in=DECIDED_OUTCOMES)
    # What was agreed proposal by proposal has no ruling.
    possible = decided | Q(outcome=CaseOutcome.AGREED)
    for case in Case.objects.filter(decided & ~ruled | ~possible & ruled):
        yield _("%(case)s: its outcome is “%(outcome)s”, which does not fit its ruling.") % {
            "case": case.label,
            "outcome": case.outcome,
        }


def _unanswered() -> Iterator[str]:
    """Terms that wait after the case, requests for more time that wait after the negotiation."""
    terms = Terms.objects.filter(state=TermsState.OPEN).exclude(case__state__in=AGREEING_STATES)
    asked = Extension.objects.filter(state=ExtensionState.OPEN).exclude(case__state=CaseState.NEGOTIATION)
    for row in terms.select_related("case").order_by("pk"):
        yield _("%(case)s is “%(state)s”, but its terms %(pk)d still wait for an answer.") % _waits(row)
    for row in asked.select_related("case").order_by("pk"):
        yield _("%(case)s is “%(state)s”, but its request for more time %(pk)d still waits.") % _waits(row)


def _waits(row: Terms | Extension) -> dict[str, Any]:
    return {"case": row.case.label, "state": row.case.state, "pk": row.pk}


def untrue_mails() -> Iterator[str]:
    """Mails marked as sent that cannot have been, or that went to somebody whom the case does not concern."""
    wrong = Q(sent_at=None) | Q(sent_at__lt=F("created_at")) | Q(tries=0) | Q(recipient__email="")
    for pk, key in Mail.objects.filter(wrong, state=MailState.SENT).order_by("id").values_list("pk", "key"):
        yield _("Mail %(pk)d (%(key)s) is marked as sent, which cannot be.") % {"pk": pk, "key": key}
    sent: dict[int, list[tuple[int, str, int, datetime]]] = defaultdict(list)
    rows = Mail.objects.filter(state=MailState.SENT, case__state__in=OPEN_STATES).exclude(
        event=MailEvent.CASE_WITHOUT_MEDIATOR
    )
    for person, *mail in rows.order_by("id").values_list("recipient", "pk", "key", "case", "sent_at").iterator(ROWS):
        sent[person].append((mail[0], mail[1], mail[2], mail[3]))
    for user in User.objects.filter(pk__in=sent, is_active=True).order_by("pk"):
        cases = {case for _pk, _key, case, _at in sent[user.pk]}
        foreign = cases - set(Case.objects.visible(user).filter(pk__in=cases).values_list("pk", flat=True))
        for pk, key, case, at in sent[user.pk]:
            if case in foreign and not _left_since(user, case, at):
                yield _("Mail %(pk)d (%(key)s) went to %(person)s, whom K-%(case)d does not concern.") % {
                    "pk": pk,
                    "key": key,
                    "person": user.username,
                    "case": case,
                }


def _left_since(user: User, case: int, at: datetime) -> bool:
    """Does the history since `at` name the person as somebody who lost a part: member, A, contact, mediator?"""
    pair = Case.objects.values_list(
        "campaign_a__code", "campaign_b__code", "campaign_a__department__code", "campaign_b__department__code"
    ).get(pk=case)
    scopes = [
        f"case:K-{case}",
        *(f"campaign:{code}" for code in pair[:2]),
        *(f"department:{code}" for code in pair[2:]),
    ]
    entries = HistoryEntry.objects.filter(scope__in=scopes, at__gte=at).values_list("changes", flat=True)
    return any(user.username == change[0] for changes in entries for change in changes.values())


def _open_cases() -> QuerySet[Case]:
    return Case.objects.filter(state__in=OPEN_STATES).order_by("pk")


def _offers_in(rows: QuerySet[CaseCollision]) -> set[int]:
    """Those that each case holds: of a collision of more offers the ones of its two campaigns."""
    of_two = rows.filter(collision__members__isnull=True).values_list("collision__offer_a", "collision__offer_b")
    crowds = rows.filter(
        Q(collision__members__offer__campaign=F("case__campaign_a"))
        | Q(collision__members__offer__campaign=F("case__campaign_b"))
    )
    members = crowds.values_list("collision__members__offer", flat=True)
    return {offer for pair in of_two for offer in pair} | set(members)


def _across(collisions: QuerySet) -> QuerySet:
    """Those of two campaigns of different departments."""
    return collisions.exclude(offer_a__campaign__department=F("offer_b__campaign__department"))


def _pairs_with_news() -> set[frozenset[int]]:
    """Campaigns about whose collisions an event waits."""
    payloads = Event.objects.filter(topic="collisions.changed", handled_at=None).values_list("payload", flat=True)
    return {frozenset(pair) for payload in payloads for pair in payload["pairs"]}


def _repeated(rows: QuerySet, *columns: str) -> Iterator[tuple]:
    """The values of `columns` that stand in more than one row."""
    grouped = rows.order_by().values_list(*columns).annotate(n=Count("pk")).filter(n__gt=1).order_by(*columns)
    for *values, _number in grouped:
        yield tuple(values)
