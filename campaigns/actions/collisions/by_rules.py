"""Asking the rules beyond the base fact, about some offers or about everybody, and keeping what they find."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime

from django.db import transaction

from campaigns.actions.collisions.judging import as_rows, judge, judge_crowds, read_around, single_rules
from campaigns.actions.collisions.rows import LOCK, Identity, Stored, read, store
from campaigns.choices import RuleMode
from campaigns.models import Collision, Offer
from campaigns.queries.chunks import chunks
from campaigns.queries.collisions import PLANNED
from campaigns.queries.crowds import rows_with
from campaigns.queries.neighbours import planned_offers
from campaigns.queries.rule_settings import Setting, settings_of
from campaigns.rules.collisions import overlap
from customers.actions import heartbeats
from customers.actions.turns import Turns
from customers.clock import local_day

# Offers asked about in one transaction of a detection of everything: nobody else writes collisions meanwhile. Each is
# looked at beside the neighbours of all of them, so that more at once take longer, and fewer read the same more often.
BATCH = 20


@transaction.atomic
def refresh_rules(*, offer_ids: Collection[int], now: datetime) -> None:
    """Ask all rules but the base fact about these offers again and write what is different."""
    heartbeats.lock(LOCK)
    today, settings = local_day(now), settings_of()
    plan = read_around(offer_ids, today=today)
    rules = single_rules()
    found = as_rows(judge(plan, rules, settings), plan, settings, about=offer_ids)
    stored: dict[Identity, Stored] = {}
    for some in chunks(offer_ids):
        stored |= read(rows_with(some, *(rule.CODE for rule in rules)))
    store(found, stored, now=now, today=today, with_past=False)
    refresh_crowds(offer_ids=offer_ids, settings=settings, now=now)


def refresh_crowds(*, offer_ids: Collection[int], settings: Mapping[str, Setting], now: datetime) -> None:
    """Ask the rules about crowds, wherever a change of these offers may have changed what they say."""
    today = local_day(now)
    planned = planned_offers(today, PLANNED)
    for rule, crowd, plan, findings in judge_crowds(offer_ids, planned, settings, today=today):
        rows = as_rows(findings, plan, settings, about=crowd.offers)
        found = [one for one in rows if crowd.holds(one.starts_on, one.ends_before)]
        stored = read(Collision.objects.filter(rule=rule))
        inside = {at: row for at, row in stored.items() if crowd.holds(row.starts_on, row.ends_before)}
        store(found, inside, now=now, today=today, with_past=False)


def refresh_all_rules(
    *,
    now: datetime,
    starts_from: date = date.min,
    starts_before: date = date.max,
    progress: Callable[[int, int], object] | None = None,
) -> None:
    """Ask about every planned offer, and about all that collisions are stored for; `progress(offers done, offers)`.

    Of a slice of time these are the offers that start from `starts_from` to before `starts_before`.
    In transactions of BATCH offers, each as an edit of these offers would do it: what is edited meanwhile is right
    whoever comes first.
    """
    stored = Collision.objects.exclude(rule=overlap.CODE).exclude(state__in=["cleared", "past"])
    modes = {code: setting.mode for code, setting in settings_of().items() if code != overlap.CODE}
    if set(modes.values()) <= {RuleMode.OFF} and not stored.exists():
        return
    starts = dict(planned_offers(local_day(now), PLANNED).values_list("pk", "starts_on"))
    ids = starts.keys() | {pk for pair in stored.values_list("offer_a", "offer_b") for pk in pair}
    if (starts_from, starts_before) != (date.min, date.max):
        started = Offer.objects.filter(starts_on__gte=starts_from, starts_on__lt=starts_before)
        ids &= set(started.values_list("pk", flat=True))
    # Those that start together have the same neighbours.
    ordered = sorted(ids, key=lambda pk: (starts.get(pk, date.min), pk))
    turns = Turns()
    for start in range(0, len(ordered), BATCH):
        refresh_rules(offer_ids=ordered[start : start + BATCH], now=now)
        turns.pass_on()
        if progress:
            progress(min(start + BATCH, len(ordered)), len(ordered))
