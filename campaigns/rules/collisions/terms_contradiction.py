"""Two offers promise the same on nearly the same products, and their small print differs: who, until when, how.

Terms that both offers state are compared, on whatever channels they run. How long an offer runs, what must be spent and
whether a code is asked for are always stated: no least amount and no code are terms, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions.evidence import on_what, shared
from campaigns.rules.collisions.facts import Meeting, Offer, Plan
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps, may_meet, unsaid
from campaigns.rules.collisions.promised import figures, promised
from campaigns.rules.collisions.words import cents, day, last_day, money
from campaigns.rules.promises import is_stated, jaccard, same_promise
from campaigns.rules.severity import weigh

CODE = "terms_contradiction"
NAME = gettext_lazy("Contradictory terms")
SUMMARY = gettext_lazy("Two offers promise the same on the same products, under different terms.")
BASE = 35
OPTIONS = (
    Option(
        "jaccard",
        gettext_lazy("Shared part of all products of both, from which offers are alike"),
        Decimal("0.8"),
        Decimal("0.5"),
        Decimal(1),
    ),
)
LEVERS = ("align_terms", "shift_dates", "withdraw")
# How much each term counts, in the order in which they are told.
WEIGHTS = {
    "eligibility": 3,
    "min_spend": 2,
    "last_day": 2,
    "returns": 2,
    "place": 2,
    "stackable": 2,
    "code_required": 1,
    "per_customer": 1,
}
_NAMES = {
    "eligibility": gettext_lazy("who may take part"),
    "min_spend": gettext_lazy("least amount to spend"),
    "last_day": gettext_lazy("last day"),
    "returns": gettext_lazy("returns"),
    "place": gettext_lazy("where it can be used"),
    "stackable": gettext_lazy("combines with other offers"),
    "code_required": gettext_lazy("code needed"),
    "per_customer": gettext_lazy("limit per customer"),
}


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    for meeting in plan.meetings:
        if not _may_promise_the_same(meeting, options):
            continue
        both = (meeting.a, meeting.b)
        here, there = stated_terms(meeting.a), stated_terms(meeting.b)
        comparable = [key for key in WEIGHTS if key in here and key in there]
        conflicting = [key for key in comparable if _plain(here[key]) != _plain(there[key])]
        if not conflicting:
            continue
        unstated = [(one.id, "terms") for one in both if not is_stated(one.terms)]
        if gaps.add(unsaid(meeting) + unstated) or not same_promise(meeting.a.terms, meeting.b.terms):
            continue
        impact = Fraction(sum(WEIGHTS[key] for key in conflicting), sum(WEIGHTS[key] for key in comparable))
        differences = [{"term": key, "a": here[key], "b": there[key]} for key in conflicting]
        yield _finding(plan, meeting, impact, differences, options)
    yield from gaps


def stated_terms(offer: Offer) -> dict[str, str]:
    """The terms that the offer states, by the keys of WEIGHTS; "" = there is none of it."""
    stated = {key: text for key, text in offer.conditions.items() if key in WEIGHTS and text.strip()}
    if offer.redemption_code or "code_required" not in stated:
        stated["code_required"] = "yes" if offer.redemption_code else "no"
    stated["min_spend"] = "" if offer.terms.min_spend is None else cents(offer.terms.min_spend)
    stated["last_day"] = last_day(offer.ends_before)
    if offer.stackable is not None:
        stated["stackable"] = "yes" if offer.stackable else "no"
    return stated


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _may_promise_the_same(meeting: Meeting, options: Options) -> bool:
    a, b = meeting.a, meeting.b
    mechanics = {a.terms.mechanic, b.terms.mechanic}
    if "message" in mechanics or len(mechanics - {""}) > 1 or not may_meet(meeting, channels=False):
        return False
    return not (a.knows_products and b.knows_products) or jaccard(meeting) >= Fraction(options["jaccard"])


def _finding(
    plan: Plan, meeting: Meeting, impact: Fraction, differences: Sequence[Mapping[str, str]], options: Options
) -> Finding:
    return Finding(
        CODE,
        tuple(sorted(meeting.offers)),
        meeting.starts_on,
        meeting.ends_before,
        weigh(
            base=int(options["base"]),
            impact=impact,
            parts=(Fraction(*meeting.time), Fraction(*meeting.product_part), Fraction(*meeting.audience_part)),
        ),
        products=len(meeting.products),
        customers=meeting.customers,
        numbers=shared(plan, meeting)
        | {"promise": figures(plan, meeting.a.terms), "differences": [dict(one) for one in differences]},
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    words = on_what(numbers) | {
        "promise": promised(numbers["promise"]),
        "differences": "; ".join(_told(one) for one in numbers["differences"]),
    }
    return (
        _(
            "%(a)s and %(b)s promise the same (%(promise)s) on %(products)s to %(customers)s, under different terms:"
            " %(differences)s."
        )
        % words
    )


def _told(difference: Mapping[str, str]) -> str:
    term = difference["term"]
    return _("%(term)s: %(here)s or %(there)s") % {
        "term": _NAMES[term],
        "here": _value(term, difference["a"]),
        "there": _value(term, difference["b"]),
    }


def _value(term: str, text: str) -> str:
    if term == "last_day":
        return day(text)
    if not text:
        return _("not asked for")
    if term == "min_spend":
        return money(text)
    return {"yes": _("yes"), "no": _("no")}.get(text, text)
