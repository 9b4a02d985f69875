"""How a self-check is said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from campaigns.rules.collisions.evidence import MOST_EXAMPLES, with_examples
from campaigns.rules.collisions.facts import Product

# Cannot be meant; must be meant by somebody who says so; worth a second look.
ERROR, CONFIRM, WARN = "error", "confirm", "warn"
PRODUCTS = ("categories", "add_products", "drop_products")
AUDIENCE = ("include", "exclude")


@dataclass(frozen=True)
class SelfCheck:
    """`fields` are the columns of the form that it is about; `text` says it in the language of the reader.

    `discreet` says it to who may not read what products cost the company, where `text` tells it. `quote`: the words
    in question as they stand there, `advice`: what to write instead; "" where it is not about words.
    """

    code: str
    severity: str
    fields: tuple[str, ...]
    text: str
    discreet: str = ""
    quote: str = ""
    advice: str = ""

    def told_to(self, *, is_owner: bool) -> "SelfCheck":
        return self if is_owner or not self.discreet else replace(self, text=self.discreet, discreet="")


def called(product: Product) -> str:
    return product.name or product.code


def some(products: Sequence[Product]) -> str:
    """3 products (Tea, Milk, Bread)"""
    return with_examples(len(products), [called(one) for one in products[:MOST_EXAMPLES]])
