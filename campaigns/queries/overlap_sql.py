"""The SQL that counts the overlaps of some offers with all others, the same for SQLite and PostgreSQL.

It joins the postings of the offers in question with everybody's: both sides by index, the offers in question first
(CROSS JOIN is how one tells SQLite). Shared products are the sum of four kinds of matches: product with product, whole
category with whole category, and, in both directions, a product with a whole category that contains it. Customers come
from the kept counts of segments; the number of all customers is only asked for when an offer is for everybody.
"""

from datetime import date
from typing import Any

_MATCHES = " UNION ALL ".join(
    f"""
    SELECT f.offer_id AS one, g.offer_id AS two, {weight} AS n
    FROM mine f CROSS JOIN campaigns_offeritem g
    WHERE f.kind = {mine} AND g.kind = {theirs} AND g.key = f.key
      AND g.starts_on < f.ends_before AND g.ends_before > f.starts_on AND g.department_id <> f.department_id
      {{not_over}}"""  # noqa: S608 - constants of this file
    for mine, theirs, weight in (
        (0, 0, "f.weight * g.weight"),
        (1, 1, "f.weight"),
        (2, 1, "f.weight"),
        (1, 2, "g.weight"),
    )
)
_EVERYBODY = "(SELECT n FROM everybody)"
_CHANNELS = "EXISTS (SELECT 1 FROM campaigns_offer_channels x WHERE x.offer_id = {0}.id)"

_OVERLAPS = f"""
WITH everybody AS (SELECT COUNT(*) AS n FROM customers_customer),
mine AS MATERIALIZED (SELECT * FROM campaigns_offeritem WHERE offer_id IN ({{offers}})),
matched AS ({_MATCHES}),
counted AS MATERIALIZED (SELECT one, two, SUM(n) AS products FROM matched GROUP BY one, two HAVING SUM(n) > 0),
sized AS MATERIALIZED (
    SELECT o.id, SUM(i.weight) AS products
    FROM (SELECT one AS id FROM counted UNION SELECT two FROM counted) o CROSS JOIN campaigns_offeritem i
    WHERE i.offer_id = o.id AND i.kind IN (1, 2) GROUP BY o.id),
paired AS (
    SELECT a.id AS offer_a, a.code AS code_a, a.campaign_id AS campaign_a, a.department_id AS department_a,
        a.version AS version_a, a.starts_on AS starts_a, a.ends_before AS ends_a,
        b.id AS offer_b, b.code AS code_b, b.campaign_id AS campaign_b, b.department_id AS department_b,
        b.version AS version_b, b.starts_on AS starts_b, b.ends_before AS ends_b,
        pa.products AS products_a, pb.products AS products_b,
        CASE WHEN a.audience_id IS NULL THEN {_EVERYBODY} ELSE sa.size END AS customers_a,
        CASE WHEN b.audience_id IS NULL THEN {_EVERYBODY} ELSE sb.size END AS customers_b,
        counted.products AS products,
        CASE
            WHEN a.audience_id IS NULL AND b.audience_id IS NULL THEN {_EVERYBODY}
            WHEN a.audience_id IS NULL THEN sb.size
            WHEN b.audience_id IS NULL OR a.audience_id = b.audience_id THEN sa.size
            ELSE COALESCE(shared.shared, 0)
        END AS customers
    FROM counted
    CROSS JOIN campaigns_offer a CROSS JOIN campaigns_offer b
    CROSS JOIN sized pa CROSS JOIN sized pb
    CROSS JOIN campaigns_campaign ca CROSS JOIN campaigns_campaign cb
    LEFT JOIN customers_segment sa ON sa.id = a.audience_id
    LEFT JOIN customers_segment sb ON sb.id = b.audience_id
    LEFT JOIN customers_segmentoverlap shared
        ON shared.low_id = CASE WHEN a.audience_id < b.audience_id THEN a.audience_id ELSE b.audience_id END
        AND shared.high_id = CASE WHEN a.audience_id < b.audience_id THEN b.audience_id ELSE a.audience_id END
    WHERE a.id = counted.one AND b.id = counted.two AND pa.id = a.id AND pb.id = b.id
      AND ca.id = a.campaign_id AND cb.id = b.campaign_id
      AND a.withdrawn_at IS NULL AND b.withdrawn_at IS NULL
      AND (ca.status IN ({{statuses}}) OR ca.id = %s) AND (cb.status IN ({{statuses}}) OR cb.id = %s)
      AND (ca.joint_group_id IS NULL OR cb.joint_group_id IS NULL OR ca.joint_group_id <> cb.joint_group_id)
      AND (NOT {_CHANNELS.format("a")} OR NOT {_CHANNELS.format("b")} OR EXISTS (
        SELECT 1 FROM campaigns_offer_channels x
        JOIN campaigns_offer_channels y ON y.channel_id = x.channel_id AND y.offer_id = b.id
        WHERE x.offer_id = a.id))
)
SELECT * FROM paired WHERE customers > 0
"""  # noqa: S608 - constants of this file


def overlaps_sql(
    offer_ids: list[int], statuses: list[str], today: date | None, draft: int | None
) -> tuple[str, list[Any]]:
    """Statement and parameters; see campaigns.queries.collisions.overlaps_of."""
    sql = _OVERLAPS.format(
        offers=_places(offer_ids),
        statuses=_places(statuses),
        not_over="" if today is None else "AND f.ends_before > %s AND g.ends_before > %s",
    )
    days = [] if today is None else [today, today]
    return sql, [*offer_ids, *days * 4, *statuses, draft, *statuses, draft]


def _places(values: list[Any]) -> str:
    return ", ".join(["%s"] * len(values))
