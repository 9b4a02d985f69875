"""How the house wants offers to speak and discount: brand rules of departments, and words to avoid."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import get_language
from pyroaring import BitMap

from campaigns.models import BrandRules, Campaign, Offer, OfferClaim, Product, WordToAvoid
from campaigns.models.strategy import lines_of
from campaigns.rules.phrases import Phrases
from campaigns.rules.self_checks.brand import Brand
from campaigns.rules.self_checks.plain_words import NEVER, Text, Watched, check
from campaigns.rules.self_checks.verdicts import SelfCheck

# Columns with sentences that customers read, beside the claims.
OFFER_TEXTS = ("name", "message", "why_suggested", "eligibility", "returns", "redemption_place")
CAMPAIGN_TEXTS = ("name", "what")


@dataclass(frozen=True)
class HouseStyle:
    """`brands` are those of every department that has rules, `never` the words that each (id) never uses."""

    brands: tuple[Brand, ...]
    words: Phrases[Watched]
    never: Mapping[int, Phrases[Watched]] = field(default_factory=dict)

    def words_in_offer(self, offer: Offer, claims: list[OfferClaim]) -> list[SelfCheck]:
        texts = [
            *_texts(offer, OFFER_TEXTS),
            *(Text("claims", _label(OfferClaim, "text"), one.text) for one in claims),
        ]
        return list(check(texts, *self._lists(offer.department_id)))

    def words_in_campaign(self, campaign: Campaign) -> list[SelfCheck]:
        return list(check(_texts(campaign, CAMPAIGN_TEXTS), *self._lists(campaign.department_id)))

    def _lists(self, department: int) -> list[Phrases[Watched]]:
        own = self.never.get(department)
        return [self.words] if own is None else [own, self.words]


def house_style() -> HouseStyle:
    """Three queries at most. Where two languages list the same phrase, the advice is that of the reader's language."""
    rows = list(BrandRules.objects.select_related("department").order_by("department__name", "pk"))
    language = (get_language() or "").split("-")[0]
    listed = WordToAvoid.objects.order_by("pk").values_list("language", "phrase", "kind", "advice")
    words = sorted(listed, key=lambda row: row[0] != language)
    return HouseStyle(
        brands=tuple(_brands(rows)),
        words=Phrases((phrase, Watched(kind, advice)) for _language, phrase, kind, advice in words),
        never={
            row.department_id: Phrases(
                (line, Watched(NEVER, department=row.department.name)) for line in lines_of(row.never_words)
            )
            for row in rows
            if row.never_words
        },
    )


def _brands(rows: list[BrandRules]) -> Iterator[Brand]:
    named = {row.pk: lines_of(row.protected_brands) for row in rows}
    products = _products_of({name for names in named.values() for name in names})
    for row in rows:
        protected = {name: products[name] for name in named[row.pk]}
        yield Brand(row.department_id, row.department.name, row.deepest_discount, protected)


def _products_of(brands: set[str]) -> dict[str, BitMap]:
    """Brand -> ids of its products; brands are the same in upper and lower case."""
    found = {name: BitMap() for name in brands}
    if not brands:
        return found
    spelled: dict[str, list[str]] = {}
    for name in brands:
        spelled.setdefault(name.casefold(), []).append(name)
    rows = Product.objects.filter(reduce(or_, (Q(brand__iexact=name) for name in brands))).order_by()
    for product, brand in rows.values_list("pk", "brand").iterator(20_000):
        for name in spelled.get(brand.casefold(), ()):
            found[name].add(product)
    return found


def _texts(row: Any, columns: tuple[str, ...]) -> list[Text]:
    return [Text(name, _label(type(row), name), text) for name in columns if (text := getattr(row, name))]


def _label(model: Any, name: str) -> str:
    return str(capfirst(model._meta.get_field(name).verbose_name)).rstrip("?").lstrip("¿")
