"""Whom an offer reaches, where and on what: the rows behind an offer."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from campaigns.choices import Mode, ScopeRole
from campaigns.models import Category, Offer, OfferAudience, OfferCategory, OfferProduct, Product
from customers.models import Channel, Segment

# So many codes are named one by one.
NAMED = 10


@dataclass(frozen=True)
class Reach:
    """Whom an offer reaches, where and on what; None leaves a part as it is.

    `categories` lists whole lists by (role, mode); `add_products` and `drop_products` change the target products one by
    one, because a scope may have thousands. `triggers` and `recommended` are the whole lists of a cross-sell.
    """

    include: Collection[Segment] | None = None
    exclude: Collection[Segment] | None = None
    channels: Collection[Channel] | None = None
    categories: Mapping[tuple[str, str], Collection[Category]] | None = None
    add_products: Collection[Product] = field(default=())
    drop_products: Collection[Product] = field(default=())
    triggers: Collection[Product] | None = None
    recommended: Collection[Product] | None = None


def write_reach(offer: Offer, reach: Reach) -> dict[str, tuple[Any, Any]]:
    """Write audience, channels and scope of a locked offer.

    Returns what changed as {field: (before, after)}, in codes; of products only how many, if there are many.

    Raises:
        ValidationError: by field ("exclude", "without_categories", "drop_products"): both included and left out; or
            ("recommended"): recommended with itself.
    """
    _check_sides("drop_products", reach.add_products, reach.drop_products)
    changes = _write_audience(offer, reach)
    if reach.channels is not None:
        before = sorted(channel.code for channel in offer.channels.all())
        after = sorted(channel.code for channel in reach.channels)
        if before != after:
            offer.channels.set(reach.channels)
            changes["channels"] = (before, after)
    changes |= _write_categories(offer, reach.categories or {}) | _write_cross_sell(offer, reach)
    return changes | _add_products(offer, reach.add_products) | _drop_products(offer, reach.drop_products)


def _write_audience(offer: Offer, reach: Reach) -> dict[str, tuple[Any, Any]]:
    given = {Mode.INCLUDE: reach.include, Mode.EXCLUDE: reach.exclude}
    return _replace(
        {f"audience {mode}": (mode, segments) for mode, segments in given.items() if segments is not None},
        OfferAudience.objects.filter(offer=offer),
        "segment",
        lambda mode, segment: OfferAudience(offer=offer, segment=segment, mode=mode),
        "exclude",
    )


def _write_categories(
    offer: Offer, categories: Mapping[tuple[str, str], Collection[Category]]
) -> dict[str, tuple[Any, Any]]:
    changes: dict[str, tuple[Any, Any]] = {}
    for role in dict.fromkeys(role for role, _mode in categories):
        changes |= _replace(
            {f"categories {role} {mode}": (mode, named) for (its, mode), named in categories.items() if its == role},
            OfferCategory.objects.filter(offer=offer, role=role),
            "category",
            lambda mode, category, role=role: OfferCategory(offer=offer, category=category, role=role, mode=mode),
            "without_categories",
        )
    return changes


def _write_cross_sell(offer: Offer, reach: Reach) -> dict[str, tuple[Any, Any]]:
    changes: dict[str, tuple[Any, Any]] = {}
    given = {
        "triggers": (ScopeRole.TRIGGER, reach.triggers),
        "recommended": (ScopeRole.RECOMMENDED, reach.recommended),
    }
    for name, (role, products) in given.items():
        if products is None:
            continue
        rows = OfferProduct.objects.filter(offer=offer, role=role)
        changes |= _replace(
            {name: (Mode.INCLUDE, products)},
            rows,
            "product",
            lambda mode, product, role=role: OfferProduct(offer=offer, product=product, role=role, mode=mode),
            name,
        )
    if changes:
        named = OfferProduct.objects.filter(offer=offer, mode=Mode.INCLUDE)
        triggers = named.filter(role=ScopeRole.TRIGGER).values("product")
        circles = named.filter(role=ScopeRole.RECOMMENDED, product__in=triggers)
        if codes := set(circles.values_list("product__code", flat=True)):
            text = _("Both a trigger and recommended: %(names)s. Keep one.")
            raise ValidationError({"recommended": text % {"names": _named(codes)}})
    return {name: (_counted(before, after), _counted(after, before)) for name, (before, after) in changes.items()}


def _counted(codes: list[str], others: list[str]) -> list[str] | int:
    """Those of `codes` that `others` have not; only how many, if there are many."""
    rest = sorted(set(codes) - set(others))
    return rest if len(rest) <= NAMED else len(rest)


def _replace(
    given: Mapping[str, tuple[str, Collection[Any]]], rows: Any, column: str, make: Any, field: str
) -> dict[str, tuple[Any, Any]]:
    """Make the rows of each mode in `given` ({name of the change: (mode, things)}) those that it names."""
    stored: dict[str, dict[str, Any]] = {Mode.INCLUDE: {}, Mode.EXCLUDE: {}}
    for row in rows.select_related(column):
        stored[row.mode][getattr(row, column).code] = row
    wanted = {mode: {thing.code: thing for thing in things} for mode, things in given.values()}
    after = {mode: wanted.get(mode, stored[mode]) for mode in stored}
    _refuse_both(field, after[Mode.INCLUDE].keys() & after[Mode.EXCLUDE].keys())
    # What goes, goes first: one that changes sides stands on one of them at a time.
    gone = [row.pk for mode in wanted for code, row in stored[mode].items() if code not in wanted[mode]]
    rows.filter(pk__in=gone).delete()
    new = [make(mode, thing) for mode in wanted for code, thing in wanted[mode].items() if code not in stored[mode]]
    rows.model.objects.bulk_create(new)
    return {
        name: (sorted(stored[mode]), sorted(wanted[mode]))
        for name, (mode, _things) in given.items()
        if stored[mode].keys() != wanted[mode].keys()
    }


def _check_sides(field: str, one: Collection[Any], other: Collection[Any]) -> None:
    _refuse_both(field, {thing.code for thing in one} & {thing.code for thing in other})


def _refuse_both(field: str, codes: AbstractSet[str]) -> None:
    if codes:
        text = _("Both included and left out: %(names)s. Keep one.")
        raise ValidationError({field: text % {"names": _named(codes)}})


def _named(codes: AbstractSet[str]) -> str:
    return ", ".join(sorted(codes)[:NAMED]) + ("…" if len(codes) > NAMED else "")


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
