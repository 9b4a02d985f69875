"""Plans in words: people, days, states and levels as every page writes them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.choices import CampaignStatus, Certainty, ClaimKind, CollisionState, Level, Mechanic, RuleMode
from campaigns.models import FundDraw, Offer, OfferChannelTerms, OfferClaim, PlacementBooking
from campaigns.rules.self_checks import CONFIRM, ERROR, WARN

# The files of a dataset, by the name of their table.
TABLES = {
    "departments": gettext_lazy("departments"),
    "products": gettext_lazy("products"),
    "customers": gettext_lazy("customers"),
    "segments": gettext_lazy("segments"),
    "segment_members": gettext_lazy("members of segments"),
    "channels": gettext_lazy("channels"),
    "campaigns": gettext_lazy("campaigns"),
    "offers": gettext_lazy("offers"),
    "offer_products": gettext_lazy("products of offers"),
    "offer_categories": gettext_lazy("categories of offers"),
    "offer_audiences": gettext_lazy("audiences of offers"),
}
# What an import did with the rows of a table.
COUNTS = {
    "rows": gettext_lazy("read"),
    "created": gettext_lazy("new"),
    "updated": gettext_lazy("changed"),
    "unchanged": gettext_lazy("unchanged"),
    "removed": gettext_lazy("taken out"),
}
# value -> (kind of c-badge, Material Symbol): a state is a word, an icon and a colour, never a colour alone.
LEVELS = {
    Level.NOTE: ("neutral", "visibility"),
    Level.LOW: ("low", "arrow_downward"),
    Level.MEDIUM: ("medium", "drag_handle"),
    Level.HIGH: ("high", "arrow_upward"),
    Level.CRITICAL: ("critical", "priority_high"),
}
# An exact number needs no word.
CERTAINTIES = {
    Certainty.ESTIMATED: ("info", "query_stats"),
    Certainty.HEURISTIC: ("info", "psychology_alt"),
}
COLLISION_STATES = {
    CollisionState.OPEN: ("high", "error"),
    CollisionState.SETTLED: ("good", "handshake"),
    CollisionState.CLEARED: ("good", "check_circle"),
    CollisionState.PAST: ("neutral", "history"),
}
CAMPAIGN_STATES = {
    CampaignStatus.DRAFT: ("neutral", "edit_note"),
    CampaignStatus.SUBMITTED: ("info", "hourglass_top"),
    CampaignStatus.APPROVED: ("good", "verified"),
    CampaignStatus.LIVE: ("good", "play_circle"),
    CampaignStatus.PAUSED: ("medium", "pause_circle"),
    CampaignStatus.ENDED: ("neutral", "event_available"),
    CampaignStatus.CANCELLED: ("neutral", "cancel"),
}
# severity of campaigns.rules.self_checks -> (kind of c-badge, Material Symbol, word)
CHECKS = {
    ERROR: ("critical", "block", gettext_lazy("Cannot be saved")),
    CONFIRM: ("high", "front_hand", gettext_lazy("Has to be meant")),
    WARN: ("medium", "visibility", gettext_lazy("Worth a second look")),
}
RULE_MODES = {
    RuleMode.ON: ("good", "check_circle"),
    RuleMode.REPORT: ("info", "visibility"),
    RuleMode.OFF: ("neutral", "block"),
}


def badge(kind: str, icon: str, word: object) -> SafeString:
    return format_html(
        '<span class="c-badge c-badge--{}"><span class="material-symbols-outlined" aria-hidden="true">{}</span>{}</span>',
        kind,
        icon,
        word,
    )


def level(value: str) -> SafeString:
    return badge(*LEVELS[Level(value)], Level(value).label)


def certainty(value: str) -> SafeString:
    """How far the numbers behind a collision can be relied on; nothing when they are exact."""
    found = CERTAINTIES.get(Certainty(value))
    return badge(*found, Certainty(value).label) if found else SafeString("")


def check_severity(value: str) -> SafeString:
    """How much a self-check asks for."""
    return badge(*CHECKS[value])


def newness(is_new: bool) -> SafeString:  # noqa: FBT001 - a filter
    return badge("info", "fiber_new", _("New")) if is_new else badge("neutral", "schedule", _("As now"))


def collision_state(value: str) -> SafeString:
    return badge(*COLLISION_STATES[CollisionState(value)], CollisionState(value).label)


def campaign_status(value: str) -> SafeString:
    return badge(*CAMPAIGN_STATES[CampaignStatus(value)], CampaignStatus(value).label)


def rule_mode(value: str) -> SafeString:
    return badge(*RULE_MODES[RuleMode(value)], RuleMode(value).label)


def person(user: AbstractBaseUser | None) -> str:
    if user is None:
        return ""
    return user.get_full_name() or user.get_username()  # type: ignore[attr-defined]


def period(starts_on: date, ends_before: date) -> str:
    """First to last day, inclusive, without repeating month and year: "25–29 Nov 2026"."""
    last = ends_before - timedelta(days=1)
    if starts_on == last:
        return date_format(last, "DATE_FORMAT")
    if (starts_on.year, starts_on.month) == (last.year, last.month):
        return f"{starts_on.day}–{date_format(last, 'DATE_FORMAT')}"
    first = date_format(starts_on, "MONTH_DAY_FORMAT" if starts_on.year == last.year else "DATE_FORMAT")
    return f"{first} – {date_format(last, 'DATE_FORMAT')}"


def channels(named: Iterable[tuple[str, str]] | None) -> str:
    """Names of (code, name), in one line; None is every channel."""
    return _("every channel") if named is None else ", ".join(name for _code, name in named)


def day_count(starts_on: date, ends_before: date) -> str:
    days = (ends_before - starts_on).days
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": number_format(days)}


def moment(at: datetime | None) -> str:
    """An instant in the company's time zone, to the minute."""
    return date_format(timezone.localtime(at), "DATETIME_FORMAT") if at else ""


def share(part: int, whole: int) -> str:
    """A part of a whole in per cent with one decimal; less than a tenth is not written as nothing."""
    if not whole or not part:
        return _("%(percent)s %%") % {"percent": 0}
    percent = 100 * part / whole
    if percent < 0.1:
        return _("< %(percent)s %%") % {"percent": number_format("0.1", use_l10n=True)}
    return _("%(percent)s %%") % {"percent": number_format(f"{percent:.1f}", use_l10n=True)}


def money(amount: Decimal | None) -> str:
    return f"{number_format(amount, 2)} {settings.CURRENCY}" if amount is not None else ""


def _plain(amount: Decimal | None) -> str:
    """A quantity without the zeros a decimal column adds."""
    return number_format(f"{amount.normalize():f}") if amount is not None else ""


def terms(offer: Offer) -> str:
    """What the offer promises, in a few words."""
    match offer.mechanic:
        case Mechanic.PERCENT | Mechanic.AMOUNT_OFF | Mechanic.FIXED_PRICE:
            return price_terms(offer)
        case Mechanic.BXGY:
            return _("buy %(buy)s, get %(get)s free") % {"buy": offer.buy_quantity, "get": offer.get_quantity}
        case Mechanic.BUNDLE if offer.fixed_price is not None:
            return _("bundle for %(price)s") % {"price": money(offer.fixed_price)}
        case Mechanic.FREE_SHIPPING if offer.min_spend is not None:
            return _("free shipping from %(amount)s") % {"amount": money(offer.min_spend)}
        case Mechanic.POINTS:
            return _("points × %(factor)s") % {"factor": _plain(offer.points_multiplier)}
        case "":
            return _("terms not stated yet")
    return offer.get_mechanic_display()


def price_terms(terms: Offer | OfferChannelTerms) -> str:
    """A percentage, an amount or a price, whichever is given."""
    if terms.percent_off is not None:
        return _("%(percent)s %% off") % {"percent": _plain(terms.percent_off)}
    if terms.amount_off is not None:
        return _("%(amount)s off") % {"amount": money(terms.amount_off)}
    return _("for %(price)s") % {"price": money(terms.fixed_price)}


def row(row: OfferChannelTerms | OfferClaim | PlacementBooking | FundDraw) -> str:
    """What people call a row of an offer; "" while it does not say so."""
    match row:
        case OfferClaim():
            return row.text
        case OfferChannelTerms() if row.channel_id:
            return row.channel.name
        case PlacementBooking() if row.placement_id:
            days = period(row.starts_on, row.ends_before) if row.starts_on and row.ends_before else ""
            return ", ".join(filter(None, [row.placement.name, days]))
        case FundDraw() if row.fund_id:
            return row.fund.name
    return ""


def speaks_of(claim: OfferClaim) -> str:
    """The product, brand, channel, segment, day and numbers that a claim is about."""
    named = [str(thing) for thing in (claim.product, claim.brand, claim.channel, claim.segment) if thing]
    if claim.until:
        named.append(_("until %(day)s") % {"day": date_format(claim.until, "DATE_FORMAT")})
    if claim.amount is not None:
        is_price = claim.kind == ClaimKind.LOWEST_PRICE
        amount = {"amount": money(claim.amount)}
        named.append(_("at %(amount)s") % amount if is_price else _("from %(amount)s") % amount)
    if claim.quantity is not None:
        text = ngettext("%(n)s unit", "%(n)s units", claim.quantity)
        named.append(text % {"n": number_format(claim.quantity)})
    return " · ".join(named)


def offer_state(offer: Offer, today: date) -> SafeString:
    """Where an offer stands: it has no status of its own, so this follows from facts and dates."""
    if offer.withdrawn_at:
        return badge("neutral", "block", _("Withdrawn"))
    if offer.held:
        return badge("high", "pan_tool", _("Held by a case"))
    if offer.live_since:
        return badge("good", "play_circle", _("Live"))
    if offer.ends_before <= today:
        return badge("neutral", "event_available", _("Over"))
    return badge("neutral", "schedule", _("Planned"))


def and_more(number: int) -> SafeString:
    """How many offers of a collision a line does not name."""
    if number < 1:
        return SafeString("")
    words = ngettext("and %(number)s more offer", "and %(number)s more offers", number)
    return format_html('<span class="c-minor">{}</span>', words % {"number": number})
