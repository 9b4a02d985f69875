"""One offer against all others, as after an edit: the product's query, and the join that anybody would write first.

Both run on the product's database. The join has the targets of all offers spelled out, indexed both ways, and may use
the kept counts of shared customers too.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np

from bench import house, rows
from bench.plans import FIRST_DAY, LARGE

JOIN = """
SELECT o.id, b.id, max(o.starts_on, b.starts_on), min(o.ends_before, b.ends_before), t.n,
    CASE WHEN o.audience_id IS NULL THEN coalesce(sb.size, %s)
        WHEN b.audience_id IS NULL OR b.audience_id = o.audience_id THEN sa.size ELSE s.shared END AS customers
FROM (
    SELECT a.offer AS one, c.offer AS two, count(*) AS n
    FROM bench_targets a JOIN bench_targets c ON c.product = a.product WHERE a.offer = %s GROUP BY a.offer, c.offer) t
JOIN campaigns_offer o ON o.id = t.one JOIN campaigns_offer b ON b.id = t.two
LEFT JOIN customers_segment sa ON sa.id = o.audience_id LEFT JOIN customers_segment sb ON sb.id = b.audience_id
LEFT JOIN customers_segmentoverlap s
    ON s.low_id = min(o.audience_id, b.audience_id) AND s.high_id = max(o.audience_id, b.audience_id)
WHERE o.department_id <> b.department_id AND o.starts_on < b.ends_before AND b.starts_on < o.ends_before
    AND (NOT EXISTS (SELECT 1 FROM campaigns_offer_channels x WHERE x.offer_id = o.id)
        OR NOT EXISTS (SELECT 1 FROM campaigns_offer_channels x WHERE x.offer_id = b.id)
        OR EXISTS (SELECT 1 FROM campaigns_offer_channels x JOIN campaigns_offer_channels y USING (channel_id)
            WHERE x.offer_id = o.id AND y.offer_id = b.id))
    AND customers > 0
"""
# The same with the days in the join, so that few products are counted in vain.
EARLY = JOIN.replace(
    "WHERE a.offer = %s",
    "JOIN campaigns_offer d ON d.id = a.offer JOIN campaigns_offer e ON e.id = c.offer AND e.starts_on < d.ends_before AND e.ends_before > d.starts_on AND e.department_id <> d.department_id WHERE a.offer = %s",
)

SPELL_OUT = """
INSERT INTO bench_targets
SELECT p.offer_id, p.product_id FROM campaigns_offerproduct p WHERE p.mode = 'include'
UNION SELECT c.offer_id, p.id FROM campaigns_offercategory c JOIN campaigns_product p ON p.category_id = c.category_id
EXCEPT SELECT p.offer_id, p.product_id FROM campaigns_offerproduct p WHERE p.mode = 'exclude'
"""


def build(folder: Path) -> None:
    house.enter(folder / "product.sqlite3")
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.execute("DROP TABLE IF EXISTS bench_targets")
        cursor.execute(
            "CREATE TABLE bench_targets (offer INT, product INT, PRIMARY KEY (offer, product)) WITHOUT ROWID"
        )
        cursor.execute(SPELL_OUT)
        cursor.execute("CREATE INDEX bench_targets_by_product ON bench_targets (product, offer)")


def compare(folder: Path, *, seed: int, offers: int) -> dict[str, Any]:
    """Milliseconds of `offers` picked by chance and of the largest ones, each asked three times of everybody in turn."""
    house.enter(folder / "product.sqlite3")
    from django.db import connection
    from django.db.models import Count

    from campaigns.models import Offer
    from customers.models import Customer

    customers = Customer.objects.count()
    largest = Offer.objects.annotate(n=Count("items")).order_by("-n", "pk")[:LARGE]
    large = list(largest.values_list("pk", flat=True))
    every = np.array(Offer.objects.exclude(pk__in=large).order_by("pk").values_list("pk", flat=True))
    picked = np.random.default_rng(seed).choice(every, offers, replace=False).tolist()

    def joined(statement: str, offer: int) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, [customers, offer])
            return list(cursor.fetchall())

    ways = {"ours": _ours, "join": lambda pk: joined(JOIN, pk), "join, days first": lambda pk: joined(EARLY, pk)}
    times = {way: {pk: _timed(ask, pk) for pk in picked + large} for way, ask in ways.items()}
    answers = {way: _checksum(ask, picked + large) for way, ask in ways.items()}
    assert len(set(answers.values())) == 1, answers
    return {
        "checksum": answers["ours"],
        "picked": {way: [found[pk] for pk in picked] for way, found in times.items()},
        "largest": {way: [found[pk] for pk in large] for way, found in times.items()},
    }


def _ours(offer: int) -> Any:
    from campaigns.queries.collisions import overlaps_of

    return overlaps_of([offer])


def _timed(ask: Any, offer: int) -> float:
    """The best of three, in milliseconds."""
    found = []
    for _ in range(3):
        start = time.perf_counter()
        ask(offer)
        found.append(1000 * (time.perf_counter() - start))
    return min(found)


def _checksum(ask: Any, offers: list[int]) -> str:
    """Of all that is found with these offers, as of the results of full detection."""
    found = []
    for offer in offers:
        for one in ask(offer):
            if isinstance(one, tuple):
                a, b, starts, ends, products, customers = one
            else:
                a, b = one.offer_a, one.offer_b
                starts, ends = one.finding.starts_on, one.finding.ends_before
                products, customers = one.finding.shared_products, one.finding.shared_customers
            # Each offer is asked about by itself, so a pair may stand twice, in the order of the asking.
            found.append((min(a, b), max(a, b), _ordinal(starts), _ordinal(ends), products, customers))
    return rows.checksum(list(zip(*sorted(found), strict=True)))


def _ordinal(day: Any) -> int:
    from datetime import date

    return (date.fromisoformat(day) if isinstance(day, str) else day).toordinal() - FIRST_DAY
