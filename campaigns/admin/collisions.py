"""Collisions: the list, the arithmetic of one, and the rows behind its numbers. Nothing here writes."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns import wording
from campaigns.admin import collision_lines, collision_page, remedies
from campaigns.admin.visible import LinkedFilter, VisibleModelAdmin, VisibleRelatedFilter, roles
from campaigns.choices import CollisionState, Level
from campaigns.models import Campaign, Collision, Department, DetectionRun, Offer
from campaigns.permissions import sees_plans
from campaigns.queries.explanation import name_of, offers_in, rule_choices, with_offers
from campaigns.queries.listing import more_than_notes, on_any_side
from campaigns.rules.collisions import BY_CODE
from customers.clock import local_day


class StateFilter(SimpleListFilter):
    """Open ones unless asked otherwise: nobody comes here to read what is over."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*CollisionState.choices, ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        for value, label in self.lookup_choices:
            yield {
                "selected": (self.value() or CollisionState.OPEN) == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        return queryset.filter(state=self.value() or CollisionState.OPEN)


class LevelFilter(SimpleListFilter):
    """All but notes unless asked otherwise: what is only noted wants nothing of anybody."""

    title = gettext_lazy("level")
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(reversed(Level.choices))

    def choices(self, changelist: Any) -> Any:
        every, *levels = super().choices(changelist)
        yield every | {"display": _("All but notes")}
        yield from levels

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(level=self.value()) if self.value() else more_than_notes(queryset)


class RuleFilter(SimpleListFilter):
    title = gettext_lazy("rule")
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = request.GET.get("rule", "")
        gone = [(chosen, chosen)] if chosen and chosen not in BY_CODE else []
        return [*rule_choices(), *gone]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(rule=self.value()) if self.value() else queryset


class DepartmentFilter(VisibleRelatedFilter):
    title = gettext_lazy("department")
    field = "department"
    model = Department

    def narrow(self, queryset: QuerySet, pk: str) -> QuerySet:
        return queryset.filter(on_any_side("department", pk))


class CampaignFilter(LinkedFilter):
    title = gettext_lazy("campaign")
    field, model = "campaign", Campaign

    def narrow(self, queryset: QuerySet, pk: str) -> QuerySet:
        return queryset.filter(on_any_side("campaign", pk))


class OfferFilter(LinkedFilter):
    title = gettext_lazy("offer")
    field, model = "offer", Offer

    def narrow(self, queryset: QuerySet, pk: str) -> QuerySet:
        return queryset.filter(on_any_side("pk", pk))


@admin.register(Collision)
class CollisionAdmin(VisibleModelAdmin):
    list_display = (
        "severity",
        "rule_name",
        "first",
        "second",
        "days",
        "number_products",
        "number_customers",
        "state_badge",
    )
    list_display_links = None
    list_filter = (StateFilter, LevelFilter, RuleFilter, DepartmentFilter, CampaignFilter, OfferFilter)
    search_fields = ("offer_a__code", "offer_a__name", "offer_b__code", "offer_b__name")
    search_help_text = gettext_lazy("Offer, by name or code")
    ordering = ("-score", "starts_on", "id")
    change_list_template = "campaigns/collisions.html"
    empty_first = gettext_lazy("No open collision. New ones appear here within seconds of a change to a plan.")
    empty_found = gettext_lazy("No collision matches.")

    def allows(self, request: HttpRequest) -> bool:
        return sees_plans(roles(request))

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/products/", wrap(self.products_page), name="campaigns_collision_products"),
            path("<int:pk>/customers/", wrap(self.customers_page), name="campaigns_collision_customers"),
            path("<int:pk>/remedy/", wrap(require_POST(self.apply_remedy)), name="campaigns_collision_remedy"),
        ]
        return own + super().get_urls()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_offers(super().get_queryset(request))

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        last = DetectionRun.objects.filter(finished_at__isnull=False).order_by("-finished_at").first()
        return super().changelist_view(request, {"last_detection": last, **(extra_context or {})})

    @admin.display(description=gettext_lazy("severity"), ordering="score")
    def severity(self, row: Collision) -> str:
        return format_html(
            '<a class="c-plain" href="{}">{}<span class="c-minor">{}</span><span class="c-hidden"> · {}</span></a>',
            reverse("admin:campaigns_collision_change", args=[row.pk]),
            wording.level(row.level),
            _("%(score)s of 100") % {"score": row.score},
            _("Collision of %(a)s and %(b)s") % {"a": row.offer_a.name, "b": row.offer_b.name},
        )

    @admin.display(description=gettext_lazy("rule"), ordering="rule")
    def rule_name(self, row: Collision) -> str:
        return name_of(row.rule)

    @admin.display(description=gettext_lazy("offer"), ordering="offer_a__name")
    def first(self, row: Collision) -> str:
        return collision_lines.side(row.offer_a)

    @admin.display(description=gettext_lazy("collides with"), ordering="offer_b__name")
    def second(self, row: Collision) -> str:
        others = len(offers_in(row)) - 2
        return format_html("{}{}", collision_lines.side(row.offer_b), wording.and_more(others))

    @admin.display(description=gettext_lazy("shared days"), ordering="starts_on")
    def days(self, row: Collision) -> str:
        return format_html(
            '<span class="c-nowrap">{}</span><span class="c-minor">{}</span>',
            wording.period(row.starts_on, row.ends_before),
            wording.day_count(row.starts_on, row.ends_before),
        )

    @admin.display(description=gettext_lazy("products"), ordering="shared_products")
    def number_products(self, row: Collision) -> str:
        return self._number(row, "products", row.shared_products)

    @admin.display(description=gettext_lazy("customers"), ordering="shared_customers")
    def number_customers(self, row: Collision) -> str:
        return self._number(row, "customers", row.shared_customers)

    def _number(self, row: Collision, page: str, number: int) -> str:
        if address := collision_lines.address(row, page):
            return format_html('<a class="c-number" href="{}">{}</a>', address, number_format(number))
        return format_html('<span class="c-number">{}</span>', number_format(number))

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, row: Collision) -> str:
        return wording.collision_state(row.state)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        today, row = local_day(timezone.now()), self._find(request, object_id)
        return collision_page.show(request, self, row, today=today, **remedies.card(request, row, today=today))

    def products_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        return collision_page.products(request, self, self._find(request, pk))

    def customers_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        return collision_page.customers(request, self, self._find(request, pk))

    def apply_remedy(self, request: HttpRequest, pk: int) -> HttpResponse:
        return remedies.apply(request, self._find(request, pk))

    def _find(self, request: HttpRequest, pk: int | str) -> Collision:
        rows = with_offers(super().get_queryset(request), "audience", "gift_product")
        row = rows.filter(pk=pk).first() if str(pk).isdecimal() else None
        if row is None or not self.has_view_permission(request):
            raise Http404
        return row
