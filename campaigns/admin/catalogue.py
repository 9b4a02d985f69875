"""Products and categories, as imported."""

from django.contrib import admin
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from campaigns import wording
from campaigns.admin.visible import LinkedFilter, VisibleModelAdmin, VisibleRelatedFilter
from campaigns.models import Category, Department, Product


class DepartmentFilter(VisibleRelatedFilter):
    title = _("department")
    field = "department"
    model = Department


class CategoryFilter(LinkedFilter):
    title = _("category")
    field = "category"
    model = Category


@admin.register(Category)
class CategoryAdmin(VisibleModelAdmin):
    list_display = ("code", "number_products")
    list_display_links = None
    search_fields = ("code",)
    search_help_text = _("Category")
    ordering = ("code",)
    empty_first = _("No category yet: they come with an import of the catalogue.")
    empty_found = _("No category matches.")

    @admin.display(description=_("products"), ordering="size")
    def number_products(self, category: Category) -> str:
        address = reverse("admin:campaigns_product_changelist") + f"?category={category.pk}"
        return format_html('<a class="c-number" href="{}">{}</a>', address, number_format(category.size))


@admin.register(Product)
class ProductAdmin(VisibleModelAdmin):
    list_display = ("name", "code", "category", "brand", "department", "number_price", "number_stock")
    list_filter = (CategoryFilter, DepartmentFilter)
    list_select_related = ("category", "department")
    search_fields = ("code", "name", "brand")
    search_help_text = _("Name, code or brand")
    ordering = ("name", "id")
    fields = ("code", "name", "category", "brand", "department", "number_price", "number_stock")
    readonly_fields = ("number_price", "number_stock")
    empty_first = _("No product yet: they come with an import of the catalogue.")
    empty_found = _("No product matches.")

    @admin.display(description=_("price"), ordering="price")
    def number_price(self, product: Product) -> str:
        return format_html('<span class="c-number">{}</span>', wording.money(product.price) or "—")

    @admin.display(description=_("stock"), ordering="stock")
    def number_stock(self, product: Product) -> str:
        return format_html(
            '<span class="c-number">{}</span>', "—" if product.stock is None else number_format(product.stock)
        )
