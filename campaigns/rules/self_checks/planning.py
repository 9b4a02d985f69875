"""Days, scope, audience and terms of one offer, and what is kept for others."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.rules.collisions import protected_scope
from campaigns.rules.collisions.facts import Offer, Plan
from campaigns.rules.collisions.findings import Option, Options
from campaigns.rules.collisions.words import day, last_day, per_cent, percent, products, quantity
from campaigns.rules.combinability import ITEM, discount_class
from campaigns.rules.self_checks.verdicts import AUDIENCE, CONFIRM, ERROR, PRODUCTS, WARN, SelfCheck
from campaigns.rules.terms import missing_terms

OPTIONS = (
    Option(
        "notice_days",
        gettext_lazy("Days that shops and channels need before an offer starts"),
        Decimal(3),
        Decimal(0),
        Decimal(90),
        gettext_lazy("days"),
    ),
    Option(
        "growth",
        gettext_lazy("Growth of the products on offer after which somebody has to confirm them again"),
        Decimal(20),
        Decimal(0),
        Decimal(1000),
        "%",
    ),
)


def check(plan: Plan, offer: Offer, options: Options, approved_products: int | None) -> Iterator[SelfCheck]:
    yield from _days(plan.today, offer, int(options["notice_days"]))
    yield from _terms(plan, offer)
    yield from _scope(offer)
    yield from _audience(offer)
    if approved_products is not None:
        yield from _growth(offer, approved_products, options)
    for touch in protected_scope.alone(plan, offer):
        # What is kept for a department may have been agreed with it; what nobody may do nobody can mean.
        hard = ERROR if touch.protected.department is None else CONFIRM
        severity = hard if touch.protected.is_hard else WARN
        text = protected_scope.tell(protected_scope.numbers_of(touch))
        yield SelfCheck("protected_scope", severity, PRODUCTS, text)


def _days(today: date, offer: Offer, notice: int) -> Iterator[SelfCheck]:
    starts_on, ends_on = day(offer.starts_on.isoformat()), day(last_day(offer.ends_before))
    if offer.days <= 0:
        text = _("The last day, %(last)s, is before the first, %(first)s.") % {"last": ends_on, "first": starts_on}
        yield SelfCheck("wrong_days", ERROR, ("starts_on", "last_day"), text)
    elif offer.ends_before <= today:
        text = _("It is over: its last day was %(last)s.") % {"last": ends_on}
        # A plan of the past may be written down; that it still runs is what cannot be.
        yield SelfCheck("wrong_days", WARN, ("last_day",), text)
    elif today <= offer.starts_on and (left := (offer.starts_on - today).days) < notice:
        text = ngettext(
            "It starts on %(first)s. Shops and channels need %(n)s day; only %(left)s left.",
            "It starts on %(first)s. Shops and channels need %(n)s days; only %(left)s left.",
            notice,
        )
        words = {"first": starts_on, "left": quantity(left), "n": quantity(notice)}
        yield SelfCheck("short_notice", WARN, ("starts_on",), text % words)


def _terms(plan: Plan, offer: Offer) -> Iterator[SelfCheck]:
    if not offer.terms.mechanic:
        text = _("Nobody said yet what it promises: no price can be worked out, and no collision of prices ruled out.")
        yield SelfCheck("incomplete_terms", WARN, ("mechanic",), text)
    elif missing := missing_terms(offer.terms.mechanic, asdict(offer.terms)):
        text = ngettext(
            "Its kind of offer needs %(n)s more number.", "Its kind of offer needs %(n)s more numbers.", len(missing)
        )
        yield SelfCheck("incomplete_terms", ERROR, tuple(missing), text % {"n": quantity(len(missing))})
    for one in offer.channel_terms:
        if not one.terms.mechanic or (missing := missing_terms(one.terms.mechanic, asdict(one.terms))):
            channel = plan.channel_names.get(one.channel, str(one.channel))
            text = _("Its terms on the channel %(channel)s are not complete.") % {"channel": channel}
            yield SelfCheck("incomplete_terms", ERROR, ("channel_terms",), text)


def _scope(offer: Offer) -> Iterator[SelfCheck]:
    if offer.products or _needs_no_products(offer):
        return
    if offer.knows_products:
        # Categories are filled by the catalogue, perhaps later than the plan is written.
        text = _("No product is on offer: what it takes out is all that it takes in, or its categories are empty.")
        yield SelfCheck("empty_scope", CONFIRM, PRODUCTS, text)
    else:
        text = _("Nobody said yet which products are on offer: no collision can be ruled out.")
        yield SelfCheck("empty_scope", WARN, PRODUCTS, text)


def _needs_no_products(offer: Offer) -> bool:
    """Whether it may well hold for whatever is in the basket."""
    return discount_class(offer.terms) not in {"", ITEM}


def _audience(offer: Offer) -> Iterator[SelfCheck]:
    if offer.customers:
        return
    if offer.knows_audience:
        text = _("Nobody gets it: there is no customer in its segments who is not excluded.")
        yield SelfCheck("empty_audience", CONFIRM, AUDIENCE, text)
    else:
        text = _("Nobody said yet who gets it: no collision can be ruled out.")
        yield SelfCheck("empty_audience", WARN, AUDIENCE, text)


def _growth(offer: Offer, approved: int, options: Options) -> Iterator[SelfCheck]:
    now = len(offer.products)
    if 100 * (now - approved) <= approved * Fraction(options["growth"]):
        return
    words: dict[str, Any] = {"before": quantity(approved), "now": products(now)}
    if approved:
        words["growth"] = percent(per_cent(Fraction(now - approved, approved)))
        text = _("It was approved with %(before)s products on offer and has %(now)s by now, %(growth)s more.") % words
    else:
        text = _("It was approved without products on offer and has %(now)s by now.") % words
    yield SelfCheck("scope_grew", CONFIRM, PRODUCTS, text)
