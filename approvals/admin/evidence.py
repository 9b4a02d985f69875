"""The rows behind the numbers of a case: shared products, shared customers, shared days."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from approvals.admin import case_page
from approvals.models import Case
from approvals.permissions import can_decide
from approvals.queries.impartiality import party_departments
from approvals.queries.meetings import (
    Encounter,
    audience_pairs,
    collisions_of,
    encounters,
    periods_of,
    products_of,
    sides_of,
)
from approvals.queries.shared import shared_customers, those_that_count
from campaigns.models import Product
from campaigns.permissions import departments_of
from customers.models import Customer
from customers.permissions import is_administrator

ROWS = 50


def products(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    met, one = _asked(request, case)
    page = Paginator(products_of(met), ROWS).get_page(request.GET.get("page"))
    rows = Product.objects.select_related("category").in_bulk(page.object_list)
    return _answer(
        model_admin,
        request,
        case,
        "products",
        _("Shared products"),
        page=page,
        one=one,
        rows=[rows[pk] for pk in page.object_list],
    )


def customers(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    """Exact counts per pair of audiences; codes only for those who decide or administer, never for a party."""
    met, one = _asked(request, case)
    context: dict[str, Any] = {"pairs": audience_pairs(met), "one": one}
    everybody_once = shared_customers(met)
    if sees_codes(request.user, case):
        page = Paginator(everybody_once, ROWS).get_page(request.GET.get("page"))
        context |= {"page": page, "codes": _codes(page)}
    title = _("Shared customers")
    return _answer(model_admin, request, case, "customers", title, total=len(everybody_once), **context)


def days(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    met, one = _asked(request, case)
    page = Paginator(periods_of(met), ROWS).get_page(request.GET.get("page"))
    return _answer(model_admin, request, case, "days", _("Shared days"), page=page, one=one)


def sees_codes(user: User, case: Case) -> bool:
    """Who may see which customers are meant: the mediator while deciding, and administrators who are no party."""
    if can_decide(user, case):
        return True
    return is_administrator(user) and not departments_of(user) & party_departments(case)


def _asked(request: HttpRequest, case: Case) -> tuple[list[Encounter], Encounter | None]:
    """What the number on the page counted: one collision (`?collision=`), or all of the case that count."""
    rows = collisions_of(case)
    asked = request.GET.get("collision")
    if asked is None:
        return encounters(case, those_that_count(rows)), None
    one = encounters(case, [row for row in rows if str(row.pk) == asked])
    if not one:
        raise Http404
    return one, one[0]


def _codes(page: Page) -> list[str]:
    known = dict(Customer.objects.filter(number__in=page.object_list).values_list("number", "code"))
    return [known.get(number, _("erased customer")) for number in page.object_list]


def _answer(
    model_admin: ModelAdmin, request: HttpRequest, case: Case, name: str, title: str, **context: Any
) -> HttpResponse:
    sides = sides_of(case)
    context |= {**case_page.base_context(model_admin, request, case, title), "sides": sides}
    return TemplateResponse(request, f"approvals/case_{name}.html", context)
