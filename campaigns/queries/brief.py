"""What a brief still misses before it can be submitted, and what in it and its offers is worth a second look."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign, DepartmentGoal, Offer
from campaigns.permissions import answers_for
from campaigns.queries.facts import read_apart
from campaigns.queries.house_style import HouseStyle, house_style
from campaigns.queries.parties import plans_it
from campaigns.rules.collisions.evidence import listed
from campaigns.rules.kpis import BETTER, BY_CODE, recognised
from campaigns.rules.lifecycle import OVER
from campaigns.rules.self_checks import WARN, SelfCheck, brand

# Offers that a sentence names by their codes.
NAMED = 5


@dataclass(frozen=True)
class Warned:
    """A warning about an offer, or about the campaign itself when there is none."""

    check: SelfCheck
    offer: Offer | None = None


def gaps_of_brief(campaign: Campaign) -> list[str]:
    """What keeps it from being submitted: its KPI, the target, the journey stage, and offers that do not say why."""
    return list(_gaps(campaign))


def _gaps(campaign: Campaign) -> Iterator[str]:
    kpi = recognised(campaign.kpi)
    if kpi is not None and kpi.is_vanity:
        better = listed([str(BY_CODE[code].name) for code in BETTER])
        yield _(
            "“%(kpi)s” is a vanity metric: it grows by sending more, whatever that did for the company, and cannot be the"
            " goal of a campaign. Take another KPI, such as: %(better)s."
        ) % {"kpi": campaign.kpi, "better": better}
    if campaign.kpi.strip() and campaign.kpi_target is None:
        yield _("Give the target of the KPI: without it nobody can say whether the goal is met.")
    if not campaign.journey_stage:
        yield _("Say which stage of the customer's journey it is for.")
    silent = _planned(campaign).exclude(message="").filter(why_suggested="")
    if count := silent.count():
        yield ngettext(
            "%(n)s offer has a message that does not tell customers why they see it: %(codes)s.",
            "%(n)s offers have a message that does not tell customers why they see it: %(codes)s.",
            count,
        ) % {"n": number_format(count), "codes": _codes(silent, count)}


def shown_warnings(campaign: Campaign, user: Any, *, today: date) -> list[Warned]:
    """For those who plan or approve it, as long as it is not over."""
    if campaign.status in OVER or not (plans_it(campaign, user) or answers_for(user, campaign)):
        return []
    return warnings_of(campaign, today=today)


def warnings_of(campaign: Campaign, *, today: date) -> list[Warned]:
    """Of the brief first, then of its offers by day and code. The number of queries does not grow with the offers."""
    style = house_style()
    offers = list(
        _planned(campaign).select_related("department").prefetch_related("claims").order_by("starts_on", "code")
    )
    found = [Warned(one) for one in (*_of_campaign(campaign, offers), *style.words_in_campaign(campaign))]
    brands = _brand_checks(offers, style, today)
    for offer in offers:
        checks = [*brands.get(offer.pk, ()), *style.words_in_offer(offer, list(offer.claims.all()))]
        found += [Warned(one, offer) for one in checks]
    return found


def _of_campaign(campaign: Campaign, offers: list[Offer]) -> Iterator[SelfCheck]:
    if campaign.kpi.strip() and recognised(campaign.kpi) is None:
        text = _("“%(kpi)s” is no KPI that is known here: say how it is counted, or take a known one.")
        yield SelfCheck("unknown_kpi", WARN, ("kpi",), text % {"kpi": campaign.kpi}, quote=campaign.kpi)
    goals = DepartmentGoal.objects.filter(department=campaign.department_id, is_retired=False)
    if not campaign.serves.exists() and (names := list(goals.order_by("name").values_list("name", flat=True)[:NAMED])):
        text = _("It serves no goal, although %(department)s has stated what it wants: %(goals)s.")
        words = {"department": campaign.department.name, "goals": listed([f"“{name}”" for name in names])}
        yield SelfCheck("serves_no_goal", WARN, ("serves",), text % words)
    silent = [offer.code for offer in offers if not offer.message]
    if silent:
        text = ngettext(
            "%(n)s offer has no message for customers yet: %(codes)s.",
            "%(n)s offers have no message for customers yet: %(codes)s.",
            len(silent),
        )
        words = {"n": number_format(len(silent)), "codes": _some(silent)}
        yield SelfCheck("no_message", WARN, ("offers",), text % words)


def _brand_checks(offers: list[Offer], style: HouseStyle, today: date) -> dict[int, list[SelfCheck]]:
    # What promises nothing yet reduces nothing.
    offers = [offer for offer in offers if offer.mechanic]
    if not style.brands or not offers:
        return {}
    limited = {one.department for one in style.brands if one.deepest is not None}
    protected = [numbers for one in style.brands for numbers in one.protected.values()]
    priced = [offer.pk for offer in offers if offer.department_id in limited]
    plan = read_apart([offer.pk for offer in offers], today=today, priced=priced, named=protected)
    return {pk: list(brand.check(plan, one, style.brands)) for pk, one in plan.offers.items()}


def _planned(campaign: Campaign) -> QuerySet[Offer]:
    return Offer.objects.filter(Q(campaign=campaign, withdrawn_at__isnull=True))


def _codes(offers: QuerySet[Offer], count: int) -> str:
    codes = list(offers.order_by("code").values_list("code", flat=True)[:NAMED])
    return ", ".join(codes) + (", …" if count > NAMED else "")


def _some(codes: Iterable[str]) -> str:
    every = sorted(codes)
    return ", ".join(every[:NAMED]) + (", …" if len(every) > NAMED else "")
