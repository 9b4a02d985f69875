from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.permissions import works_with_data
from customers.visible_admin import VisibleModelAdmin, once


@admin.register(Customer)
class CustomerAdmin(VisibleModelAdmin):
    """Personal data: analysts and administrators read it, imports write it."""

    list_display = ("code", "household_text", "email_text", "language_text")
    # Exact or from the start: no fuzzy search over people.
    search_fields = ("=code", "^household", "=email")
    search_help_text = _("Code, household or whole e-mail address")
    ordering = ("number",)
    fields = ("code", "household_text", "email_text", "language_text", "facts")
    readonly_fields = ("household_text", "email_text", "language_text", "facts")
    empty_first = _("No customer yet: they come with an import.")
    empty_found = _("No customer has this code, household or address.")

    def allows(self, request: HttpRequest) -> bool:
        return once(request, "data", lambda: works_with_data(request.user))

    @admin.display(description=_("household"), ordering="household")
    def household_text(self, customer: Customer) -> str:
        return customer.household or "—"

    @admin.display(description=_("e-mail"), ordering="email")
    def email_text(self, customer: Customer) -> str:
        return customer.email or "—"

    @admin.display(description=_("language"), ordering="language")
    def language_text(self, customer: Customer) -> str:
        return customer.language or "—"

    @admin.display(description=_("known facts"))
    def facts(self, customer: Customer) -> SafeString | str:
        if not customer.attributes:
            return "—"
        facts = format_html_join("", "<dt>{}</dt><dd>{}</dd>", sorted(customer.attributes.items()))
        return format_html('<dl class="c-facts">{}</dl>', facts)
