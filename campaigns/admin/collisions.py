"""Collisions: the list, the arithmetic of one, and the rows behind its numbers. Nothing here writes."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import wording
from campaigns.admin import collision_page
from campaigns.admin.visible import LinkedFilter, VisibleModelAdmin, VisibleRelatedFilter, roles
from campaigns.choices import CollisionState, Level
from campaigns.models import Campaign, Collision, Department, DetectionRun, Offer
from campaigns.permissions import sees_plans
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
    title = gettext_lazy("level")
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(reversed(Level.choices))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(level=self.value()) if self.value() else queryset


class DepartmentFilter(VisibleRelatedFilter):
    title = gettext_lazy("department")
    field = "department"
    model = Department

    def narrow(self, queryset: QuerySet, pk: str) -> QuerySet:
        return queryset.filter(Q(offer_a__department=pk) | Q(offer_b__department=pk))


class _EitherSide(LinkedFilter):
    """What a link named, on whichever side of the collision it stands."""

    sides = ""

    def narrow(self, queryset: QuerySet, pk: str) -> QuerySet:
        return queryset.filter(Q(**{self.sides.format("a"): pk}) | Q(**{self.sides.format("b"): pk}))


class CampaignFilter(_EitherSide):
    title = gettext_lazy("campaign")
    field, model, sides = "campaign", Campaign, "offer_{}__campaign"


class OfferFilter(_EitherSide):
    title = gettext_lazy("offer")
    field, model, sides = "offer", Offer, "offer_{}"


@admin.register(Collision)
class CollisionAdmin(VisibleModelAdmin):
    list_display = ("severity", "first", "second", "days", "number_products", "number_customers", "state_badge")
    list_display_links = None
    list_filter = (StateFilter, LevelFilter, DepartmentFilter, CampaignFilter, OfferFilter)
    list_select_related = ("offer_a__campaign", "offer_a__department", "offer_b__campaign", "offer_b__department")
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
        ]
        return own + super().get_urls()

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

    @admin.display(description=gettext_lazy("offer"), ordering="offer_a__name")
    def first(self, row: Collision) -> str:
        return collision_page.side(row.offer_a)

    @admin.display(description=gettext_lazy("collides with"), ordering="offer_b__name")
    def second(self, row: Collision) -> str:
        return collision_page.side(row.offer_b)

    @admin.display(description=gettext_lazy("shared days"), ordering="starts_on")
    def days(self, row: Collision) -> str:
        return format_html(
            '<span class="c-nowrap">{}</span><span class="c-minor">{}</span>',
            wording.period(row.starts_on, row.ends_before),
            wording.day_count(row.starts_on, row.ends_before),
        )

    @admin.display(description=gettext_lazy("shared products"), ordering="shared_products")
    def number_products(self, row: Collision) -> str:
        return self._number(row, "products", row.shared_products)

    @admin.display(description=gettext_lazy("shared customers"), ordering="shared_customers")
    def number_customers(self, row: Collision) -> str:
        return self._number(row, "customers", row.shared_customers)

    def _number(self, row: Collision, page: str, number: int) -> str:
        address = reverse(f"admin:campaigns_collision_{page}", args=[row.pk])
        return format_html('<a class="c-number" href="{}">{}</a>', address, number_format(number))

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, row: Collision) -> str:
        return wording.collision_state(row.state)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return collision_page.show(request, self, self._find(request, object_id), today=local_day(timezone.now()))

    def products_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        return collision_page.products(request, self, self._find(request, pk))

    def customers_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        return collision_page.customers(request, self, self._find(request, pk))

    def _find(self, request: HttpRequest, pk: int | str) -> Collision:
        related = [f"offer_{side}__{what}" for side in "ab" for what in ("campaign", "department", "audience")]
        related += ["offer_a__gift_product", "offer_b__gift_product"]
        rows = self.get_queryset(request).select_related(*related)
        row = rows.filter(pk=pk).first() if str(pk).isdecimal() else None
        if row is None or not self.has_view_permission(request):
            raise Http404
        return row
