"""An offer takes in products that are kept for another department, or sells them below an agreed price.

A protection is no offer: the collision is between the offer and each offer that the department has planned there while
its protection lasts. Where there is none, or nobody owns the protection, it concerns the one offer alone (`alone`). A lowest
price binds its own department too; everything else it may promote itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.announced import announced, names_a_price, terms_beside
from campaigns.rules.collisions.evidence import MOST_EXAMPLES, alike, examples, with_examples
from campaigns.rules.collisions.facts import Numbers, Offer, Plan, Protected
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps
from campaigns.rules.collisions.words import cents, day, last_day, money, named, who
from campaigns.rules.severity import weigh

CODE = "protected_scope"
NAME = gettext_lazy("Protected products")
SUMMARY = gettext_lazy("An offer takes in products that are kept for another department or have a lowest price.")
BASE = 60
OPTIONS: tuple[Option, ...] = ()
LEVERS = ("exclude_products", "shift_dates", "withdraw")
MINIMUM_PRICE = "minimum_price"


@dataclass(frozen=True)
class Touch:
    """An offer on `count` protected products, `names` are some of them; `price` is the lowest, if that is the matter."""

    offer: Offer
    protected: Protected
    count: int
    names: Sequence[str]
    price: Decimal | None = None

    @property
    def starts_on(self) -> date:
        return max(self.offer.starts_on, self.protected.starts_on)

    @property
    def ends_before(self) -> date:
        return min(self.offer.ends_before, self.protected.ends_before)


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    owners = {one.id: _owners_offers(plan, one) for one in plan.protected}
    for offer in sorted(plan.offers.values(), key=lambda one: one.code):
        for protected in sorted(plan.protected, key=lambda one: one.id):
            others = [one for one in owners[protected.id] if one.id != offer.id and not _are_joint(one, offer)]
            if not others or not _binds(protected, offer):
                continue
            if not offer.knows_products:
                gaps.add([(offer.id, "products")])
            elif touch := _touch(plan, offer, protected, gaps):
                yield from (_finding(touch, other, options) for other in others)
    yield from gaps


def alone(plan: Plan, offer: Offer) -> Iterator[Touch]:
    """The protections that an offer touches without meeting an offer of their department."""
    for protected in sorted(plan.protected, key=lambda one: one.id):
        others = [one for one in _owners_offers(plan, protected) if one.id != offer.id]
        if not others and _binds(protected, offer) and (touch := _touch(plan, offer, protected, Gaps(CODE))):
            yield touch


def parties(finding: Finding) -> tuple[int, int]:
    """The offer that intrudes and the protection, by id."""
    offer, protected = finding.key.split(":")
    return int(offer), int(protected)


def _binds(protected: Protected, offer: Offer) -> bool:
    if offer.department == protected.department and protected.kind != MINIMUM_PRICE:
        return False
    return offer.starts_on < protected.ends_before and protected.starts_on < offer.ends_before


def _owners_offers(plan: Plan, protected: Protected) -> list[Offer]:
    """What the department that owns the protection has planned on its products while it lasts, by code."""
    if protected.department is None:
        return []
    mine = (one for one in plan.offers.values() if one.department == protected.department and one.products)
    planned = [
        one
        for one in mine
        if one.starts_on < protected.ends_before and protected.starts_on < one.ends_before
        if one.products & protected.products
    ]
    return sorted(planned, key=lambda one: one.code)


def _are_joint(one: Offer, other: Offer) -> bool:
    return bool(one.joint_group) and one.joint_group == other.joint_group


def _touch(plan: Plan, offer: Offer, protected: Protected, gaps: Gaps) -> Touch | None:
    shared = offer.products & protected.products if offer.products else None
    if not shared:
        return None
    if protected.kind == MINIMUM_PRICE:
        return _too_cheap(plan, offer, protected, shared, gaps)
    return Touch(offer, protected, len(shared), examples(plan, shared))


def _too_cheap(plan: Plan, offer: Offer, protected: Protected, shared: Numbers, gaps: Gaps) -> Touch | None:
    terms = terms_beside(offer, offer)
    if any(not one.mechanic for one in terms):
        gaps.add([(offer.id, "terms")])
    if protected.min_price is None or not any(names_a_price(one) for one in terms):
        return None
    groups, unpriced = alike(plan, shared)
    if unpriced:
        gaps.add([(offer.id, "price")])
    low, lists = [], announced(plan, offer, offer)
    for group in groups:
        prices = [one.of(group.product) for one in lists]
        if None in prices:
            gaps.add([(offer.id, "terms")])
        price = min((one for one in prices if one is not None), default=protected.min_price)
        if price < protected.min_price:
            low.append((price, group))
    if not low:
        return None
    low.sort(key=lambda pair: (pair[0], pair[1].product.id))
    names = [group.product.name or group.product.code for _price, group in low[:MOST_EXAMPLES]]
    return Touch(offer, protected, sum(group.count for _price, group in low), names, low[0][0])


def _finding(touch: Touch, other: Offer, options: Options) -> Finding:
    offer, protected = touch.offer, touch.protected
    return Finding(
        CODE,
        (min(offer.id, other.id), max(offer.id, other.id)),
        touch.starts_on,
        touch.ends_before,
        weigh(
            base=int(options["base"]),
            impact=Fraction(1) if protected.is_hard else Fraction(1, 2),
            parts=(Fraction(touch.count, len(offer.products)),),
        ),
        key=f"{offer.id}:{protected.id}",
        products=touch.count,
        numbers=numbers_of(touch) | {"other": named(other)},
        levers=(("cap_discount",) if protected.kind == MINIMUM_PRICE else ()) + LEVERS,
    )


def numbers_of(touch: Touch) -> dict[str, Any]:
    """What `tell` needs; without "other" it tells of the one offer."""
    protected = touch.protected
    lowest = protected.min_price if touch.price is not None else None
    return {
        "offer": named(touch.offer),
        "name": protected.name,
        "department": protected.department_name,
        "products": touch.count,
        "examples": list(touch.names),
        "last_day": last_day(protected.ends_before),
        "price": None if touch.price is None else cents(touch.price),
        "lowest": None if lowest is None else cents(lowest),
        "is_hard": protected.is_hard,
        "reason": protected.reason,
    }


def tell(numbers: Mapping[str, Any]) -> str:
    sentences = [_what(numbers)]
    if "other" in numbers:
        sentences.append(_("%(offer)s is planned there.") % {"offer": who(numbers["other"])})
    if not numbers["is_hard"]:
        sentences.append(_("It is a wish, not a must."))
    if numbers["reason"]:
        sentences.append(_("Reason: %(reason)s") % {"reason": numbers["reason"]})
    return " ".join(sentences)


def _what(numbers: Mapping[str, Any]) -> str:
    words = {
        "offer": who(numbers["offer"]),
        "name": numbers["name"],
        "department": numbers["department"],
        "products": with_examples(numbers["products"], numbers["examples"]),
        "last": day(numbers["last_day"]),
    }
    if numbers["price"] is not None:
        prices = {"price": money(numbers["price"]), "lowest": money(numbers["lowest"])}
        what = _(
            "%(offer)s sells %(products)s of “%(name)s” from %(price)s on; until %(last)s nothing there may cost less"
            " than %(lowest)s."
        )
        return what % {**words, **prices}
    if numbers["department"]:
        what = _(
            "%(offer)s includes %(products)s of “%(name)s”, which only %(department)s may promote until %(last)s."
        )
    else:
        what = _("%(offer)s includes %(products)s of “%(name)s”, which nobody may promote until %(last)s.")
    return what % words
