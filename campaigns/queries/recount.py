"""The stored collisions against a count of everything from the plan as it is. Imports SciPy; writes nothing."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.actions.collisions.parts import compute
from campaigns.actions.collisions.refreshing import TOPICS, offers_of
from campaigns.actions.collisions.rows import Found, Stored, read
from campaigns.actions.collisions.storing import found_in
from campaigns.choices import CollisionState
from campaigns.models import Collision, Offer
from campaigns.queries.plan_facts import Extent, read_facts
from campaigns.rules.collisions import overlap
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
    extent = Extent(today=today, with_past=False)
    part = compute(extent)
    found = {(one.offer_a, one.offer_b): one for one in found_in(part.pairs, {one.offer: one for one in part.facts})}
    kept = [CollisionState.OPEN, CollisionState.SETTLED]
    rows = read(Collision.objects.filter(rule=overlap.CODE, state__in=kept, ends_before__gt=today)).values()
    stored = {(row.offer_a, row.offer_b): row for row in rows}
    changed = part.changed(read_facts(extent), Customer.objects.count())
    waiting += Event.objects.filter(topic__in=TOPICS, handled_at=None).exclude(pk__in=[one.pk for one in waiting])
    for event in waiting:
        changed |= offers_of(event)
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
