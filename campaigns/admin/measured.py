"""What is known of products: which take sales from which, and at which prices they were announced."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import wording
from campaigns.admin.catalogue import DepartmentFilter
from campaigns.admin.ground_rules import GroundRuleAdmin, InDays, number
from campaigns.forms.ground_rules import AnnouncedPriceForm, SubstitutionForm
from campaigns.models import AnnouncedPrice, Substitution


@admin.register(Substitution)
class SubstitutionAdmin(GroundRuleAdmin):
    form = SubstitutionForm
    list_display = ("pair", "number_rate", "source")
    list_select_related = ("product", "substitute")
    search_fields = ("product__code", "product__name", "substitute__code", "substitute__name")
    search_help_text = gettext_lazy("Either product, by name or code")
    ordering = ("product__name", "substitute__name", "id")
    intro = gettext_lazy(
        "Which products take sales from which. Without a row, products of one category are estimated."
    )
    add_label = gettext_lazy("New substitution")
    empty_first = gettext_lazy("No substitution yet. Add what analyses of baskets found.")
    empty_found = gettext_lazy("No substitution matches.")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("product", "substitute")

    @admin.display(description=gettext_lazy("product and substitute"), ordering="product__name")
    def pair(self, substitution: Substitution) -> str:
        return str(substitution)

    @admin.display(description=gettext_lazy("rate"), ordering="rate")
    def number_rate(self, substitution: Substitution) -> str:
        return number(substitution.rate.normalize())


@admin.register(AnnouncedPrice)
class AnnouncedPriceAdmin(InDays, GroundRuleAdmin):
    form = AnnouncedPriceForm
    list_display = ("of", "number_price", "days", "announced_by")
    list_filter = (DepartmentFilter,)
    list_select_related = ("product", "department")
    search_fields = ("product__code", "product__name")
    search_help_text = gettext_lazy("Product, by name or code")
    ordering = ("-starts_on", "product__name", "id")
    intro = gettext_lazy(
        "Prices that customers were told, with their days: earlier prices in offers are measured against them."
    )
    add_label = gettext_lazy("New announced price")
    empty_first = gettext_lazy(
        "No announced price yet. Add the prices of past offers, so that wrong earlier prices are found."
    )
    empty_found = gettext_lazy("No announced price matches.")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("product", "department")

    @admin.display(description=gettext_lazy("product"), ordering="product__name")
    def of(self, price: AnnouncedPrice) -> str:
        return str(price.product)

    @admin.display(description=gettext_lazy("price"), ordering="price")
    def number_price(self, price: AnnouncedPrice) -> str:
        return format_html('<span class="c-number">{}</span>', wording.money(price.price))

    @admin.display(description=gettext_lazy("announced by"), ordering="department__name")
    def announced_by(self, price: AnnouncedPrice) -> str:
        return str(price.department or _("the house"))
