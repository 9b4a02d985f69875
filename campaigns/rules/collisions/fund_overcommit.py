"""Offers plan to take more out of a fund than is left in it.

All offers that draw on the fund are members: whoever comes first takes from everybody else, so that neither days nor
customers matter. What is planned is an estimate until it is spent.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions.facts import Fund, Offer, Plan
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.members import by_department, exact, planned_together, spelled
from campaigns.rules.collisions.words import cents, money, named
from campaigns.rules.severity import ESTIMATED, weigh

CODE = "fund_overcommit"
NAME = gettext_lazy("Fund overdrawn")
SUMMARY = gettext_lazy("Offers plan to spend more of a fund than is left in it.")
BASE = 40
OPTIONS: Sequence[Option] = ()
LEVERS = ("reduce_draw", "add_funding", "withdraw")

_Drawn = tuple[Offer, Fraction]


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    for fund, drawn in sorted(_drawn(plan).items()):
        available = Fraction(plan.funds[fund].available)
        needed = sum((amount for _, amount in drawn), Fraction(0))
        if len(drawn) > 1 and needed > available and not planned_together(offer for offer, _ in drawn):
            yield _finding(plan.funds[fund], drawn, needed, options)


def _drawn(plan: Plan) -> dict[int, list[_Drawn]]:
    """Who takes how much out of each fund, in the order of the offers' codes."""
    drawn: dict[int, list[_Drawn]] = {}
    for offer in sorted(plan.offers.values(), key=lambda one: one.code):
        for fund in {draw.fund for draw in offer.draws}:
            amount = sum((Fraction(draw.amount) for draw in offer.draws if draw.fund == fund), Fraction(0))
            if amount > 0:
                drawn.setdefault(fund, []).append((offer, amount))
    return drawn


def _finding(fund: Fund, drawn: Sequence[_Drawn], needed: Fraction, options: Options) -> Finding:
    available = Fraction(fund.available)
    excess = (needed - available) / available if available > 0 else Fraction(1)
    offers = [offer for offer, _ in drawn]
    return Finding(
        CODE,
        tuple(sorted(one.id for one in offers)),
        min(one.starts_on for one in offers),
        max(one.ends_before for one in offers),
        weigh(base=int(options["base"]), impact=excess, parts=(), certainty=ESTIMATED),
        key=str(fund.id),
        numbers={
            "fund": fund.name,
            "available": cents(fund.available),
            "needed": cents(exact(needed)),
            "missing": cents(exact(needed - available)),
            "offers": [named(offer) | {"amount": cents(exact(amount))} for offer, amount in drawn],
            "departments": by_department(drawn),
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    return _(
        "%(fund)s has %(available)s left; the planned offers need %(needed)s, which is %(missing)s too much: "
        "%(departments)s."
    ) % {
        "fund": numbers["fund"],
        "available": money(numbers["available"]),
        "needed": money(numbers["needed"]),
        "missing": money(numbers["missing"]),
        "departments": spelled(numbers["departments"], 2),
    }
