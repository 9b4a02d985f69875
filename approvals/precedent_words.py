"""The facts of a case in words of the language that is active now, band by band."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from approvals.rules.precedents import CUSTOMERS, DAYS, DISCOUNTS, Facts, band
from campaigns.choices import JourneyStage
from campaigns.queries.explanation import name_of as rule_name


def fact(name: str, facts: Facts, *, departments: Mapping[int, str], category: str) -> str:
    """One of approvals.rules.precedents.NAMES; `departments` are names by id, `category` a code."""
    match name:
        case "leading":
            return rule_name(facts.leading)
        case "departments":
            return ", ".join(sorted(departments[pk] for pk in facts.departments))
        case "category":
            return category or _("none")
        case "discounts":
            return _("%(one)s and %(other)s") % {
                "one": _percent(facts.discounts[0]),
                "other": _percent(facts.discounts[1]),
            }
        case "kinds":
            return ", ".join(rule_name(code) for code in facts.kinds)
        case "days":
            return _whole(DAYS, facts.days, least=1)
        case "customers":
            return _whole(CUSTOMERS, facts.customers, least=0)
    return " · ".join(str(JourneyStage(stage).label) if stage else _("no stage") for stage in facts.stages)


def _whole(limits: Sequence[int], place: int, *, least: int) -> str:
    first, after = band(limits, place)
    low = least if first is None else int(first)
    if after is None:
        return _("%(number)s or more") % {"number": number_format(low)}
    if int(after) - 1 == low:
        return number_format(low)
    return pgettext("a range of numbers", "%(first)s to %(last)s") % {
        "first": number_format(low),
        "last": number_format(int(after) - 1),
    }


def _percent(place: int) -> str:
    first, after = band(DISCOUNTS, place)
    if first is None:
        return _("no discount")
    if after is None:
        return _("%(percent)s %% or more") % {"percent": _plain(first)}
    low = Decimal(0) if place == 1 else first
    return _("%(first)s to %(last)s %%") % {"first": _plain(low), "last": _plain(after)}


def _plain(value: int | Decimal) -> str:
    return number_format(format(Decimal(value).normalize(), "f"))
