"""Finding the person who decides a case, and giving it to them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from approvals.actions import dossier, outbox, time_to_decide
from approvals.choices import MailEvent, TimerKind
from approvals.models import Absence, Case, Mediator
from approvals.queries import news
from approvals.queries.impartiality import ABSENT, INACTIVE, barred
from approvals.queries.mandates import Chain, chain_of, loads_of, stand_ins_of, without_mandate
from approvals.queries.party import name_of
from approvals.queries.recipients import Recipient, administrators, parties
from approvals.rules.mediation import Choice, choose
from campaigns.actions import access
from campaigns.rules.severity import RANK
from customers.clock import local_day
from customers.models import HistoryEntry

TRY_AGAIN_AFTER = timedelta(hours=1)


def find_mediator(case: Case, *, now: datetime, but: Mapping[int, str] | None = None) -> Choice:
    """Who decides the case, by the mandates that hold it; `but` are people who cannot, and why.

    Who is away today gets no new case; who already has one keeps it.
    """
    return _choose(case, chain_of(case), now, but or {})


def assign(case: Case, *, now: datetime, by: User | None = None, reason: str = "", passed_on: str = "") -> None:
    """Give a locked case in mediation to the first person who is free to judge; without one, try again hourly.

    The mediator may read both campaigns until the case closes. Whoever had the case before loses that, and `passed_on`
    says why they have it no more, as approvals.rules.timeline words it.
    """
    dossier.lock_campaigns(_campaigns(case))  # grants are derived from RACI: nobody must change it meanwhile
    # Nor give somebody another case, so that nobody gets more than their mandate lets them.
    list(Mediator.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    chain = chain_of(case)
    choice = _choose(case, chain, now, {})
    before = case.mediator
    if before:
        access.drop_reason(_campaigns(case), user=before, why=why_access(case))
    time_to_decide.end(case, now=now)
    _write(case, chain, choice, now)
    times = round_of(case)
    if before:
        dossier.tell(
            case,
            MailEvent.CASE_MEDIATOR_CHANGED,
            parties(case),
            occasion=str(times),
            now=now,
            by=by,
            left=name_of(before),
            passed_on=passed_on,
        )
        _tell_who_left(case, before, why=passed_on, occasion=str(times), by=by, now=now)
    if case.mediator is None:
        dossier.arm(case, TimerKind.ASSIGN, now + TRY_AGAIN_AFTER)
        dossier.tell(case, MailEvent.CASE_WITHOUT_MEDIATOR, administrators(), occasion=str(times), now=now)
        if before:
            dossier.note(case, "unassign", by=None, now=now, changes={"mediator": (before.username, None)})
        return
    access.add_reason(_campaigns(case), user=case.mediator, why=why_access(case))
    dossier.disarm(case, now=now, result="assigned", kinds=[TimerKind.ASSIGN])
    time_to_decide.arm(case, now=now)
    changes = {"mediator": (before.username if before else None, case.mediator.username)}
    dossier.note(case, "assign", by=None, now=now, changes=changes)
    recipient = Recipient(case.mediator, "mediator")
    dossier.tell(case, MailEvent.CASE_ASSIGNED, [recipient], occasion=str(times + 1), now=now, reason=reason)


def _tell_who_left(case: Case, left: User, *, why: str, occasion: str, by: User | None, now: datetime) -> None:
    """The mail belongs to no case, so that it reaches whoever may not read this one any more."""
    if left == by or why == INACTIVE:
        return
    outbox.queue(
        event=MailEvent.CASE_LEFT,
        recipients=[Recipient(left, "passed_over")],
        news=news.of_leaving(case, why=why),
        key=f"case:{case.pk}:{MailEvent.CASE_LEFT}:{occasion}",
        now=now,
    )


def round_of(case: Case) -> int:
    """How many mediators the case has had, with the one of now."""
    return int(HistoryEntry.objects.filter(scope=dossier.subject_of(case), verb="assign").count())


def _choose(case: Case, chain: Chain, now: datetime, but: Mapping[int, str]) -> Choice:
    stand_ins = stand_ins_of()
    people = chain.people | set(stand_ins.values())
    today = local_day(now)
    away = Absence.objects.filter(user__in=people, starts_on__lte=today, ends_before__gt=today)
    absent = dict.fromkeys(away.values_list("user", flat=True), ABSENT)
    return choose(
        chain.posts,
        rank=RANK[case.level],
        barred={**without_mandate(people), **absent, **barred(case, people), **but},
        loads=loads_of(people, but=case),
        stand_ins=stand_ins,
    )


def _write(case: Case, chain: Chain, choice: Choice, now: datetime) -> None:
    """Who decides now, why they, until when, and who was passed over."""
    if case.mandates is None:
        case.mandates = list(chain.mandates)
    people = [*dict(choice.passed_over), choice.chosen, choice.post.mediator if choice.post else None]
    found = User.objects.in_bulk([pk for pk in people if pk])
    case.mediator = found.get(choice.chosen) if choice.chosen else None
    case.mediator_trail = [{"user": found[pk].username, "why": why} for pk, why in choice.passed_over]
    case.mediator_why = None
    if choice.post:
        mandate = chain.of(choice.post)
        case.mediator_why = {
            **{name: mandate[name] for name in ("scope", "names", "from_level")},
            "instead_of": found[choice.post.mediator].username if choice.is_stand_in else "",
            "is_full": choice.is_full,
        }
    time_to_decide.give(case, now=now)
    case.save(
        update_fields=["mandates", "mediator", "mediator_trail", "mediator_why", *time_to_decide.FIELDS],
    )


def release(case: Case) -> None:
    """The case is closed: its mediator keeps the page of the case, not the two campaigns."""
    if case.mediator:
        access.drop_reason(_campaigns(case), user=case.mediator, why=why_access(case))


def why_access(case: Case) -> str:
    return f"mediator {case.label}"


def _campaigns(case: Case) -> list[int]:
    return [case.campaign_a_id, case.campaign_b_id]
