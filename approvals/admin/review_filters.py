from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.models import Review
from approvals.queries.reviews import waits_for


class WaitsFilter(SimpleListFilter):
    title = _("waits for")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("me", _("my approval"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:
        if self.value() != "me":
            return queryset
        mine = [one.campaign.pk for one in waits_for(request.user, timezone.now())]
        return queryset.filter(campaign__in=mine)
