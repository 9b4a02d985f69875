"""Products found by what other systems call them."""

from collections.abc import Collection

from campaigns.models import Product

# SQLite takes this many values in one statement.
AT_ONCE = 10_000


def products_by_code(codes: Collection[str]) -> dict[str, Product]:
    """The products that exist, by code."""
    ordered = list(codes)
    found: dict[str, Product] = {}
    for start in range(0, len(ordered), AT_ONCE):
        found |= {
            product.code: product for product in Product.objects.filter(code__in=ordered[start : start + AT_ONCE])
        }
    return found
