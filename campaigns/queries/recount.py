"""The stored collisions against a count of everything from the plan as it is. Imports SciPy; writes nothing."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.actions.collisions.everything import found_in
from campaigns.actions.collisions.refreshing import TOPICS, offers_of
from campaigns.actions.collisions.rows import Found, Stored, read
from campaigns.choices import CollisionState
from campaigns.models import Collision, Offer
from campaigns.queries.plan_arrays import read_facts, read_plan
from campaigns.rules.collisions import overlap
from campaigns.rules.collisions.sparse import overlaps
from customers.clock import local_day
from customers.models import Customer, Event

Pair = tuple[int, int]


def find_problems(*, now: datetime) -> Iterator[str]:
    """Collisions that are stored but not there, there but not stored, or stored with other numbers.

    Offers about which news still waits are left out, and those that change while we count.
    """
    today = local_day(now)
    waiting = list(Event.objects.filter(topic__in=TOPICS, handled_at=None))
    if any(event.topic == "plan.imported" for event in waiting):
        return
    snapshot = read_plan(today=today, with_past=False)
    found = {(one.offer_a, one.offer_b): one for one in found_in(snapshot, overlaps(snapshot.plan, None), today)}
    kept = [CollisionState.OPEN, CollisionState.SETTLED]
    rows = read(Collision.objects.filter(rule=overlap.CODE, state__in=kept, ends_before__gt=today)).values()
    stored = {(row.offer_a, row.offer_b): row for row in rows}
    changed = {facts.offer for facts in snapshot.facts ^ read_facts()}
    waiting += Event.objects.filter(topic__in=TOPICS, handled_at=None).exclude(pk__in=[one.pk for one in waiting])
    for event in waiting:
        changed |= offers_of(event)
    if Customer.objects.count() == snapshot.customers:
        yield from _differences(found, stored, changed)


def _differences(
    found: Mapping[Pair, Found], stored: Mapping[Pair, Stored], changed: Collection[int]
) -> Iterator[str]:
    wrong = [
        pair
        for pair in sorted(found.keys() | stored.keys())
        if changed.isdisjoint(pair) and _facts(found.get(pair)) != _facts(stored.get(pair))
    ]
    codes = dict(Offer.objects.filter(pk__in={offer for pair in wrong for offer in pair}).values_list("pk", "code"))
    for pair in wrong:
        names = {"a": codes[pair[0]], "b": codes[pair[1]]}
        if pair not in stored:
            yield _("Offers %(a)s and %(b)s collide, but no open collision is stored.") % names
        elif pair not in found:
            yield _("A collision of offers %(a)s and %(b)s is stored, but they do not collide.") % names
        else:
            names |= {"stored": _numbers(stored[pair]), "counted": _numbers(found[pair])}
            yield _("Offers %(a)s and %(b)s: stored is %(stored)s, counted %(counted)s.") % names


def _facts(one: Found | Stored | None) -> tuple[object, ...] | None:
    return (one.versions, one.numbers) if one else None


def _numbers(one: Found | Stored) -> str:
    return (
        f"{one.starts_on}/{one.ends_before} products={one.shared_products} customers={one.shared_customers} "
        f"score={one.score} versions={one.version_a}/{one.version_b}"
    )
