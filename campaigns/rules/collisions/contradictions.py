"""What makes a claim untrue, kind by kind: each a test of one other offer over the facts of the plan.

A sentence is untrue whichever channel says otherwise, as the same customers read both: channels count only where the
claim names one. Most kinds are held against the days on which both run, the end of something against the days after.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any

from campaigns.rules.collisions.benefits import (
    Channels,
    Offered,
    Some,
    Unknown,
    as_good,
    channels_of,
    lowest_price,
    runs_on,
)
from campaigns.rules.collisions.claim_cases import Case, Contradiction
from campaigns.rules.collisions.evidence import examples
from campaigns.rules.collisions.facts import Offer, Plan, Product, in_common
from campaigns.rules.collisions.members import exact
from campaigns.rules.collisions.words import cents
from campaigns.rules.combinability import ITEM, ORDER, SHIPPING, discount_class
from campaigns.rules.severity import ESTIMATED, EXACT

_DAY = timedelta(days=1)
# These take something off whatever the list price is.
_ALWAYS_LESS = {"percent", "amount_off", "bxgy"}


def contradiction(case: Case) -> Contradiction | None:
    """How the other offer makes the claim untrue.

    Raises:
        Unknown: it cannot be told, and nothing that is known rules it out.
    """
    test = KINDS.get(case.claim.kind)
    return test(case) if test else None


def _lowest_price(case: Case) -> Contradiction | None:
    """The product costs less in the time for which its lowest price is claimed, on a channel for which it is."""
    mine, theirs, claim = case.mine, case.theirs, case.claim
    end = claim.until + _DAY if claim.until else mine.ends_before
    window = case.window(mine.starts_on, end)
    if window is None:
        return None
    case.needs("product")
    if not case.has(claim.product):
        return None
    product = case.product
    if product is None or product.price is None:
        raise Unknown([(theirs.id, "price")])
    lower = lowest_price(case.plan, product, Offered(theirs, _claimed(case, theirs)))
    if lower is None:
        return None
    claimed = claim.amount
    if claimed is None and claim.product in mine.products:
        claimed = lowest_price(case.plan, product, Offered(mine, _claimed(case, mine)))
    claimed = product.price if claimed is None else claimed
    if lower >= claimed:
        return None
    days = min(end - mine.starts_on, theirs.ends_before - theirs.starts_on).days
    numbers = {"product": product.name, "price": cents(lower), "claimed": cents(claimed)}
    time = Fraction((window[1] - window[0]).days, days)
    return case.told("lower_price", numbers, window, time=time, products=1)


def _claimed(case: Case, offer: Offer) -> Channels:
    """The channels of the offer for which the claim is made."""
    channel = case.claim.channel
    if channel is None:
        return channels_of(case.plan, offer)
    return [channel] if runs_on(offer, channel) else []


def _exclusive_to(case: Case) -> Contradiction | None:
    """The same or better is given on another channel, or to somebody outside the segment."""
    if case.claim.segment is None and case.meeting.days:
        case.needs("channel")
    found = _outside_segment(case) if case.claim.segment is not None else None
    return found or (_elsewhere(case) if case.claim.channel is not None else None)


def _new_customers_only(case: Case) -> Contradiction | None:
    """The same or better is given to others than the new customers, who are the segment."""
    if case.claim.segment is None and case.meeting.days:
        case.needs("segment")
    return _outside_segment(case)


def _outside_segment(case: Case) -> Contradiction | None:
    theirs, segment = case.theirs, case.claim.segment
    window = (case.meeting.starts_on, case.meeting.ends_before)
    if segment is None or not case.meeting.days:
        return None
    outside = len(theirs.customers) - in_common(theirs.customers, segment)
    if theirs.knows_audience and not outside:
        return None
    good = _as_good(case, channels_of(case.plan, theirs))
    if good is None:
        return None
    if not theirs.knows_audience:
        raise Unknown([(theirs.id, "audience")])
    return Contradiction(
        "outside_segment",
        {"customers": outside} | _told(good),
        *window,
        time=Fraction(*case.meeting.time),
        people=(outside, len(theirs.customers)),
        products=good.count,
    )


def _elsewhere(case: Case) -> Contradiction | None:
    """The same or better on a channel other than the claim's, before customers of both."""
    channel = case.claim.channel
    window = case.window(case.mine.starts_on, case.mine.ends_before)
    if window is None or channel is None:
        return None
    channels = channels_of(case.plan, case.theirs, outside=frozenset({channel}))
    good = _as_good(case, channels)
    if good is None:
        return None
    numbers = {"channels": _names(case.plan, channels)} | _told(good)
    return case.told("elsewhere", numbers, window, products=good.count)


def _ends(case: Case) -> Contradiction | None:
    """The same or better can still be had, or again, within some days after the last one."""
    last = case.claim.until or case.mine.ends_before - _DAY
    window = case.window(last + _DAY, last + _DAY + timedelta(days=case.days_after))
    if window is None:
        return None
    good = _as_good(case, channels_of(case.plan, case.theirs))
    if good is None:
        return None
    numbers = {"said_to_end": last.isoformat(), "again_on": window[0].isoformat()} | _told(good)
    # The days after an end have none in common with it that could be a part of anything.
    return case.told("goes_on", numbers, window, time=Fraction(1), products=good.count)


def _as_good(case: Case, channels: Channels) -> Some | None:
    """Where the other offer, on these channels, gives as much as the claimant where the claim is made."""
    mine = Offered(case.mine, _claimed(case, case.mine) or channels_of(case.plan, case.mine))
    products = case.products()
    return as_good(case.plan, Offered(case.theirs, channels), mine, products)


def _never_discounted(case: Case) -> Contradiction | None:
    """Something is taken off a product of the brand."""
    theirs = case.theirs
    window = case.window(case.mine.starts_on, case.mine.ends_before)
    if window is None:
        return None
    case.needs("brand")
    of_brand = [one for one in _of_brand(case.plan, case.claim.brand.casefold()) if case.has(one.id)]
    if not of_brand:
        return None
    offered = Offered(theirs, channels_of(case.plan, theirs))
    takes_off = [terms for terms in offered.terms() if discount_class(terms) in {ITEM, ORDER}]
    if not any(terms.mechanic in _ALWAYS_LESS for terms in takes_off):
        prices = [(one, lowest_price(case.plan, one, offered)) for one in of_brand if takes_off]
        of_brand = [one for one, price in prices if price is not None and one.price is not None and price < one.price]
    if not of_brand:
        return None
    some = Some(len(of_brand), [one.name for one in of_brand[:3]])
    return case.told("discounted", {"brand": case.claim.brand} | _told(some), window, products=some.count)


def _of_brand(plan: Plan, brand: str) -> list[Product]:
    """The products of a brand in the order of their codes, looked for once."""
    key = ("brand", brand)
    if key not in plan.kept:
        of_brand = [one for one in plan.products.values() if one.brand.casefold() == brand]
        plan.kept[key] = sorted(of_brand, key=lambda one: one.code)
    found: list[Product] = plan.kept[key]
    return found


def _only_here(case: Case) -> Contradiction | None:
    """It is on offer on a channel that is neither the claim's nor one of the claimant's own."""
    window = case.window(case.mine.starts_on, case.mine.ends_before)
    if window is None:
        return None
    case.needs("channel")
    here = case.mine.channels | {case.claim.channel or 0}
    channels = channels_of(case.plan, case.theirs, outside=here)
    if not channels:
        return None
    product = case.claim.product
    if product is None:
        good = _as_good(case, channels)
    else:
        good = Some(1, examples(case.plan, frozenset({product}))) if case.has(product) else None
    if good is None:
        return None
    numbers = {"channels": _names(case.plan, channels)} | _told(good)
    return case.told("elsewhere", numbers, window, products=good.count)


def _free_shipping_always(case: Case) -> Contradiction | None:
    """Shipping is only free from a higher amount than the claim says, or than nothing if it says none."""
    window = case.window(case.mine.starts_on, case.mine.ends_before)
    if window is None:
        return None
    terms = Offered(case.theirs, channels_of(case.plan, case.theirs)).terms()
    highest = max((one.min_spend or 0 for one in terms if discount_class(one) == SHIPPING), default=0)
    if highest <= (case.claim.amount or 0):
        return None
    return case.told("shipping", {"minimum": cents(exact(Fraction(highest)))}, window)


def _limited_quantity(case: Case) -> Contradiction | None:
    """The same pieces are promised again: both promises together are more than the stock, or than the claim if unknown."""
    claim = case.claim
    window = case.window(case.mine.starts_on, case.mine.ends_before)
    if window is None:
        return None
    case.needs("product", "quantity")
    again, certainty = _promised_again(case)
    product = case.product
    stock = product.stock if product else None
    available = (claim.quantity or 0) if stock is None else stock
    promised = (claim.quantity or 0) + again
    if not again or promised <= available:
        return None
    numbers = {
        "product": product.name if product else "",
        "promised": cents(exact(promised)),
        "available": available,
    }
    return case.told("promised_again", numbers, window, certainty=certainty, products=1)


def _promised_again(case: Case) -> tuple[Fraction, str]:
    """The pieces that the other offer promises: those of a claim of its own, or what it expects to sell and give away."""
    theirs, product = case.theirs, case.claim.product
    claims = [one.quantity or 0 for one in theirs.claims if (one.kind, one.product) == (case.claim.kind, product)]
    if claims:
        return Fraction(max(claims)), EXACT
    sells, gives = case.has(product), product == theirs.terms.gift_product
    if not sells and not gives:
        return Fraction(0), EXACT
    if theirs.expected_units is None:
        raise Unknown([(theirs.id, "expected_units")])
    spread = Fraction(theirs.expected_units, len(theirs.products)) if sells else Fraction(0)
    return spread + (theirs.expected_units if gives else 0), ESTIMATED


def _told(some: Some) -> dict[str, Any]:
    return {"products": some.count, "examples": list(some.names)}


def _names(plan: Plan, channels: Channels) -> list[str]:
    return [plan.channel_names.get(channel, str(channel)) for channel in channels if channel is not None]


KINDS: Mapping[str, Callable[[Case], Contradiction | None]] = {
    "lowest_price": _lowest_price,
    "exclusive_to": _exclusive_to,
    "ends": _ends,
    "never_discounted": _never_discounted,
    "only_here": _only_here,
    "new_customers_only": _new_customers_only,
    "free_shipping_always": _free_shipping_always,
    "limited_quantity": _limited_quantity,
}
