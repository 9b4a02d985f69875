"""The owners of two offers want different things: one lets the other join, and is not let in itself; or both stand alone.

A decision about the two ends the contradiction. Offers on whole orders meet whatever their products are.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions.evidence import on_what, shared
from campaigns.rules.collisions.facts import Meeting, Offer, Plan
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps, may_meet, unsaid
from campaigns.rules.combinability import ORDER, SHIPPING, accepts, decision, discount_class, excludes, says
from campaigns.rules.severity import weigh

CODE = "exclusivity_contradiction"
NAME = gettext_lazy("Contradiction about combining")
SUMMARY = gettext_lazy("One offer combines with the other, and the other rules that out; or both want to stand alone.")
BASE = 40
OPTIONS: tuple[Option, ...] = ()
LEVERS = ("declare_combinable", "declare_exclusive", "shift_dates")


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    for meeting in plan.meetings:
        a, b = meeting.a, meeting.b
        if "message" in {a.terms.mechanic, b.terms.mechanic} or decision(plan, a, b):
            continue
        products = not (_on_orders(a) and _on_orders(b))
        contradicts = accepts(plan, a, b) != accepts(plan, b, a) or (excludes(a, b) and excludes(b, a))
        unclear = [] if contradicts else _unstated(a, b)
        if not (contradicts or unclear) or not may_meet(meeting, products=products):
            continue
        if not gaps.add(unsaid(meeting, products=products) + unclear):
            yield _finding(plan, meeting, options, products=products)
    yield from gaps


def _on_orders(offer: Offer) -> bool:
    return discount_class(offer.terms) in {ORDER, SHIPPING}


def _unstated(a: Offer, b: Offer) -> list[tuple[int, str]]:
    """Whose kind of discount must be known to say if one is the only one of it."""
    if not (a.only_one_of_its_kind or b.only_one_of_its_kind):
        return []
    return [(one.id, "terms") for one in (a, b) if not one.terms.mechanic]


def _finding(plan: Plan, meeting: Meeting, options: Options, *, products: bool) -> Finding:
    a, b = meeting.a, meeting.b
    alone = [one for one, other in ((a, b), (b, a)) if excludes(one, other)]
    parts = [Fraction(*meeting.time), Fraction(*meeting.audience_part)]
    if products:
        parts.append(Fraction(*meeting.product_part))
    return Finding(
        CODE,
        tuple(sorted(meeting.offers)),
        meeting.starts_on,
        meeting.ends_before,
        weigh(
            base=int(options["base"]),
            impact=Fraction(1) if any(one.stackable is False for one in alone) else Fraction(1, 2),
            parts=parts,
        ),
        products=len(meeting.products),
        customers=meeting.customers,
        numbers=shared(plan, meeting) | {"a_says": _stance(a, b), "b_says": _stance(b, a)},
        levers=LEVERS,
    )


def _stance(one: Offer, other: Offer) -> str:
    if excludes(one, other):
        return "alone" if one.stackable is False else "alone_in_class"
    return {True: "combines", False: "not_listed", None: "nothing"}[says(one, other)]


def tell(numbers: Mapping[str, Any]) -> str:
    words = on_what(numbers)
    return " ".join(
        (
            _said(numbers["a_says"], words["a"], words["b"]),
            _said(numbers["b_says"], words["b"], words["a"]),
            _("They meet from %(first)s to %(last)s, and the result depends on which the till reads first.") % words,
        )
    )


def _said(stance: str, offer: str, other: str) -> str:
    match stance:
        case "alone":
            text = _("%(offer)s combines with no other offer.")
        case "alone_in_class":
            text = _("%(offer)s combines with no other discount of its kind.")
        case "not_listed":
            text = _("%(offer)s combines with certain classes of offers only, and %(other)s is in none of them.")
        case "combines":
            text = _("%(offer)s combines with %(other)s.")
        case _:
            text = _("%(offer)s says nothing about combining.")
    return text % {"offer": offer, "other": other}
