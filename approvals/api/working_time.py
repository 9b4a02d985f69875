"""When the house works: the hours of a working day, and the days that are not as the day of the week says."""

from typing import Any

import django_filters
from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.actions import working_time
from approvals.api.policy import PolicyViewSet
from approvals.models import SpecialDay, WorkingHours
from customers.rest.access import Staff
from customers.rest.etags import EtagMixin
from customers.rest.filters import FilterSet
from customers.rest.idempotency import idempotent
from customers.rest.reference import AdministratorsWrite
from customers.rest.serializers import RowSerializer
from customers.rest.viewsets import VisibleViewSet


class WorkingHoursSerializer(RowSerializer):
    class Meta:
        model = WorkingHours
        fields = ["opens_at", "closes_at"]
        validators: list[Any] = []


class WorkingHoursViewSet(PolicyViewSet):
    """From when to when somebody works on a working day. Administrators change it."""

    model = WorkingHours
    serializer_class = WorkingHoursSerializer

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the hours; what is open is counted anew soon after."""
        return self._changed(working_time.change_hours)


class SpecialDaySerializer(RowSerializer):
    class Meta:
        model = SpecialDay
        fields = ["id", "day", "name", "is_worked", "source"]
        read_only_fields = ["source"]
        extra_kwargs = {"source": {"help_text": "Whose days were imported; empty: entered by hand."}}
        # The action judges these, with words of its own.
        validators: list[Any] = []


class SpecialDayFilters(FilterSet):
    year = django_filters.NumberFilter("day__year", min_value=1, max_value=9999)

    class Meta:
        model = SpecialDay
        fields = ["is_worked"]


class SpecialDayViewSet(EtagMixin, VisibleViewSet):
    """Days off besides weekends, and weekends on which somebody works. Administrators write them."""

    model = SpecialDay
    serializer_class = SpecialDaySerializer
    permission_classes = (Staff, AdministratorsWrite)
    filterset_class = SpecialDayFilters
    ordering_fields = ("day",)
    ordering = ("day",)

    @idempotent
    def create(self, request: Request) -> Response:
        """Enter a day; what is open is counted anew soon after."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = {"is_worked": False} | asked.validated_data
        row = working_time.put_day(row=None, **values, by=request.user, now=timezone.now())
        return self.tagged(row, code=status.HTTP_201_CREATED)

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a day: from then on it is one entered by hand, which imports leave alone."""
        row = self._locked()
        asked = self.get_serializer(row, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        values = {name: getattr(row, name) for name in working_time.DAY_FIELDS} | asked.validated_data
        return self.tagged(working_time.put_day(row=row, **values, by=request.user, now=timezone.now()))

    @extend_schema(responses={204: None})
    @transaction.atomic
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a day out: it is as its day of the week says again."""
        working_time.remove_day(row=self._locked(), by=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _locked(self) -> SpecialDay:
        SpecialDay.objects.select_for_update(no_key=True).get(pk=self.get_object().pk)
        row: SpecialDay = self.get_object()
        self.check_match(row)
        return row
