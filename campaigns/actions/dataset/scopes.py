"""Writing the lists of offers: segments, channels, products, categories.

A list that the folder has is replaced for every offer that the folder names. The format cannot say that an offer
leaves a segment or a product out, so what people or a ruling excluded stays excluded.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from campaigns.actions.dataset.references import AT_ONCE
from campaigns.choices import Mode
from campaigns.models import Category, Offer, OfferAudience, OfferCategory, OfferProduct
from customers.actions.upsert import insert_rows
from customers.models import Channel, Segment

# What one row says besides its offer, such as (product, role); an offer has it once.
Key = tuple[Any, ...]
# The rows of one offer: key -> mode.
Rows = Mapping[Key, str]


# What the history tells of one change: {name: (before, after)}.
Changes = dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class List:
    """One kind of list. `has_excluded`: rows of mode exclude come from elsewhere than the folder and stay.

    `tell` says in the words of the history how the rows of one offer changed.
    """

    name: str
    model: type[Model]
    columns: tuple[str, ...]
    tell: Callable[[Rows, Rows], Changes]
    has_mode: bool = True
    has_excluded: bool = False


def _as_codes(name: str, named_by: type[Model]) -> Callable[[Rows, Rows], Changes]:
    """Lists of codes before and after; `name` may ask for role and mode of the rows, each a list of its own then."""

    def tell(before: Rows, after: Rows) -> Changes:
        ids = {key[0] for key in (*before, *after)}
        codes = dict(named_by._default_manager.filter(pk__in=ids).values_list("pk", "code"))
        lists: Changes = {}
        for place, rows in enumerate((before, after)):
            for key, mode in rows.items():
                label = name.format(role=key[-1], mode=mode)
                lists.setdefault(label, ([], []))[place].append(codes[key[0]])
        return {
            label: (sorted(one), sorted(other))
            for label, (one, other) in lists.items()
            if sorted(one) != sorted(other)
        }

    return tell


def _as_numbers(before: Rows, after: Rows) -> Changes:
    """Products may be thousands."""
    numbers = {
        "products added": len(after.keys() - before.keys()),
        "products taken out": len(before.keys() - after.keys()),
    }
    return {label: (None, number) for label, number in numbers.items() if number}


SEGMENTS = List("segments", OfferAudience, ("segment_id",), _as_codes("audience {mode}", Segment), has_excluded=True)
CHANNELS = List("channels", Offer.channels.through, ("channel_id",), _as_codes("channels", Channel), has_mode=False)
PRODUCTS = List("products", OfferProduct, ("product_id", "role"), _as_numbers, has_excluded=True)
CATEGORIES = List(
    "categories", OfferCategory, ("category_id", "role"), _as_codes("categories {role} {mode}", Category)
)


@dataclass
class Written:
    """Counts of rows, and what changed by offer id, of offers that were there before."""

    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("created", "updated", "unchanged", "removed"), 0)
    )
    changes: dict[int, Changes] = field(default_factory=dict)


def replace(which: List, wanted: Mapping[int, Mapping[Key, str]], known: AbstractSet[int]) -> Written:
    """Make the list of each offer (by id) what `wanted` says: {key: mode}. Offers not in `known` are new."""
    stored = _stored(which, known)
    written = Written()
    add: list[tuple[Any, ...]] = []
    update: list[Any] = []
    remove: list[int] = []
    for offer, keys in wanted.items():
        have = stored.get(offer, {})
        excluded = {key for key, (_pk, mode) in have.items() if which.has_excluded and mode == Mode.EXCLUDE}
        new = [key for key in keys if key not in have]
        other = [key for key in keys if key in have and key not in excluded and have[key][1] != keys[key]]
        gone = [key for key in have if key not in keys and key not in excluded]
        add += [(offer, *key, *([keys[key]] if which.has_mode else [])) for key in new]
        update += [which.model(pk=have[key][0], mode=keys[key]) for key in other]
        remove += [have[key][0] for key in gone]
        written.counts["unchanged"] += len(keys) - len(new) - len(other)
        if offer in known and (new or other or gone):
            before = {key: mode for key, (_pk, mode) in have.items()}
            after = {key: mode for key, mode in before.items() if key not in gone} | {
                k: keys[k] for k in (*new, *other)
            }
            written.changes[offer] = which.tell(before, after)
    for start in range(0, len(remove), AT_ONCE):
        which.model._default_manager.filter(pk__in=remove[start : start + AT_ONCE]).delete()
    insert_rows(which.model, ["offer_id", *which.columns, *(["mode"] if which.has_mode else [])], add)
    if update:
        which.model._default_manager.bulk_update(update, ["mode"], batch_size=500)
    written.counts |= {"created": len(add), "updated": len(update), "removed": len(remove)}
    return written


def _stored(which: List, offers: Collection[int]) -> dict[int, dict[Key, tuple[int, str]]]:
    """offer id -> key -> (primary key, mode)"""
    stored: dict[int, dict[Key, tuple[int, str]]] = defaultdict(dict)
    columns = ["pk", "offer_id", *which.columns, *(["mode"] if which.has_mode else [])]
    for pk, offer, *key in which.model._default_manager.filter(offer__in=offers).values_list(*columns):
        mode = key.pop() if which.has_mode else Mode.INCLUDE
        stored[offer][tuple(key)] = pk, mode
    return stored


def grouped(rows: Iterable[tuple[Any, ...]], offers: Iterable[int]) -> dict[int, dict[Key, str]]:
    """Rows (offer id, mode, *key) by offer; offers without rows get an empty list."""
    wanted: dict[int, dict[Key, str]] = {offer: {} for offer in offers}
    for offer, mode, *key in rows:
        wanted[offer][tuple(key)] = mode
    return wanted
