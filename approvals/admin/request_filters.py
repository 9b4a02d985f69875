"""Filters of the list of customers' requests."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.choices import RequestState
from approvals.models import CustomerRequest
from campaigns.permissions import departments_of


class RequestTurnFilter(SimpleListFilter):
    """What is not over unless asked otherwise: the rest is the memory, not the work."""

    title = _("turn")
    parameter_name = "turn"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, Any]]:
        return [
            ("", _("Not over")),
            ("mine", _("Mine to answer")),
            ("department", _("Of my departments")),
            ("overdue", _("Overdue")),
            ("contradicted", _("Answered twice")),
            ("all", _("All requests")),
        ]

    def choices(self, changelist: Any) -> Iterable[dict[str, Any]]:
        for value, title in self.lookup_choices:
            yield {
                "selected": (self.value() or "") == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}, ["p"]),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[CustomerRequest]) -> QuerySet[CustomerRequest]:
        under_way = queryset.filter(state__in=[RequestState.OPEN, RequestState.ANSWERED])
        match self.value():
            case "mine":
                return queryset.filter(state=RequestState.OPEN, owner_id=request.user.pk)
            case "department":
                return under_way.filter(department__in=departments_of(request.user))
            case "overdue":
                return queryset.filter(state=RequestState.OPEN, answer_by__lte=timezone.now())
            case "contradicted":
                return queryset.filter(disputed_at__isnull=False)
            case "all":
                return queryset
        return under_way
