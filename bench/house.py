"""The product on a SQLite file of its own, filled with a made-up plan as an import would leave it."""

import os
from collections.abc import Iterable
from datetime import date
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

from bench.plans import CATEGORIES, CHANNELS, DEPARTMENTS, FIRST_DAY, PRODUCTS, Ints, Plan, load

# Offers of one campaign.
TOGETHER = 5
# One of so many offers contacts its customers.
MESSAGES = 10


def enter(database: Path) -> None:
    """Make this process one of the product, on this database."""
    os.environ |= {
        "DATABASE_URL": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LANGUAGE_CODE": "en",
        "SECRET_KEY": "bench",
        "VAR_DIR": str(database.parent),
    }
    import django

    django.setup()


def build(folder: Path) -> None:
    """Make product.sqlite3 of the plan in a folder."""
    enter(folder / "product.sqlite3")
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    plan = load(folder)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
    with connection.constraint_checks_disabled(), transaction.atomic():
        _fill_customers(plan)
        _fill_catalogue(plan)
        _fill_offers(plan)
        _fill_scopes(plan)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def fill_overlaps(low: Ints, high: Ints, shared: Ints) -> None:
    """Keep the table of shared customers, by ids of segments."""
    from django.db import transaction

    from customers.models import SegmentOverlap

    with transaction.atomic():
        _insert(SegmentOverlap, low_id=low.tolist(), high_id=high.tolist(), shared=shared.tolist())


def _fill_customers(plan: Plan) -> None:
    from pyroaring import BitMap

    from customers.models import Channel, Customer, Segment

    numbers = range(plan.customers)
    _insert(Customer, number=numbers, code=[f"C{number}" for number in numbers])
    codes = [f"ch{number}" for number in range(1, CHANNELS + 1)]
    _insert(Channel, id=range(1, CHANNELS + 1), code=codes, name=codes)
    bitmaps = [BitMap(numbers) for numbers in plan.members]
    for bitmap in bitmaps:
        bitmap.run_optimize()
    codes = [f"S{number}" for number in range(1, len(bitmaps) + 1)]
    _insert(
        Segment,
        id=range(1, len(bitmaps) + 1),
        code=codes,
        name=codes,
        members=[bytes(bitmap.serialize()) for bitmap in bitmaps],
        size=[len(bitmap) for bitmap in bitmaps],
    )


def _fill_catalogue(plan: Plan) -> None:
    from campaigns.models import Category, Department, Product

    codes = [f"D{number}" for number in range(1, DEPARTMENTS + 1)]
    _insert(Department, id=range(1, DEPARTMENTS + 1), code=codes, name=codes)
    ids = range(1, CATEGORIES + 1)
    _insert(Category, id=ids, code=[f"c{pk}" for pk in ids], size=plan.category_sizes[1:].tolist())
    ids = range(1, PRODUCTS + 1)
    codes = [f"P{pk}" for pk in ids]
    _insert(Product, id=ids, code=codes, name=codes, category_id=plan.category_of.tolist())


def campaigns_of(plan: Plan) -> Ints:
    """The campaign of each offer: some that lie together, of one department."""
    order = np.lexsort((plan.starts, plan.departments))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) // TOGETHER
    return 1 + np.unique(place * (DEPARTMENTS + 1) + plan.departments, return_inverse=True)[1]


def _fill_offers(plan: Plan) -> None:
    from campaigns.models import Campaign, Offer, OfferAudience

    campaigns = campaigns_of(plan)
    ids = np.arange(1, campaigns.max() + 1)
    starts, ends = np.full(len(ids) + 1, 2**40), np.zeros(len(ids) + 1, np.int64)
    np.minimum.at(starts, campaigns, plan.starts)
    np.maximum.at(ends, campaigns, plan.ends)
    departments = np.zeros(len(ids) + 1, np.int64)
    departments[campaigns] = plan.departments
    codes = [f"K{pk}" for pk in ids]
    _insert(
        Campaign,
        id=ids.tolist(),
        code=codes,
        name=codes,
        department_id=departments[1:].tolist(),
        status=repeat("submitted"),
        starts_on=_days(starts[1:]),
        ends_before=_days(ends[1:]),
        goal=repeat("Sell more"),
        kpi=repeat("conversion rate"),
    )
    numbers = range(1, len(plan.starts) + 1)
    # As many digits each: the order of codes is that of ids.
    codes = [f"O{number:07d}" for number in numbers]
    _insert(
        Offer,
        id=numbers,
        code=codes,
        name=codes,
        campaign_id=campaigns.tolist(),
        department_id=plan.departments.tolist(),
        starts_on=_days(plan.starts),
        ends_before=_days(plan.ends),
        mechanic=repeat("percent"),
        percent_off=repeat("10"),
        audience_id=[audience or None for audience in plan.audiences.tolist()],
        posted=repeat(1),
        # Most offers hang on shelves; these are messages too.
        contacts=[int(number % MESSAGES == 0) for number in numbers],
    )
    chosen = 1 + np.flatnonzero(plan.audiences)
    _insert(OfferAudience, offer_id=chosen.tolist(), segment_id=plan.audiences[chosen - 1].tolist())
    named = [(offer, bit + 1) for bit in range(CHANNELS) for offer in 1 + np.flatnonzero(plan.channels & 1 << bit)]
    offers, channels = zip(*named, strict=True)
    _insert(Offer.channels.through, offer_id=map(int, offers), channel_id=channels)


def _fill_scopes(plan: Plan) -> None:
    from campaigns.models import OfferCategory, OfferItem, OfferProduct

    for rows, mode in ((plan.named, "include"), (plan.left_out, "exclude")):
        _insert(OfferProduct, offer_id=rows[:, 0].tolist(), product_id=rows[:, 1].tolist(), mode=repeat(mode))
    _insert(OfferCategory, offer_id=plan.whole[:, 0].tolist(), category_id=plan.whole[:, 1].tolist())
    items = plan.postings()
    items = items[items[:, 0].argsort(kind="stable")]
    at = items[:, 0] - 1
    _insert(
        OfferItem,
        offer_id=items[:, 0].tolist(),
        kind=items[:, 1].tolist(),
        key=items[:, 2].tolist(),
        weight=items[:, 3].tolist(),
        starts_on=_days(plan.starts[at]),
        ends_before=_days(plan.ends[at]),
        department_id=plan.departments[at].tolist(),
    )


def _days(ordinals: Ints) -> list[str]:
    texts = {day: date.fromordinal(day).isoformat() for day in range(FIRST_DAY, FIRST_DAY + 1000)}
    return [texts[day] for day in ordinals.tolist()]


def _insert(model: Any, **columns: Iterable[Any]) -> None:
    """Rows by columns; the others have the default of their field."""
    from django.db import connection

    values = []
    fields = [field for field in model._meta.concrete_fields if field.attname != "id" or "id" in columns]
    for field in fields:
        given = columns.get(field.attname)
        values.append(repeat(field.get_db_prep_save(field.get_default(), connection)) if given is None else given)
    names = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.executemany(
            f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({places})',
            zip(*values, strict=False),
        )
