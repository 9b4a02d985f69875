"""The rows behind the numbers of a case: shared products, shared customers, shared days."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from approvals.admin import case_page
from approvals.models import Case
from approvals.permissions import can_decide
from approvals.queries.impartiality import party_departments
from approvals.queries.shared import members_of, shared_customers, shared_products, those_that_count
from campaigns.models import Collision, Product
from campaigns.permissions import departments_of
from customers.models import Customer, Segment
from customers.permissions import is_administrator

ROWS = 50


@dataclass(frozen=True)
class AudiencePair:
    """Two audiences that meet in a case; None = every customer. `offers` are pairs of offer codes."""

    audiences: tuple[Segment | None, Segment | None]
    sizes: tuple[int, int]
    shared: int
    offers: tuple[tuple[str, str], ...]


def products(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    collisions, one = _asked(request, case)
    shared = shared_products(collisions)
    # In the order of the page and without naming thousands of ids to the database.
    ordered = [pk for pk in Product.objects.order_by("name", "id").values_list("pk", flat=True) if pk in shared]
    page = Paginator(ordered, ROWS).get_page(request.GET.get("page"))
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
    collisions, one = _asked(request, case)
    context: dict[str, Any] = {"pairs": _audience_pairs(case, collisions), "one": one}
    everybody_once = shared_customers(collisions)
    if sees_codes(request.user, case):
        page = Paginator(everybody_once, ROWS).get_page(request.GET.get("page"))
        context |= {"page": page, "codes": _codes(page)}
    title = _("Shared customers")
    return _answer(model_admin, request, case, "customers", title, total=len(everybody_once), **context)


def days(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    collisions, one = _asked(request, case)
    by_period: dict[tuple[date, date], list[Collision]] = defaultdict(list)
    for collision in sorted(collisions, key=lambda one: (one.starts_on, one.ends_before, one.pk)):
        by_period[collision.starts_on, collision.ends_before].append(collision)
    first = case_page.sides_of(case)[0].pk
    page = Paginator(list(by_period.items()), ROWS).get_page(request.GET.get("page"))
    rows = [(found[0], [_in_order(collision, first) for collision in found]) for _period, found in page]
    return _answer(model_admin, request, case, "days", _("Shared days"), page=page, rows=rows, one=one)


def sees_codes(user: User, case: Case) -> bool:
    """Who may see which customers are meant: the mediator while deciding, and administrators who are no party."""
    if can_decide(user, case):
        return True
    return is_administrator(user) and not departments_of(user) & party_departments(case)


def _asked(request: HttpRequest, case: Case) -> tuple[list[Collision], Collision | None]:
    """The collisions that the number on the page counted: one (`?collision=`), or all of the case that count."""
    rows = _collisions(case)
    asked = request.GET.get("collision")
    if asked is None:
        return those_that_count(rows), None
    one = next((row for row in rows if str(row.pk) == asked), None)
    if one is None:
        raise Http404
    return [one], one


def _collisions(case: Case) -> QuerySet[Collision]:
    rows = Collision.objects.filter(pk__in=case.collision_rows.values("collision"))
    rows = rows.select_related("offer_a__audience", "offer_b__audience")
    return rows.defer("offer_a__audience__members", "offer_b__audience__members").order_by("-score", "id")


def _audience_pairs(case: Case, collisions: Sequence[Collision]) -> list[AudiencePair]:
    first = case_page.sides_of(case)[0].pk
    meeting: dict[tuple[Segment | None, Segment | None], list[tuple[str, str]]] = defaultdict(list)
    for collision in collisions:
        left, right = _in_order(collision, first)
        meeting[left.audience, right.audience].append((left.code, right.code))
    members = members_of({segment.pk if segment else None for pair in meeting for segment in pair})
    counted = [
        (pair, [members[segment.pk if segment else None] for segment in pair], offers)
        for pair, offers in meeting.items()
    ]
    found = [
        AudiencePair(pair, (len(left), len(right)), left.intersection_cardinality(right), tuple(sorted(offers)))
        for pair, (left, right), offers in counted
    ]
    return sorted(found, key=lambda row: -row.shared)


def _in_order(collision: Collision, first: int) -> tuple[Any, Any]:
    """Both offers of a collision in the order of the sides."""
    pair = (collision.offer_a, collision.offer_b)
    return pair if collision.offer_a.campaign_id == first else pair[::-1]


def _codes(page: Page) -> list[str]:
    known = dict(Customer.objects.filter(number__in=page.object_list).values_list("number", "code"))
    return [known.get(number, _("erased customer")) for number in page.object_list]


def _answer(
    model_admin: ModelAdmin, request: HttpRequest, case: Case, name: str, title: str, **context: Any
) -> HttpResponse:
    sides = case_page.sides_of(case)
    context |= {**case_page.base_context(model_admin, request, case, title), "sides": sides}
    return TemplateResponse(request, f"approvals/case_{name}.html", context)
