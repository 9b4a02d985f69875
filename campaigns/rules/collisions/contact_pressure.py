"""More offers reach the same customers within some days than one customer should get.

Every offer contacts its whole audience on its first day, as many times as it says. The customers beyond the limit are
counted exactly in every window of days. A window whose offers are all in another one tells nothing more, and an offer
that reaches nobody beyond the limit is no member. How large a part is affected is told of the audience that is hit
hardest: among all customers of the window, a contact of everybody would hide those who get five.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.rules.collisions.facts import Numbers, Offer, Plan, in_common
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps
from campaigns.rules.collisions.members import by_department, planned_together, spelled
from campaigns.rules.collisions.tally import Tally
from campaigns.rules.collisions.words import customers, day, named, per_cent, percent, who
from campaigns.rules.severity import ESTIMATED, EXACT, weigh

CODE = "contact_pressure"
NAME = gettext_lazy("Contact pressure")
SUMMARY = gettext_lazy("The same customers get more offers within some days than the limit allows.")
BASE = 30
OPTIONS = (
    Option("cap", gettext_lazy("Most offers for one customer"), Decimal(3), Decimal(1), Decimal(100)),
    Option("window", gettext_lazy("Within this time"), Decimal(7), Decimal(1), Decimal(366), gettext_lazy("days")),
    Option(
        "min_share",
        gettext_lazy("Part of an audience that may get more"),
        Decimal(5),
        Decimal(0),
        Decimal(100),
        "%",
    ),
    Option(
        "contacts",
        gettext_lazy("Contacts of an offer that does not say how many"),
        Decimal(1),
        Decimal(0),
        Decimal(100),
    ),
)
LEVERS = ("exclude_customers", "shift_dates", "withdraw")


@dataclass(frozen=True)
class _Reach:
    """Of the customers of `offer`, `over` get more than the limit; it contacts each of its customers `times` times."""

    offer: Offer
    times: int
    over: int

    @property
    def share(self) -> Fraction:
        return Fraction(self.over, len(self.offer.customers))


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    senders = sorted(
        (one for one in plan.offers.values() if _times(one, options) and (one.customers or not one.knows_audience)),
        key=lambda one: (one.starts_on, one.code),
    )
    gaps = Gaps(CODE)
    pressed: list[Finding] = []
    for window, tally in _windows(senders, options):
        gaps.add((one.id, "audience") for one in _unknown(window, tally, options))
        finding = _judge(window, tally, options)
        if finding is not None:
            pressed.append(finding)
    yield from _widest(pressed)
    yield from gaps


def _times(offer: Offer, options: Options) -> int:
    return int(options["contacts"]) if offer.contacts is None else offer.contacts


def _windows(senders: Sequence[Offer], options: Options) -> Iterator[tuple[Sequence[Offer], Tally]]:
    """The offers that begin within each window of days, as far as no other window has them all, and their tally.

    The tally is the same object every time, rolled on from window to window.
    """
    tally, first, end = Tally(), 0, 0
    span = timedelta(days=int(options["window"]))
    while first < len(senders):
        reached = end
        while end < len(senders) and senders[end].starts_on < senders[first].starts_on + span:
            if senders[end].knows_audience:
                tally.add(senders[end].customers, _times(senders[end], options))
            end += 1
        if end > reached:
            yield senders[first:end], tally
        if end == len(senders):
            return
        day_of_first = senders[first].starts_on
        while first < end and senders[first].starts_on == day_of_first:
            if senders[first].knows_audience:
                tally.take(senders[first].customers, _times(senders[first], options))
            first += 1


def _unknown(window: Sequence[Offer], tally: Tally, options: Options) -> Sequence[Offer]:
    """The offers whose audience is not known, if somebody could get too much through them."""
    unknown = [one for one in window if not one.knows_audience]
    if not unknown or len(window) < 2:
        return ()
    most = tally.ranked(tally.everybody(), 0) + sum(_times(one, options) for one in unknown)
    return unknown if most > options["cap"] else ()


def _judge(window: Sequence[Offer], tally: Tally, options: Options) -> Finding | None:
    cap = int(options["cap"])
    over = tally.above(cap)
    if not over:
        return None
    known = [one for one in window if one.knows_audience]
    reaches = [_Reach(one, _times(one, options), in_common(one.customers, over)) for one in known]
    members = [one for one in reaches if one.over]
    if len(members) < 2 or planned_together(one.offer for one in members):
        return None
    hardest = min(members, key=lambda one: (-one.share, -len(one.offer.customers), one.offer.code))
    if hardest.share * 100 <= Fraction(options["min_share"]):
        return None
    return _finding(members, hardest, tally, over, options)


def _finding(members: Sequence[_Reach], hardest: _Reach, tally: Tally, over: Numbers, options: Options) -> Finding:
    cap = int(options["cap"])
    audience = hardest.offer.customers
    # The count that 95 of 100 customers do not exceed (nearest rank).
    usual = tally.ranked(audience, len(audience) * 5 // 100)
    assumed = [one.offer.code for one in members if one.offer.contacts is None]
    days = sorted(one.offer.starts_on for one in members)
    return Finding(
        CODE,
        tuple(sorted(one.offer.id for one in members)),
        days[0],
        days[-1] + timedelta(days=1),
        weigh(
            base=int(options["base"]),
            impact=Fraction(usual - cap, cap),
            parts=(hardest.share,),
            certainty=ESTIMATED if assumed else EXACT,
        ),
        customers=len(over),
        numbers={
            "offer": named(hardest.offer),
            "audience": len(audience),
            "over": hardest.over,
            "share": per_cent(hardest.share),
            "cap": cap,
            "window": int(options["window"]),
            "most": tally.ranked(audience, 0),
            "percentile_95": usual,
            "offers": len(members),
            "assumed_contacts": assumed,
            "departments": by_department((one.offer, one.times * one.over) for one in members),
            "first_day": days[0].isoformat(),
            "last_day": days[-1].isoformat(),
        },
        levers=LEVERS,
    )


def _widest(pressed: Sequence[Finding]) -> Iterator[Finding]:
    """Each finding but those whose offers are all in another one."""
    members = [frozenset(one.offers) for one in pressed]
    for place, one in enumerate(pressed):
        mine = members[place]
        if not any(mine < other or (mine == other and earlier < place) for earlier, other in enumerate(members)):
            yield one


def tell(numbers: Mapping[str, Any]) -> str:
    cap = ngettext("%(n)s offer", "%(n)s offers", numbers["cap"]) % {"n": number_format(numbers["cap"])}
    window = ngettext("%(n)s day", "%(n)s days", numbers["window"]) % {"n": number_format(numbers["window"])}
    return _(
        "%(customers)s, %(share)s of the audience of %(offer)s, would get more than %(cap)s within %(window)s "
        "(from %(first)s to %(last)s), some of them %(most)s. Their contacts come from %(departments)s."
    ) % {
        "customers": customers(numbers["over"]),
        "share": percent(numbers["share"]),
        "offer": who(numbers["offer"]),
        "cap": cap,
        "window": window,
        "first": day(numbers["first_day"]),
        "last": day(numbers["last_day"]),
        "most": number_format(numbers["most"]),
        "departments": spelled(numbers["departments"], 0),
    }
