"""From a random folder to the exported file, against plain SQL over the same CSV files."""

import csv
import random
from datetime import date, timedelta

import duckdb
import pytest
from django.core.management import call_command

from campaigns.tests.dataset_folders import write_csv
from campaigns.tests.independent import level_of

pytestmark = pytest.mark.django_db

DEPARTMENTS = ["D1", "D2", "D3"]
CATEGORIES = ["bread", "fruit", "tea", "wine"]
# Long ago for campaigns that have ended, far ahead for those to come.
BEGINNINGS = [date(2001, 1, 1), date(2150, 1, 1)]


def random_folder(seed):
    """A small plan with everything that decides about an overlap: dates that only touch, lists that are empty."""
    dice = random.Random(seed)
    products = [{"code": f"P{n}", "name": f"P{n}", "category": dice.choice(CATEGORIES)} for n in range(12)]
    products += [{"code": f"P-{category}", "name": category, "category": category} for category in CATEGORIES]
    customers = [{"code": f"C{n}"} for n in range(60)]
    segments = [{"code": f"S{n}", "name": f"S{n}"} for n in range(5)]
    members = [
        {"segment": f"S{n}", "customer": customer["code"]}
        for n in range(4)  # S4 is nobody
        for customer in dice.sample(customers, dice.choice([1, 25, 40]))
    ]
    campaigns, offers, scope, categories = [], [], [], []
    for n in range(25):
        first = dice.choice(BEGINNINGS) + timedelta(days=dice.randrange(8))
        last = first + timedelta(days=dice.choice([0, 3, 10]))
        campaigns.append(
            {
                "code": f"K{n}",
                "name": f"K{n}",
                "department": dice.choice(DEPARTMENTS),
                "starts_on": first.isoformat(),
                "ends_on": last.isoformat(),
                "status": dice.choice(["approved", "submitted", "approved", "draft"]),
            }
        )
        for m in range(dice.choice([1, 2, 3])):
            code = dice.choice(["a", "B", "é", "Z"]) + f"{n}-{m}"
            own = dice.random() < 0.4
            offers.append(
                {
                    "code": code,
                    "campaign": f"K{n}",
                    "name": code,
                    "department": dice.choice(DEPARTMENTS) if dice.random() < 0.2 else "",
                    "starts_on": first.isoformat() if own else "",
                    "ends_on": first.isoformat() if own else "",
                    "segments": "|".join(dice.sample([s["code"] for s in segments], dice.choice([0, 1, 1, 2]))),
                    "channels": "|".join(dice.sample(["web", "mail", "shop"], dice.choice([0, 0, 1, 2]))),
                }
            )
            scope += [
                {"offer": code, "product": product["code"], "role": dice.choice(["", "target", "trigger"])}
                for product in dice.sample(products, dice.choice([0, 5, 9]))
            ]
            for category in dice.sample(CATEGORIES, dice.choice([0, 1, 2, 3])):
                mode = dice.choice(["", "include", "include", "include", "exclude"])
                categories.append(
                    {
                        "offer": code,
                        "category": category,
                        "role": dice.choice(["", "target", "recommended"]),
                        "mode": mode,
                    }
                )
    return {
        "departments": [{"code": code, "name": code} for code in DEPARTMENTS],
        "channels": [{"code": code, "name": code} for code in ("web", "mail", "shop")],
        "products": products,
        "customers": customers,
        "segments": segments,
        "segment_members": members,
        "campaigns": campaigns,
        "offers": offers,
        "offer_products": scope,
        "offer_categories": categories,
    }


SQL = """
WITH offer AS (
    SELECT o.code, o.campaign, coalesce(o.department, k.department) AS department,
        CAST(coalesce(o.starts_on, k.starts_on) AS DATE) AS first, CAST(coalesce(o.ends_on, k.ends_on) AS DATE) AS last,
        string_split(o.segments, '|') AS segments, string_split(o.channels, '|') AS channels
    FROM offers o JOIN campaigns k ON k.code = o.campaign WHERE k.status <> 'draft'),
wanted AS (
    SELECT offer, product FROM offer_products WHERE coalesce(role, 'target') = 'target'
    UNION SELECT offer, code FROM offer_categories c JOIN products p ON p.category = c.category
        WHERE coalesce(role, 'target') = 'target' AND coalesce(mode, 'include') = 'include'),
unwanted AS (
    SELECT offer, code FROM offer_categories c JOIN products p ON p.category = c.category
        WHERE coalesce(role, 'target') = 'target' AND mode = 'exclude'),
target AS (SELECT * FROM wanted EXCEPT SELECT * FROM unwanted),
audience AS (
    SELECT code AS offer, customer FROM (SELECT code, unnest(segments) AS segment FROM offer) n JOIN segment_members m USING (segment)
    UNION SELECT o.code, c.code FROM offer o, customers c WHERE o.segments IS NULL),
products_of AS (SELECT offer, count(*) AS n FROM target GROUP BY offer),
customers_of AS (SELECT offer, count(*) AS n FROM audience GROUP BY offer),
goods AS (SELECT a.offer AS one, b.offer AS two, count(*) AS n FROM target a JOIN target b USING (product) GROUP BY ALL),
people AS (SELECT a.offer AS one, b.offer AS two, count(*) AS n FROM audience a JOIN audience b USING (customer) GROUP BY ALL)
SELECT a.code, b.code, a.campaign, b.campaign, a.department, b.department,
    greatest(a.first, b.first), least(a.last, b.last), goods.n, people.n, pa.n, pb.n, ca.n, cb.n,
    a.last - a.first + 1, b.last - b.first + 1
FROM offer a JOIN offer b ON a.code < b.code AND a.department <> b.department
JOIN goods ON goods.one = a.code AND goods.two = b.code
JOIN people ON people.one = a.code AND people.two = b.code
JOIN products_of pa ON pa.offer = a.code JOIN products_of pb ON pb.offer = b.code
JOIN customers_of ca ON ca.offer = a.code JOIN customers_of cb ON cb.offer = b.code
WHERE greatest(a.first, b.first) <= least(a.last, b.last)
    AND (a.channels IS NULL OR b.channels IS NULL OR len(list_intersect(a.channels, b.channels)) > 0)
"""


def expected_rows(folder):
    con = duckdb.connect()
    for file in folder.glob("*.csv"):
        con.execute(f"CREATE VIEW {file.stem} AS SELECT * FROM read_csv('{file}', all_varchar = true, header = true)")
    rows = []
    for *names, first, last, products, customers, pa, pb, ca, cb, da, db in con.execute(SQL).fetchall():
        days = (last - first).days + 1
        level = level_of(products, (pa, pb), customers, (ca, cb), days, (da, db))
        rows.append(
            ["overlap", *names, first.isoformat(), last.isoformat(), *map(str, (days, products, customers)), level]
        )
    return sorted(rows)


@pytest.mark.parametrize("seed", [*range(8), None], ids=lambda seed: "fresh" if seed is None else str(seed))
def test_export_is_what_plain_sql_over_the_folder_finds(tmp_path, seed):
    if seed is None:
        seed = random.SystemRandom().randrange(2**32)
    tables = {name: rows for name, rows in random_folder(seed).items() if rows}
    folder = write_csv(tmp_path / "data", tables)
    call_command("import_dataset", str(folder))
    call_command("detect_collisions", "--all")
    call_command("export_collisions", "-o", str(tmp_path / "found.csv"))
    with (tmp_path / "found.csv").open(encoding="utf-8", newline="") as file:
        _header, *found = csv.reader(file)
    expected = expected_rows(folder)
    assert expected, f"seed {seed}"
    assert found == expected, f"seed {seed}"
