"""Who names what the house has settled for all plans."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import (
    AddedActivity,
    Campaign,
    CombinationClass,
    CombinationPolicy,
    DepartmentGoal,
    Fund,
    JointGroup,
    Offer,
    Placement,
    RaciTemplate,
)

# So many are named one by one.
NAMED = 5


def reasons_to_keep(row: Any) -> list[str]:
    """Why a row cannot be removed: a sentence for each kind of things that name it. Empty = nothing does."""
    return list(_reasons(row))


def _reasons(row: Any) -> Iterator[str]:
    match row:
        case CombinationClass():
            yield from _offers(Q(combination_class=row) | Q(accepts=row))
            yield from _policies(row)
        case Placement():
            yield from _offers(Q(bookings__placement=row) | Q(recommendation_placement=row))
        case Fund():
            yield from _offers(Q(draws__fund=row))
        case JointGroup():
            yield from _campaigns(row)
        case AddedActivity():
            yield from _matrices(row)
        case DepartmentGoal():
            yield from _servants(row)


def _offers(named: Q) -> Iterator[str]:
    count, codes = _counted(Offer.objects.filter(named).distinct(), "code")
    if count:
        text = ngettext("%(n)s offer names it: %(codes)s.", "%(n)s offers name it: %(codes)s.", count)
        yield text % {"n": number_format(count), "codes": codes}


def _campaigns(group: JointGroup) -> Iterator[str]:
    count, codes = _counted(Campaign.objects.filter(joint_group=group), "code")
    if count:
        text = ngettext("%(n)s campaign is in it: %(codes)s.", "%(n)s campaigns are in it: %(codes)s.", count)
        yield text % {"n": number_format(count), "codes": codes}


def _matrices(activity: AddedActivity) -> Iterator[str]:
    count, codes = _counted(Campaign.objects.filter(activities__added=activity), "code")
    if count:
        text = ngettext(
            "%(n)s campaign has it in its matrix: %(codes)s.",
            "%(n)s campaigns have it in their matrix: %(codes)s.",
            count,
        )
        yield text % {"n": number_format(count), "codes": codes}
    count, names = _counted(RaciTemplate.objects.filter(roles__added=activity).distinct(), "name")
    if count:
        text = ngettext("%(n)s template has it: %(names)s.", "%(n)s templates have it: %(names)s.", count)
        yield text % {"n": number_format(count), "names": names}


def _servants(goal: DepartmentGoal) -> Iterator[str]:
    # By number alone: whoever leads the department does not know what the drafts of others are called.
    if count := Campaign.objects.filter(serves=goal).count():
        text = ngettext("%(n)s campaign serves it.", "%(n)s campaigns serve it.", count)
        yield text % {"n": number_format(count)}
        yield _("Say that it is retired instead: those campaigns keep it.")


def _policies(row: CombinationClass) -> Iterator[str]:
    count, names = _counted(CombinationPolicy.objects.filter(Q(low=row) | Q(high=row)), "low__code", "high__code")
    if count:
        text = ngettext(
            "%(n)s combination policy is about it: %(names)s.",
            "%(n)s combination policies are about it: %(names)s.",
            count,
        )
        yield text % {"n": number_format(count), "names": names}


def _counted(rows: QuerySet, *columns: str) -> tuple[int, str]:
    """How many there are, and what the first of them are called."""
    first = list(rows.order_by(*columns).values_list(*columns)[: NAMED + 1])
    names = [" + ".join(values) for values in first[:NAMED]] + ["…"] * (len(first) > NAMED)
    return rows.count() if len(first) > NAMED else len(first), ", ".join(names)
