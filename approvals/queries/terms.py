"""What an offer promises, in words of the language that is active now. Margin floors are nobody else's business."""

from decimal import Decimal

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from campaigns.choices import Mechanic
from campaigns.models import Offer


def terms_of(offer: Offer) -> str:
    """A short phrase such as "20 % off". Reads `gift_product`, so select it together with the offer."""
    match offer.mechanic:
        case Mechanic.PERCENT:
            return _("%(percent)s %% off") % {"percent": _number(offer.percent_off)}
        case Mechanic.AMOUNT_OFF:
            return _("%(money)s off") % {"money": _money(offer.amount_off)}
        case Mechanic.FIXED_PRICE:
            return _("for %(money)s") % {"money": _money(offer.fixed_price)}
        case Mechanic.BXGY:
            return _("buy %(buy)s, get %(get)s free") % {"buy": offer.buy_quantity, "get": offer.get_quantity}
        case Mechanic.BUNDLE if offer.fixed_price is not None:
            return _("bundle for %(money)s") % {"money": _money(offer.fixed_price)}
        case Mechanic.FREE_SHIPPING if offer.min_spend is not None:
            return _("free shipping from %(money)s") % {"money": _money(offer.min_spend)}
        case Mechanic.POINTS:
            return _("%(factor)s times the points") % {"factor": _number(offer.points_multiplier)}
        case Mechanic.GIFT if offer.gift_product is not None:
            return _("gift: %(product)s") % {"product": offer.gift_product.name}
        case "":
            return _("terms not stated yet")
    return str(Mechanic(offer.mechanic).label)


def _money(amount: Decimal | None) -> str:
    return f"{number_format(amount, decimal_pos=2)} {settings.CURRENCY}"


def _number(value: Decimal | None) -> str:
    """Without the zeros that the column adds: 20, 12.5."""
    return number_format(format((value or Decimal(0)).normalize(), "f"))
