"""Remedies in words: what to do, as a sentence with exact days and numbers."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import wording
from campaigns.choices import DiscountBase
from campaigns.models import Offer as OfferRow
from campaigns.queries.offer_facts import CONDITIONS
from campaigns.rules.collisions.evidence import listed, with_examples
from campaigns.rules.collisions.facts import Offer, Plan, Terms
from campaigns.rules.collisions.promised import figures, promised
from campaigns.rules.collisions.words import customers, products
from campaigns.rules.remedies import Remedy

# So many products are named.
NAMED = 3


def sentence(plan: Plan, remedy: Remedy) -> str:
    """What to do, in the language that is active now; `plan` is the one before it is done."""
    return _SENTENCES[remedy.lever](plan, remedy, plan.offers[remedy.offer], remedy.changes.get(remedy.offer, {}))


def price(remedy: Remedy) -> list[str]:
    """What the offer gives up: days that it moves, customers, products; nothing = it gives up none of these."""
    told = [moved(remedy.days)] if remedy.days else []
    told += [_("%(what)s fewer") % {"what": customers(remedy.customers)}] if remedy.customers else []
    return told + ([_("%(what)s fewer") % {"what": products(remedy.products)}] if remedy.products else [])


def moved(days: int) -> str:
    """“3 days later”, “1 day earlier”"""
    if days < 0:
        return ngettext("%(n)s day earlier", "%(n)s days earlier", -days) % {"n": number_format(-days)}
    return ngettext("%(n)s day later", "%(n)s days later", days) % {"n": number_format(days)}


def _name(offer: Offer) -> str:
    return offer.name or offer.code


def _shift_dates(_plan: Plan, remedy: Remedy, offer: Offer, fields: Mapping[str, Any]) -> str:
    days = wording.period(fields["starts_on"], fields["ends_before"])
    words = {"offer": _name(offer), "days": days, "by": moved(remedy.days)}
    return _("Move %(offer)s to %(days)s (%(by)s).") % words


def _exclude_products(plan: Plan, _remedy: Remedy, offer: Offer, fields: Mapping[str, Any]) -> str:
    gone = sorted(offer.products - fields["products"])
    names = sorted(plan.products[number].name for number in gone if number in plan.products)[:NAMED]
    return _("Take %(products)s out of %(offer)s.") % {
        "offer": _name(offer),
        "products": with_examples(len(gone), names),
    }


def _exclude_customers(plan: Plan, remedy: Remedy, offer: Offer, _fields: Mapping[str, Any]) -> str:
    every = (group for groups in (plan.groups or {}).values() for group in groups)
    names = {_("“%(segment)s”") % {"segment": group.name} for group in every if group.id in remedy.groups}
    words = {"offer": _name(offer), "customers": customers(remedy.customers), "segments": listed(sorted(names))}
    return _("Leave %(segments)s out of %(offer)s, which reaches %(customers)s fewer then.") % words


def _restrict_channel(plan: Plan, _remedy: Remedy, offer: Offer, fields: Mapping[str, Any]) -> str:
    names = sorted(plan.channel_names.get(one, str(one)) for one in fields["channels"])
    return _("Run %(offer)s on %(channels)s alone.") % {"offer": _name(offer), "channels": listed(names)}


def _declare(plan: Plan, remedy: Remedy, _offer: Offer, _fields: Mapping[str, Any]) -> str:
    named = sorted((plan.offers[one] for one in frozenset().union(*remedy.decisions)), key=lambda one: one.code)
    names = {"offers": listed([_name(one) for one in named])}
    if "deny" in remedy.decisions.values():
        return _("Decide that %(offers)s do not combine.") % names
    return _("Decide that %(offers)s combine.") % names


def _set_priority(plan: Plan, remedy: Remedy, offer: Offer, fields: Mapping[str, Any]) -> str:
    others = sorted((plan.offers[number] for number in remedy.changes if number != offer.id), key=lambda one: one.code)
    words = {"offer": _name(offer), "priority": number_format(fields["priority"])}
    if not others:
        return _("Give %(offer)s the priority %(priority)s at the till, behind the others.") % words
    words |= {
        "others": listed([_name(one) for one in others]),
        "first": number_format(remedy.changes[others[0].id]["priority"]),
    }
    return _("Give %(others)s the priority %(first)s at the till, and %(offer)s the priority %(priority)s.") % words


def _cap_discount(plan: Plan, _remedy: Remedy, offer: Offer, fields: Mapping[str, Any]) -> str:
    words = {"offer": _name(offer), "before": _terms(plan, offer.terms), "after": _terms(plan, fields["terms"])}
    return _("Change %(offer)s from “%(before)s” to “%(after)s”.") % words


def _terms(plan: Plan, terms: Terms) -> str:
    return promised(figures(plan, terms))


def _align_terms(plan: Plan, _remedy: Remedy, offer: Offer, fields: Mapping[str, Any]) -> str:
    words = {"offer": _name(offer), "terms": listed(list(_aligned(plan, offer, fields)))}
    return _("Change the terms of %(offer)s: %(terms)s.") % words


def _aligned(plan: Plan, offer: Offer, fields: Mapping[str, Any]) -> Iterator[str]:
    if "terms" in fields:
        yield _("“%(after)s” in place of “%(before)s”") % {
            "before": _terms(plan, offer.terms),
            "after": _terms(plan, fields["terms"]),
        }
    if "channel_terms" in fields:
        yield _("no other terms on single channels")
    for key, text in fields.get("conditions", {}).items():
        if text != offer.conditions.get(key):
            yield _("%(what)s “%(text)s”") % {"what": _label(CONDITIONS[key]), "text": text}
    if "discount_base" in fields:
        yield _("%(what)s “%(text)s”") % {
            "what": _label("discount_base"),
            "text": DiscountBase(fields["discount_base"]).label,
        }
    if "stackable" in fields:
        yield _("combines with others") if fields["stackable"] else _("does not combine with others")
    if "ends_before" in fields:
        last = date_format(fields["ends_before"] - timedelta(days=1), "DATE_FORMAT")
        yield _("last day %(day)s") % {"day": last}
    if "redemption_code" in fields:
        yield _("no coupon code")


def _label(column: str) -> str:
    return str(OfferRow._meta.get_field(column).verbose_name)


def _change_reference_price(_plan: Plan, _remedy: Remedy, offer: Offer, _fields: Mapping[str, Any]) -> str:
    return _("Compare the price of %(offer)s with the lowest one of the last 30 days.") % {"offer": _name(offer)}


def _rename_code(_plan: Plan, _remedy: Remedy, offer: Offer, fields: Mapping[str, Any]) -> str:
    words = {"offer": _name(offer), "before": offer.redemption_code, "after": fields["redemption_code"]}
    return _("Change the code of %(offer)s from %(before)s to %(after)s.") % words


def _rewrite_message(plan: Plan, _remedy: Remedy, offer: Offer, fields: Mapping[str, Any]) -> str:
    if "claims" in fields:
        gone = [_("“%(claim)s”") % {"claim": one.text} for one in offer.claims if one not in fields["claims"]]
        return _("Leave %(claims)s out of the messages of %(offer)s.") % {
            "offer": _name(offer),
            "claims": listed(gone),
        }
    names = sorted(plan.channel_names.get(one.channel, str(one.channel)) for one in fields["channel_terms"])
    return _("Say in every message of %(offer)s that its terms on %(channels)s hold there alone.") % {
        "offer": _name(offer),
        "channels": listed(names),
    }


def _swap_placement(plan: Plan, _remedy: Remedy, offer: Offer, fields: Mapping[str, Any]) -> str:
    before, after = ({one.placement for one in some} for some in (offer.bookings, fields.get("bookings", ())))
    if "recommendation_placement" in fields:
        before, after = {offer.recommendation_placement or 0}, {fields["recommendation_placement"]}
    names = [listed(sorted(plan.placements[one].name for one in some)) for some in (before - after, after - before)]
    return _("Move %(offer)s from %(before)s to %(after)s.") % {
        "offer": _name(offer),
        "before": names[0],
        "after": names[1],
    }


def _add_funding(plan: Plan, remedy: Remedy, _offer: Offer, _fields: Mapping[str, Any]) -> str:
    ((fund, amount),) = remedy.funds.items()
    return _("Add %(amount)s to %(fund)s.") % {"amount": number_format(amount, 2), "fund": plan.funds[fund].name}


def _reduce_draw(plan: Plan, _remedy: Remedy, offer: Offer, fields: Mapping[str, Any]) -> str:
    before, after = ({one.fund: one.amount for one in draws} for draws in (offer.draws, fields["draws"]))
    fund = next(one for one in before if before[one] != after[one])
    words = {
        "offer": _name(offer),
        "fund": plan.funds[fund].name,
        "before": number_format(before[fund], 2),
        "after": number_format(after[fund], 2),
    }
    return _("Let %(offer)s take %(after)s in place of %(before)s out of %(fund)s.") % words


def _reduce_quantity(_plan: Plan, _remedy: Remedy, offer: Offer, fields: Mapping[str, Any]) -> str:
    words = {
        "offer": _name(offer),
        "before": number_format(offer.expected_units),
        "after": number_format(fields["expected_units"]),
    }
    return _("Sell at most %(after)s units with %(offer)s, not %(before)s.") % words


def _withdraw(_plan: Plan, _remedy: Remedy, offer: Offer, _fields: Mapping[str, Any]) -> str:
    return _("Withdraw %(offer)s.") % {"offer": _name(offer)}


_SENTENCES: Mapping[str, Callable[[Plan, Remedy, Offer, Mapping[str, Any]], str]] = {
    "shift_dates": _shift_dates,
    "exclude_products": _exclude_products,
    "exclude_customers": _exclude_customers,
    "restrict_channel": _restrict_channel,
    "declare_combinable": _declare,
    "declare_exclusive": _declare,
    "set_priority": _set_priority,
    "cap_discount": _cap_discount,
    "align_terms": _align_terms,
    "change_reference_price": _change_reference_price,
    "rename_code": _rename_code,
    "rewrite_message": _rewrite_message,
    "swap_placement": _swap_placement,
    "add_funding": _add_funding,
    "reduce_draw": _reduce_draw,
    "reduce_quantity": _reduce_quantity,
    "withdraw": _withdraw,
}
