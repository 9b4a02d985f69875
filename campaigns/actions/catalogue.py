"""Writing the catalogue: products and the sizes of their categories."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count

from campaigns.actions import postings
from campaigns.models import Category, Product
from customers.actions import events
from customers.actions.upsert import Upserted, upsert

LOOKED_AT = frozenset({"price", "cost", "brand", "stock"})


@transaction.atomic
def put_products(rows: Sequence[Mapping[str, Any]], *, now: datetime, announce: bool = True) -> Upserted[Product]:
    """Insert or update products by code, their category given as its code in `category`; new categories are made.

    A row names the columns to set, what it does not name stays. Where products came or moved, the category's size and
    the postings of the offers that it concerns follow. `announce=False`: the caller tells by its own event.
    """
    categories = _categories({row["category"] for row in rows if "category" in row})
    done = upsert(
        Product,
        [
            {key: value for key, value in row.items() if key != "category"}
            | ({"category_id": categories[row["category"]]} if "category" in row else {})
            for row in rows
        ],
    )
    touched = {product.category_id for product in done.created}
    for _product, changes in done.changed:
        touched.update(changes.get("category_id", ()))
    if touched:
        _resize(touched)
        postings.rewrite_categories(touched)
    # Rules look at prices, costs, brands and stock as well.
    priced = {product.category_id for product, changes in done.changed if changes.keys() & LOOKED_AT}
    if announce and touched | priced:
        events.record("catalogue.changed", now=now, categories=sorted(touched | priced))
    return done


def _categories(codes: Collection[str]) -> dict[str, int]:
    known = set(Category.objects.filter(code__in=codes).values_list("code", flat=True))
    new = sorted(set(codes) - known)
    Category.objects.bulk_create([Category(code=code) for code in new], ignore_conflicts=True)
    return dict(Category.objects.filter(code__in=codes).values_list("code", "pk"))


def _resize(category_ids: Collection[int]) -> None:
    """Count the products of these categories anew; counting never drifts as adding would."""
    counted = dict(
        Product.objects.filter(category__in=category_ids).values_list("category").annotate(Count("pk")).order_by()
    )
    categories = list(Category.objects.select_for_update(no_key=True).filter(pk__in=category_ids).order_by("pk"))
    for category in categories:
        category.size = counted.get(category.pk, 0)
    Category.objects.bulk_update(categories, ["size"], batch_size=400)
