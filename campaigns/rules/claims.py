"""What each kind of claim speaks of: without it no plan could ever be held against the sentence."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

# Which columns each kind needs (of several in brackets at least one) and which it may have; every other one stays empty.
CLAIMS: dict[str, tuple[list[tuple[str, ...]], list[str]]] = {
    "lowest_price": ([("product",)], ["channel", "until", "amount"]),
    "exclusive_to": ([("channel", "segment")], ["product"]),
    "ends": ([("until",)], ["product", "channel"]),
    "never_discounted": ([("brand",)], []),
    "only_here": ([("channel",)], ["product"]),
    "new_customers_only": ([("segment",)], ["product", "channel"]),
    "free_shipping_always": ([], ["amount"]),
    "limited_quantity": ([("product",), ("quantity",)], []),
}
CLAIM_COLUMNS = ["product", "brand", "channel", "segment", "until", "amount", "quantity"]


def columns_of(kind: str) -> set[str]:
    """Columns that a claim of this kind needs or may have."""
    needs, may = CLAIMS.get(kind, ([], []))
    return {column for several in needs for column in several} | set(may)


def superfluous_columns(kind: str, values: Mapping[str, Any]) -> list[str]:
    """Columns that `values` fill although the kind has no use for them."""
    used = columns_of(kind)
    return [column for column in CLAIM_COLUMNS if column not in used and _is_given(values.get(column))]


def wrong_claim(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What to say about each column that does not fit the kind; empty = they fit, or nobody knows the kind."""
    if kind not in CLAIMS:
        return {}
    needs, _may = CLAIMS[kind]
    wrong: dict[str, Any] = {}
    for several in needs:
        if not any(_is_given(values.get(column)) for column in several):
            alone = len(several) == 1
            wrong[several[0]] = (
                _("Give it: this kind of claim needs it.") if alone else _("Give a channel or a segment.")
            )
    no_use = _("Leave it empty: this kind of claim has no use for it.")
    return wrong | dict.fromkeys(superfluous_columns(kind, values), no_use)


def _is_given(value: Any) -> bool:
    return value is not None and value != ""
