"""Filters of the list of cases."""

from collections.abc import Iterable

from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from approvals.choices import ENDED_STATES, OPEN_STATES, CaseState
from approvals.models import Case
from campaigns.models import Department
from customers.visible_admin import VisibleRelatedFilter


class TurnFilter(SimpleListFilter):
    """Open cases unless asked otherwise: closed ones are the memory, not the work."""

    title = _("turn")
    parameter_name = "turn"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [
            ("", _("Open cases")),
            ("mine", _("Mine to decide")),
            ("closed", _("Closed cases")),
            ("all", _("All cases")),
        ]

    def choices(self, changelist) -> Iterable[dict]:
        for value, title in self.lookup_choices:
            yield {
                "selected": (self.value() or "") == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}, ["p"]),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        match self.value():
            case "mine":
                return queryset.filter(state=CaseState.MEDIATION, mediator_id=request.user.pk)
            case "closed":
                return queryset.filter(state__in=ENDED_STATES)
            case "all":
                return queryset
        # A chosen state says more than the standing limit to open cases.
        return queryset if "state__exact" in request.GET else queryset.filter(state__in=OPEN_STATES)


class DepartmentFilter(VisibleRelatedFilter):
    """Cases in which a department is a party, on whichever side."""

    title = _("department")
    field = "department"
    model = Department

    def narrow(self, queryset: QuerySet[Case], pk: str) -> QuerySet[Case]:
        return queryset.filter(Q(campaign_a__department=pk) | Q(campaign_b__department=pk))
