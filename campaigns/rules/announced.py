"""The price that an offer announces for a product: what customers read beside it, whatever else is in their basket.

Offers on whole orders, points, gifts, shipping, bundles and "buy two, get one" announce no price of a single product.
"""

from decimal import ROUND_HALF_UP, Decimal

from campaigns.rules.collisions.facts import Offer, Terms

REDUCTIONS = ("percent", "amount_off", "fixed_price")
_CENT = Decimal("0.01")
EVERYWHERE: frozenset[int] = frozenset()


def names_a_price(terms: Terms) -> bool:
    return terms.mechanic in REDUCTIONS and terms.applies_to == "item"


def price_of(terms: Terms, list_price: Decimal | None) -> Decimal | None:
    """The price under terms that name one; None = not known, as the list price or a term is missing."""
    match terms.mechanic:
        case "percent" if terms.percent_off is not None and list_price is not None:
            return _cents(list_price * (100 - terms.percent_off) / 100)
        case "amount_off" if terms.amount_off is not None and list_price is not None:
            return max(Decimal(0), list_price - terms.amount_off)
        case "fixed_price" if terms.fixed_price is not None:
            return terms.fixed_price if list_price is None else min(terms.fixed_price, list_price)
    return None


def terms_on(offer: Offer, channels: frozenset[int] = EVERYWHERE) -> list[Terms]:
    """Every different terms that the offer has on any of these channels (none = on every channel)."""
    own = {one.channel: one.terms for one in offer.channel_terms}
    where = channels & offer.channels if channels and offer.channels else channels or offer.channels
    all_terms = [own.get(channel, offer.terms) for channel in sorted(where)] if where else [offer.terms, *own.values()]
    return list(dict.fromkeys(all_terms))


def prices_on(offer: Offer, list_price: Decimal | None, channels: frozenset[int] = EVERYWHERE) -> list[Decimal | None]:
    """What the offer announces for a product on these channels; empty = no price, None in it = one is not known."""
    return [price_of(terms, list_price) for terms in terms_on(offer, channels) if names_a_price(terms)]


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
