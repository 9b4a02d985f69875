"""What offers share: placements and funds."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from campaigns import wording
from campaigns.admin.ground_rules import GroundRuleAdmin, InDays, number
from campaigns.forms.ground_rules import FundForm, PlacementForm
from campaigns.models import Fund, Placement


@admin.register(Placement)
class PlacementAdmin(GroundRuleAdmin):
    form = PlacementForm
    list_display = ("name", "code", "page", "number_slots")
    search_fields = ("code", "name", "page")
    search_help_text = gettext_lazy("Name, code or page")
    ordering = ("name", "id")
    intro = gettext_lazy("Places that offers share: a banner, a pop-up, a shelf end.")
    add_label = gettext_lazy("New placement")
    empty_first = gettext_lazy("No placement yet. Add those that departments book, so that double bookings are found.")
    empty_found = gettext_lazy("No placement matches.")

    @admin.display(description=gettext_lazy("slots"), ordering="slots")
    def number_slots(self, placement: Placement) -> str:
        return number(placement.slots)


@admin.register(Fund)
class FundAdmin(InDays, GroundRuleAdmin):
    form = FundForm
    list_display = ("name", "code", "days", "number_amount")
    search_fields = ("code", "name")
    search_help_text = gettext_lazy("Name or code")
    ordering = ("name", "id")
    intro = gettext_lazy(
        "Money that offers of several departments draw on. They collide when they plan more than there is."
    )
    add_label = gettext_lazy("New fund")
    empty_first = gettext_lazy("No fund yet. Add the budgets that several departments share.")
    empty_found = gettext_lazy("No fund matches.")

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def number_amount(self, fund: Fund) -> str:
        return format_html('<span class="c-number">{}</span>', wording.money(fund.amount))
