from typing import Any

import django_filters
from django.db import models

from customers.models import Customer, HistoryEntry
from customers.rest.filters import FilterSet


class ByCode:
    """A filter set with nothing but `?code=`, the whole code."""

    @staticmethod
    def of(model: type[models.Model]) -> Any:
        meta = type("Meta", (), {"model": model, "fields": ["code"]})
        return type(f"{model.__name__}Filters", (FilterSet,), {"Meta": meta})


class CustomerFilters(FilterSet):
    """Whole values only: no search over people."""

    class Meta:
        model = Customer
        fields = ["code", "household", "email"]


class HistoryFilters(FilterSet):
    since = django_filters.NumberFilter("id", "gt", help_text="Entries after this id, to follow what happens.")

    class Meta:
        model = HistoryEntry
        fields = ["actor", "verb", "subject", "scope"]
