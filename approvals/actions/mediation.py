"""Finding the person who decides a case, and giving it to them."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q

from approvals.actions import dossier
from approvals.choices import MailEvent, TimerKind
from approvals.models import Absence, Case, Mediator
from approvals.queries.impartiality import ABSENT, barred
from approvals.queries.recipients import Recipient, administrators, parties
from approvals.rules.mediation import Choice, Post, choose
from campaigns.actions import access
from customers.clock import local_day
from customers.models import HistoryEntry

TRY_AGAIN_AFTER = timedelta(hours=1)


def find_mediator(case: Case, *, now: datetime) -> Choice:
    """Mediators of the two departments by code, then the one for every department, each followed by their stand-ins.

    Who is away today gets no new case; who already has one keeps it.
    """
    departments = [case.campaign_a.department_id, case.campaign_b.department_id]
    touching = Mediator.objects.filter(Q(department__in=departments) | Q(department=None)).select_related("department")
    rows = sorted(touching, key=lambda row: (row.department is None, row.department.code if row.department else ""))
    stand_ins = dict(
        Mediator.objects.filter(stand_in__isnull=False).order_by("-id").values_list("user_id", "stand_in_id")
    )
    people = {row.user_id for row in rows} | {row.stand_in_id for row in rows if row.stand_in_id}
    people |= set(stand_ins.values())
    posts = [Post(row.user_id, row.stand_in_id) for row in rows]
    today = local_day(now)
    away = Absence.objects.filter(user__in=people, starts_on__lte=today, ends_before__gt=today)
    absent = dict.fromkeys(away.values_list("user", flat=True), ABSENT)
    return choose(posts, barred=absent | barred(case, people), stand_ins=stand_ins)


def assign(case: Case, *, now: datetime, by: User | None = None, reason: str = "") -> None:
    """Give a locked case in mediation to the first person who is free to judge; without one, try again hourly.

    The mediator may read both campaigns until the case closes. Whoever had the case before loses that.
    """
    dossier.lock_campaigns(_campaigns(case))  # grants are derived from RACI: nobody must change it meanwhile
    choice = find_mediator(case, now=now)
    before = case.mediator
    if before:
        access.drop_reason(_campaigns(case), user=before, why=why_access(case))
    case.mediator = User.objects.get(pk=choice.chosen) if choice.chosen else None
    names = dict(User.objects.filter(pk__in=dict(choice.passed_over)).values_list("pk", "username"))
    case.mediator_trail = [{"user": names[pk], "why": why} for pk, why in choice.passed_over]
    case.save(update_fields=["mediator", "mediator_trail"])
    times = HistoryEntry.objects.filter(scope=dossier.subject_of(case), verb="assign").count()
    if before:
        dossier.tell(case, MailEvent.CASE_MEDIATOR_CHANGED, parties(case), occasion=str(times), now=now, by=by)
    if case.mediator is None:
        dossier.arm(case, TimerKind.ASSIGN, now + TRY_AGAIN_AFTER)
        dossier.tell(case, MailEvent.CASE_WITHOUT_MEDIATOR, administrators(), occasion=str(times), now=now)
        if before:
            dossier.note(case, "unassign", by=None, now=now, changes={"mediator": (before.username, None)})
        return
    access.add_reason(_campaigns(case), user=case.mediator, why=why_access(case))
    dossier.disarm(case, now=now, result="assigned", kinds=[TimerKind.ASSIGN])
    changes = {"mediator": (before.username if before else None, case.mediator.username)}
    dossier.note(case, "assign", by=None, now=now, changes=changes)
    recipient = Recipient(case.mediator, "mediator")
    dossier.tell(case, MailEvent.CASE_ASSIGNED, [recipient], occasion=str(times + 1), now=now, reason=reason)


def release(case: Case) -> None:
    """The case is closed: its mediator keeps the page of the case, not the two campaigns."""
    if case.mediator:
        access.drop_reason(_campaigns(case), user=case.mediator, why=why_access(case))


def why_access(case: Case) -> str:
    return f"mediator {case.label}"


def _campaigns(case: Case) -> list[int]:
    return [case.campaign_a_id, case.campaign_b_id]
