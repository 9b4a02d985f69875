"""Filters of lists; a value that no filter understands is an error of that parameter."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework.request import Request

from customers.rest.problems import ParameterError


class StrictFilters(DjangoFilterBackend):
    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise ParameterError({name: list(errors) for name, errors in filterset.errors.items()})
        return filterset.qs


class CodeFilter(django_filters.CharFilter):
    """Rows whose relation has this code: `CodeFilter("department__code")`. What is not there has no rows."""


__all__ = ["CodeFilter", "FilterSet", "StrictFilters"]
