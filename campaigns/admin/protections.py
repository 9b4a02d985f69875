"""What offers keep out of."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import wording
from campaigns.admin.catalogue import DepartmentFilter
from campaigns.admin.ground_rules import GroundRuleAdmin, InDays
from campaigns.forms.ground_rules import ProtectedScopeForm
from campaigns.models import ProtectedScope


@admin.register(ProtectedScope)
class ProtectedScopeAdmin(InDays, GroundRuleAdmin):
    form = ProtectedScopeForm
    list_display = ("name", "kind", "products", "days", "reserved", "number_price", "binding")
    list_filter = ("kind", DepartmentFilter)
    list_select_related = ("category", "product", "department")
    search_fields = ("name", "brand", "category__code", "product__code", "product__name")
    search_help_text = gettext_lazy("Name, brand, category or product")
    ordering = ("name", "id")
    intro = gettext_lazy("Products that offers keep out of for a time: all of them, or those of other departments.")
    add_label = gettext_lazy("New protected scope")
    empty_first = gettext_lazy("Nothing is protected yet. Add embargoes, minimum prices and brands that are reserved.")
    empty_found = gettext_lazy("No protected scope matches.")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related(*self.list_select_related)

    @admin.display(description=gettext_lazy("products"))
    def products(self, scope: ProtectedScope) -> str:
        return scope.brand or str(scope.category or scope.product)

    @admin.display(description=gettext_lazy("reserved for"), ordering="department__name")
    def reserved(self, scope: ProtectedScope) -> str:
        return str(scope.department or _("nobody"))

    @admin.display(description=gettext_lazy("minimum price"), ordering="min_price")
    def number_price(self, scope: ProtectedScope) -> str:
        return format_html('<span class="c-number">{}</span>', wording.money(scope.min_price) or "—")

    @admin.display(description=gettext_lazy("binding"), ordering="is_hard")
    def binding(self, scope: ProtectedScope) -> str:
        return _("yes") if scope.is_hard else _("a wish")
