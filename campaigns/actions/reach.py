"""Whom an offer reaches, where and on what: the rows behind an offer."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from campaigns.choices import Mode, ScopeRole
from campaigns.models import Category, Offer, OfferAudience, OfferCategory, OfferProduct, Product
from customers.models import Channel, Segment


@dataclass(frozen=True)
class Reach:
    """Whom an offer reaches, where and on what; None leaves a part as it is.

    `categories` lists whole lists by (role, mode); `add_products` and `drop_products` change the target products one by
    one, because a scope may have thousands.
    """

    include: Collection[Segment] | None = None
    exclude: Collection[Segment] | None = None
    channels: Collection[Channel] | None = None
    categories: Mapping[tuple[str, str], Collection[Category]] | None = None
    add_products: Collection[Product] = field(default=())
    drop_products: Collection[Product] = field(default=())


def write_reach(offer: Offer, reach: Reach) -> dict[str, tuple[Any, Any]]:
    """Write audience, channels and scope of a locked offer.

    Returns what changed as {field: (before, after)}, in codes; of products only how many.
    """
    changes: dict[str, tuple[Any, Any]] = {}
    for mode, segments in ((Mode.INCLUDE, reach.include), (Mode.EXCLUDE, reach.exclude)):
        if segments is not None:
            changes |= _replace(
                f"audience {mode}",
                OfferAudience.objects.filter(offer=offer, mode=mode),
                "segment",
                segments,
                lambda segment, mode=mode: OfferAudience(offer=offer, segment=segment, mode=mode),
            )
    if reach.channels is not None:
        before = sorted(channel.code for channel in offer.channels.all())
        after = sorted(channel.code for channel in reach.channels)
        if before != after:
            offer.channels.set(reach.channels)
            changes["channels"] = (before, after)
    for (role, side), categories in (reach.categories or {}).items():
        changes |= _replace(
            f"categories {role} {side}",
            OfferCategory.objects.filter(offer=offer, role=role, mode=side),
            "category",
            categories,
            lambda category, role=role, side=side: OfferCategory(offer=offer, category=category, role=role, mode=side),
        )
    return changes | _add_products(offer, reach.add_products) | _drop_products(offer, reach.drop_products)


def _replace(name: str, rows: Any, column: str, things: Iterable[Any], make: Any) -> dict[str, tuple[Any, Any]]:
    stored = {getattr(row, column).code: row for row in rows.select_related(column)}
    wanted = {thing.code: thing for thing in things}
    if stored.keys() == wanted.keys():
        return {}
    rows.exclude(**{f"{column}__code__in": list(wanted)}).delete()
    rows.model.objects.bulk_create([make(thing) for code, thing in wanted.items() if code not in stored])
    return {name: (sorted(stored), sorted(wanted))}


def _add_products(offer: Offer, products: Collection[Product]) -> dict[str, tuple[Any, Any]]:
    rows = OfferProduct.objects.filter(offer=offer, role=ScopeRole.TARGET)
    lifted = rows.filter(mode=Mode.EXCLUDE, product__in=products).delete()[0]
    named = set(rows.filter(product__in=products).values_list("product", flat=True))
    new = [product for product in products if product.pk not in named]
    OfferProduct.objects.bulk_create([OfferProduct(offer=offer, product=product) for product in new], batch_size=1000)
    return {"products added": (None, len(new))} if new or lifted else {}


def _drop_products(offer: Offer, products: Collection[Product]) -> dict[str, tuple[Any, Any]]:
    """Exclude products that the offer names, or whose whole category it names.

    The exclusion stays as a row: importing the plan again names the product again, and must not undo a ruling.
    """
    if not products:
        return {}
    rows = OfferProduct.objects.filter(offer=offer, role=ScopeRole.TARGET)
    named = set(rows.filter(mode=Mode.INCLUDE, product__in=products).values_list("product", flat=True))
    rows.filter(mode=Mode.INCLUDE, product__in=products).update(mode=Mode.EXCLUDE)
    whole = OfferCategory.objects.filter(offer=offer, role=ScopeRole.TARGET, mode=Mode.INCLUDE)
    categories = set(whole.values_list("category", flat=True))
    out = set(rows.filter(mode=Mode.EXCLUDE).values_list("product", flat=True))
    inside = [product for product in products if product.category_id in categories and product.pk not in out]
    OfferProduct.objects.bulk_create(
        [OfferProduct(offer=offer, product=product, mode=Mode.EXCLUDE) for product in inside], batch_size=1000
    )
    count = len(named) + len(inside)
    return {"products taken out": (None, count)} if count else {}
