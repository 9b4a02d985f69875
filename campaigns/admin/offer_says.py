"""What an offer says beside its terms, as its page shows it: only what is filled, under the headings of its form."""

from collections.abc import Iterable
from typing import Any

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import wording
from campaigns.choices import AppliesTo, Mode, ScopeRole
from campaigns.forms.offers import SECTIONS
from campaigns.models import FundDraw, Offer, OfferChannelTerms, OfferClaim, PlacementBooking
from campaigns.queries.promises import PARTS, stored_rows

TITLES = {
    "combines": gettext_lazy("How it combines"),
    "says": gettext_lazy("What it says"),
    "takes": gettext_lazy("What it takes"),
    "moves": gettext_lazy("What it moves"),
}
# Products of a cross-sell that are named one by one.
NAMED = 10
MONEY = {"reference_price", "max_discount"}

Facts = list[tuple[str, list[Any]]]


def terms(offer: Offer) -> Facts:
    """What belongs to the terms: to what they apply, and their cap."""
    columns = ["max_discount"] if offer.applies_to == AppliesTo.ITEM else ["applies_to", "max_discount"]
    return [fact for column in columns for fact in _column(offer, column)]


def sections(offer: Offer) -> list[dict[str, Any]]:
    """Of each section {"name", "title", "facts": [(label, lines)]}; those without facts are left out."""
    rows = {part: list(stored_rows(part, offer=offer)) for part in PARTS}
    lists = {"accepts": [str(one) for one in offer.accepts.all()], **_cross_sell(offer)}
    found = []
    for name, (fields, parts) in SECTIONS.items():
        facts: Facts = []
        for field in fields:
            facts += _listed(field, lists[field]) if field in lists else _column(offer, field)
        for part in parts:
            facts += _rows(part, rows[part])
        if facts:
            found.append({"name": name, "title": TITLES[name], "facts": facts})
    return found


def _column(offer: Offer, name: str) -> Facts:
    column, value = offer._meta.get_field(name), getattr(offer, name)
    is_default = not column.is_relation and value == column.get_default() and name != "applies_to"
    if value is None or value == "" or is_default:
        return []
    return [(str(column.verbose_name), [_shown(offer, name, value)])]


def _shown(offer: Offer, name: str, value: Any) -> str:
    if value is True:
        return _("yes")
    if name in MONEY:
        return wording.money(value)
    if display := getattr(offer, f"get_{name}_display", None):
        return str(display())
    return number_format(value) if isinstance(value, int) else str(value)


def _listed(name: str, lines: list[str]) -> Facts:
    labels = {
        "accepts": _("combines with"),
        "triggers": _("trigger products"),
        "recommended": _("recommended products"),
    }
    return [(labels[name], lines)] if lines else []


def _cross_sell(offer: Offer) -> dict[str, list[str]]:
    rows = offer.product_rows.exclude(role=ScopeRole.TARGET).filter(mode=Mode.INCLUDE).select_related("product")
    named: dict[str, list[str]] = {ScopeRole.TRIGGER: [], ScopeRole.RECOMMENDED: []}
    for row in rows.order_by("product__name", "product_id"):
        named[row.role].append(str(row.product))
    return {"triggers": _some(named[ScopeRole.TRIGGER]), "recommended": _some(named[ScopeRole.RECOMMENDED])}


def _some(names: list[str]) -> list[str]:
    if (more := len(names) - NAMED) <= 0:
        return names
    return [*names[:NAMED], ngettext("and %(n)s more", "and %(n)s more", more) % {"n": number_format(more)}]


def _rows(part: str, rows: Iterable[Any]) -> Facts:
    labels = {
        "claims": _("claims"),
        "channel_terms": _("terms on channels"),
        "bookings": _("placements booked"),
        "draws": _("draws on funds"),
    }
    lines = [format_html('{}<span class="c-minor">{}</span>', *_line(row)) for row in rows]
    return [(labels[part], lines)] if lines else []


def _line(row: OfferClaim | OfferChannelTerms | PlacementBooking | FundDraw) -> tuple[str, str]:
    """A row in words, and what is told of it in smaller ones."""
    match row:
        case OfferClaim():
            about = [row.get_kind_display(), wording.speaks_of(row), _("the law asks for it") if row.is_legal else ""]
            return _("“%(sentence)s”") % {"sentence": row.text}, " · ".join(filter(None, about))
        case OfferChannelTerms():
            only = _("only here") if row.is_exclusive else ""
            terms = wording.price_terms(row)
            said = _("%(channel)s: %(terms)s") % {"channel": row.channel, "terms": terms}
            return said, " · ".join(filter(None, [only, row.reason]))
        case PlacementBooking():
            share = _("%(percent)s %%") % {"percent": number_format(f"{row.share.normalize():f}")}
            return wording.row(row), " · ".join(filter(None, [share, row.get_goal_display()]))
        case _:
            return wording.row(row), wording.money(row.amount)
