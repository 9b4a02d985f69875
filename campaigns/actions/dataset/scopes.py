"""Writing the lists of offers: segments, channels, products, categories.

A list that the folder has is replaced for every offer that the folder names. The format cannot say that an offer
leaves a segment or a product out, so what people or a ruling excluded stays excluded.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
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


@dataclass(frozen=True)
class List:
    """One kind of list. `has_excluded`: rows of mode exclude come from elsewhere than the folder and stay."""

    name: str
    model: type[Model]
    columns: tuple[str, ...]
    has_mode: bool = True
    has_excluded: bool = False
    named_by: type[Model] | None = None


SEGMENTS = List("segments", OfferAudience, ("segment_id",), has_excluded=True, named_by=Segment)
CHANNELS = List("channels", Offer.channels.through, ("channel_id",), has_mode=False, named_by=Channel)
PRODUCTS = List("products", OfferProduct, ("product_id", "role"), has_excluded=True)
CATEGORIES = List("categories", OfferCategory, ("category_id", "role"), named_by=Category)


@dataclass
class Written:
    """Counts of rows, and of each offer whose list changed: (before, after) as codes, of products as numbers."""

    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("created", "updated", "unchanged", "removed"), 0)
    )
    changes: dict[int, tuple[Any, Any]] = field(default_factory=dict)


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
            written.changes[offer] = _told(which, before), _told(which, after)
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


def _told(which: List, rows: Mapping[Key, str]) -> Any:
    """A list as the history tells it; excluded ones carry a minus."""
    if which.named_by is None:
        return len(rows)
    codes = dict(which.named_by._default_manager.filter(pk__in={key[0] for key in rows}).values_list("pk", "code"))
    return sorted(("-" if mode == Mode.EXCLUDE else "") + str(codes[key[0]]) for key, mode in rows.items())


def grouped(rows: Iterable[tuple[Any, ...]], offers: Iterable[int]) -> dict[int, dict[Key, str]]:
    """Rows (offer id, mode, *key) by offer; offers without rows get an empty list."""
    wanted: dict[int, dict[Key, str]] = {offer: {} for offer in offers}
    for offer, mode, *key in rows:
        wanted[offer][tuple(key)] = mode
    return wanted
