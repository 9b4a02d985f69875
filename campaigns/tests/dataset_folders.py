"""Small dataset folders for tests: a whole one that is right, and ways to write it down."""

import csv
from copy import deepcopy

import duckdb
from django.utils import translation

# Two departments that plan for the same customers and partly the same products.
TABLES = {
    "departments": [
        {
            "code": "CRM",
            "name": "CRM",
            "business_unit": "Retail",
            "lead": "",
            "value_proposition": "Knows\nits customers",
        },
        {"code": "MKT", "name": "Marketing", "business_unit": "", "lead": "", "value_proposition": ""},
    ],
    "channels": [
        {"code": "mail", "name": "Mail", "capacity_per_day": "5000", "quiet_from": "21:30", "quiet_to": "08:00"},
        {"code": "shop", "name": "Shop", "capacity_per_day": "", "quiet_from": "", "quiet_to": ""},
    ],
    "products": [
        {
            "code": f"P{n}",
            "name": f"Product {n}",
            "category": "fruit" if n < 4 else "bread",
            "brand": "Own" if n == 1 else "",
            "department": "CRM" if n == 1 else "",
            "price": "12.50" if n == 1 else "",
            "cost": "3" if n == 1 else "",
            "stock": "100" if n == 1 else "",
            "attributes": '{"size": "M", "colours": ["red"]}' if n == 1 else "",
        }
        for n in range(1, 7)
    ],
    "customers": [
        {
            "code": f"C{n}",
            "household": f"H{n // 2}",
            "email": f"c{n}@example.com",
            "language": "es",
            "attributes": '{"age": 40}' if n == 1 else "",
        }
        for n in range(1, 9)
    ],
    "segments": [
        {"code": "loyal", "name": "Loyal"},
        {"code": "new", "name": "New"},
        {"code": "nobody", "name": "Nobody"},
    ],
    "segment_members": [{"segment": "loyal", "customer": f"C{n}"} for n in range(1, 6)]
    + [{"segment": "new", "customer": f"C{n}"} for n in range(4, 9)],
    "campaigns": [
        {
            "code": "SPRING",
            "name": "Spring",
            "department": "CRM",
            "starts_on": "2027-03-01",
            "ends_on": "2027-03-31",
            "goal": "Bring back\nold friends",
            "kpi": "returning customers",
            "kpi_target": "12.5",
            "budget": "10000.00",
            "journey_stage": "loyalty",
            "contact_person": "",
            "status": "approved",
        },
        {
            "code": "EASTER",
            "name": "Easter",
            "department": "MKT",
            "starts_on": "2027-03-20",
            "ends_on": "2027-04-05",
            "goal": "",
            "kpi": "",
            "kpi_target": "",
            "budget": "",
            "journey_stage": "",
            "contact_person": "",
            "status": "submitted",
        },
        {
            "code": "IDEA",
            "name": "Idea",
            "department": "MKT",
            "starts_on": "2027-03-01",
            "ends_on": "2027-03-31",
            "goal": "",
            "kpi": "",
            "kpi_target": "",
            "budget": "",
            "journey_stage": "",
            "contact_person": "",
            "status": "",
        },
    ],
    "offers": [
        {
            "code": "SPRING-1",
            "campaign": "SPRING",
            "name": "Fruit",
            "department": "",
            "starts_on": "",
            "ends_on": "2027-03-20",
            "mechanic": "percent",
            "value": "20",
            "currency": "",
            "segments": "loyal",
            "channels": "mail|shop",
            "stackable": "no",
            "margin_floor_pct": "15",
            "priority": "3",
        },
        {
            "code": "EASTER-1",
            "campaign": "EASTER",
            "name": "Two for one",
            "department": "",
            "starts_on": "",
            "ends_on": "",
            "mechanic": "bxgy",
            "value": "2+1",
            "currency": "USD",
            "segments": "loyal|new",
            "channels": "",
            "stackable": "",
            "margin_floor_pct": "",
            "priority": "",
        },
        {
            "code": "IDEA-1",
            "campaign": "IDEA",
            "name": "Gift",
            "department": "CRM",
            "starts_on": "",
            "ends_on": "",
            "mechanic": "gift",
            "value": "P6",
            "currency": "",
            "segments": "",
            "channels": "",
            "stackable": "yes",
            "margin_floor_pct": "",
            "priority": "",
        },
    ],
    "offer_products": [
        {"offer": "SPRING-1", "product": "P1", "role": ""},
        {"offer": "SPRING-1", "product": "P4", "role": "target"},
        {"offer": "SPRING-1", "product": "P5", "role": "trigger"},
        {"offer": "IDEA-1", "product": "P2", "role": ""},
    ],
    "offer_categories": [
        {"offer": "EASTER-1", "category": "fruit", "role": "", "mode": ""},
        {"offer": "EASTER-1", "category": "bread", "role": "target", "mode": "exclude"},
    ],
}


def whole():
    """A copy of TABLES to change."""
    return deepcopy(TABLES)


def write_csv(folder, tables):
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def write_parquet(folder, tables, types=None):
    """Empty cells become NULL; `types` gives SQL types by column, text otherwise."""
    folder.mkdir(exist_ok=True)
    con = duckdb.connect()
    for name, rows in tables.items():
        columns = [f"{column} {(types or {}).get(column, 'VARCHAR')}" for column in rows[0]]
        con.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
        for row in rows:
            con.execute(
                f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", [cell or None for cell in row.values()]
            )
        con.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet)")
    con.close()
    return folder


def said(problems):
    """The problems in English, as a terminal prints them; whoever reads Spanish is told each of them in Spanish."""
    told = [str(problem) for problem in problems]
    with translation.override("es"):
        in_spanish = [str(problem) for problem in problems]
    assert [one for one, other in zip(told, in_spanish, strict=True) if one == other] == []
    return told
