"""Filters of lists; a value that no filter understands is an error of that parameter."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError as DRFValidationError
from rest_framework.request import Request

from customers.rest.fields import DayField
from customers.rest.problems import ParameterError


class StrictFilters(DjangoFilterBackend):
    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        given = {name: one for name, one in filterset.filters.items() if name in request.query_params}
        reasons = {
            name: next(filter(None, (_unclear(one, value) for value in request.query_params.getlist(name))), "")
            for name, one in given.items()
        }
        if wrong := {name: [reason] for name, reason in reasons.items() if reason}:
            raise ParameterError(wrong)
        if not filterset.is_valid():
            raise ParameterError({name: list(errors) for name, errors in filterset.errors.items()})
        return filterset.qs


def _unclear(one: django_filters.Filter, value: str) -> str:
    """Why a value that forms take for "no answer" is none; empty if it says something."""
    if value == "":
        return _("Give a value, or leave the parameter out.")
    if isinstance(one, django_filters.BooleanFilter) and value not in ("true", "false"):
        return _("Say true or false.")
    return ""


class CodeFilter(django_filters.CharFilter):
    """Rows whose relation has this code: `CodeFilter("department__code")`. What is not there has no rows."""


class _Values(forms.MultipleChoiceField):
    """Any values: what is not there has no rows."""

    def valid_value(self, value: Any) -> bool:
        return True


@extend_schema_field(OpenApiTypes.STR)
class CodesFilter(django_filters.MultipleChoiceFilter):
    """Rows whose relation has one of these codes; the parameter is repeated. Name it in `repeatable` of the view."""

    field_class = _Values

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"distinct": False} | kwargs)


class _Day(forms.DateField):
    """A day as the bodies of the API write it."""

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        try:
            return DayField().to_internal_value(value)
        except DRFValidationError as error:
            raise ValidationError([str(text) for text in error.detail]) from error


class DayFilter(django_filters.DateFilter):
    """`?starts_from=2026-11-26`"""

    field_class = _Day


__all__ = ["CodeFilter", "CodesFilter", "DayFilter", "FilterSet", "StrictFilters"]
