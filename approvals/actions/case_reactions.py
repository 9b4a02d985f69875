"""What cases do when the collisions between campaigns change: open, grow, close."""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from approvals.actions import cases, deadlines, dossier, holds, outbox, proposals, time_to_decide
from approvals.choices import OPEN_STATES, CaseState, MailEvent
from approvals.models import Case, CaseCollision, EscalationPolicy
from approvals.queries import news
from approvals.queries.disputes import Pair, open_between, open_cases, open_collisions
from approvals.queries.recipients import administrators
from approvals.queries.working_time import house_clock
from approvals.rules.working_time import Clock
from campaigns.models import Campaign, Collision
from campaigns.queries.rule_settings import Setting, settings_of
from campaigns.rules.severity import RANK
from customers.actions import events
from customers.clock import local_day
from customers.models import Event

logger = logging.getLogger(__name__)

TOPICS = ["collisions.changed", "campaign.unled"]

# Pairs handled in one transaction; an import may bring thousands, and SQLite lets nobody else write meanwhile: opening
# a case takes some fiftieths of a second.
MOST_PAIRS = 25


@transaction.atomic
def react(batch: Sequence[Event], now: datetime) -> None:
    """Handle events of TOPICS. What is too much for one transaction is recorded again for the next."""
    pairs: set[Pair] = set()
    for event in batch:
        if event.topic == "campaign.unled":
            _tell_unled(event, now)
        else:
            pairs.update((one, two) for one, two in event.payload["pairs"])
    ordered = sorted(pairs)
    for start in range(MOST_PAIRS, len(ordered), MOST_PAIRS):
        events.record("collisions.changed", now=now, pairs=ordered[start : start + MOST_PAIRS])
    consider(ordered[:MOST_PAIRS], now=now)


def recheck(*, now: datetime) -> None:
    """Look again at open cases without an open collision, as when their last shared day went by unnoticed."""
    alive = CaseCollision.objects.filter(collision__in=open_collisions(local_day(now)))
    idle = Case.objects.filter(state__in=OPEN_STATES).exclude(pk__in=alive.values("case"))
    for pair in list(idle.order_by("pk").values_list("campaign_a", "campaign_b")):
        try:
            consider([pair], now=now)
        except Exception:
            logger.exception("the case of campaigns %d and %d was not looked at again", *pair)


@transaction.atomic
def consider(pairs: Collection[Pair], *, now: datetime) -> None:
    """Make the cases of these pairs of campaigns follow their collisions: open, grow, close.

    Both campaigns are locked and the collisions read again, so that of many reactors one opens the case.
    """
    pairs = {(one, two) for one, two in pairs if one != two}
    if not pairs:
        return
    known, campaigns = _lock(pairs)
    policy, settings, clock = EscalationPolicy.objects.get(), settings_of(), house_clock()
    disputing: set[int] = set()
    for pair, collisions in sorted(open_between(pairs, local_day(now)).items()):
        case = known.get(frozenset(pair))
        if case is None:
            if not _reach(collisions, policy, settings):
                continue
            first, second = sorted((campaigns[pk] for pk in pair), key=lambda campaign: campaign.code)
            if first.department_id != second.department_id:
                cases.begin(first, second, collisions, policy, clock, now)
                disputing.update(pair)
        elif collisions:
            _grow(case, collisions, policy, clock, now)
            disputing.update(pair)
        elif case.state != CaseState.DECIDED:
            cases.vanish(case, now)
    if disputing:
        # Once for all of them: a campaign may dispute with many others.
        holds.keep(disputing, now=now)


def _lock(pairs: Collection[Pair]) -> tuple[dict[frozenset[int], Case], dict[int, Campaign]]:
    """Lock the open cases of the pairs, then their campaigns.

    A case that somebody opened while we waited for the campaigns is not locked, and locking it now would be the wrong
    order: the campaigns are let go (with the savepoint) and both are taken again. Once we have the campaigns, nobody
    opens another.
    """
    while True:
        with transaction.atomic():
            known = open_cases(pairs)
            locked = [dossier.lock_case(pk) for pk in sorted(known.values())]
            campaigns = dossier.lock_campaigns({pk for pair in pairs for pk in pair})
            if not open_cases(pairs).items() - known.items():
                break
            transaction.set_rollback(True)
    found = [case for case in locked if case and case.state in OPEN_STATES]
    for case in found:
        case.campaign_a, case.campaign_b = campaigns[case.campaign_a_id], campaigns[case.campaign_b_id]
    return {frozenset((case.campaign_a_id, case.campaign_b_id)): case for case in found}, campaigns


def _grow(case: Case, collisions: Sequence[Collision], policy: EscalationPolicy, clock: Clock, now: datetime) -> None:
    """Join new collisions and follow the highest level. A deadline only ever comes nearer.

    What was proposed about a collision that is gone lapses.
    """
    cases.join(case, collisions)
    proposals.lapse(case, now=now, but=collisions)
    level = cases.highest(collisions)
    if level != case.level:
        dossier.note(case, "level", by=None, now=now, changes={"level": (case.level, level)})
        case.level = level
        case.save(update_fields=["level"])
    if case.state == CaseState.DETECTED and not deadlines.settle(case, collisions, policy=policy, clock=clock):
        cases.open_now(case=case, by=None, now=now, key="hurry")
    if case.state == CaseState.NEGOTIATION and not deadlines.bring_nearer(case, collisions, clock=clock, now=now):
        cases.hurry(case, now)
    elif case.state == CaseState.MEDIATION:
        time_to_decide.bring_nearer(case, collisions, clock=clock, now=now)


def _reach(collisions: Sequence[Collision], policy: EscalationPolicy, settings: Mapping[str, Setting]) -> bool:
    """Whether one of them is severe enough, by its rule's own level or by that of the policy."""
    own = {rule: setting.opens_from for rule, setting in settings.items()}
    return any(
        # A rule that is no part of the house any more has no level of its own.
        RANK[collision.level] >= RANK[own.get(collision.rule) or policy.opens_at_level]
        for collision in collisions
    )


def _tell_unled(event: Event, now: datetime) -> None:
    """A campaign came in without an accountable: administrators hear of it, unless it has one by now."""
    campaign = (
        Campaign.objects.filter(pk=event.payload["campaign"], accountable=None).select_related("department").first()
    )
    if campaign:
        outbox.queue(
            event=MailEvent.CAMPAIGN_WITHOUT_LEAD,
            recipients=administrators(),
            news=news.of_campaign(campaign),
            key=f"campaign:{campaign.pk}:{MailEvent.CAMPAIGN_WITHOUT_LEAD}:{event.pk}",
            now=now,
            campaign=campaign,
        )
