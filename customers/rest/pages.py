"""Lists: pages of at most 200 rows, ordered and searched only as the list allows."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

from customers.rest.problems import ParameterError

MOST_ROWS = 200


class Pages(PageNumberPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = MOST_ROWS

    def get_page_size(self, request: Request) -> int:
        given = request.query_params.get(self.page_size_query_param)
        if given is None:
            return int(self.page_size)
        if not (given.isascii() and given.isdecimal() and len(given) <= 3 and 1 <= int(given) <= MOST_ROWS):
            raise ParameterError({"page_size": [_("A page has between 1 and %(most)d rows.") % {"most": MOST_ROWS}]})
        return int(given)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        found = super().get_schema_operation_parameters(view)
        for parameter in found:
            most = {"maximum": MOST_ROWS} if parameter["name"] == self.page_size_query_param else {}
            parameter["schema"] |= {"minimum": 1} | most
        return found

    def get_page_number(self, request: Request, paginator: Any) -> int:
        given = request.query_params.get(self.page_query_param, "1")
        if not (given.isascii() and given.isdecimal() and len(given) <= 9 and int(given) >= 1):
            raise ParameterError({"page": [_("Pages are numbered from 1.")]})
        return int(given)


class Search(SearchFilter):
    """`?search=`, where the list says in which columns."""

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return super().get_schema_operation_parameters(view) if view.search_fields else []


class StrictOrdering(OrderingFilter):
    """`?ordering=name,-starts_on`, by the columns that the list names; ties are broken by id."""

    def get_ordering(self, request: Request, queryset: QuerySet, view: Any) -> list[str]:
        given = request.query_params.get(self.ordering_param)
        if given is None:
            return [*(view.ordering or ()), "pk"]
        names = given.split(",")
        known = [name for name, _label in self.get_valid_fields(queryset, view, {"request": request})]
        if unknown := [name for name in names if name.removeprefix("-") not in known]:
            text = _("The list cannot be ordered by %(unknown)s; it can by %(known)s.")
            raise ParameterError(
                {"ordering": [text % {"unknown": ", ".join(unknown)[:200], "known": ", ".join(known)}]}
            )
        return [*names, "pk"]

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        found = super().get_schema_operation_parameters(view)
        names = "|".join(view.ordering_fields)
        for parameter in found:
            parameter["description"] = "Columns, separated by commas; “-” before one turns it round."
            parameter["schema"]["pattern"] = f"^-?({names})(,-?({names}))*$"
        return found
