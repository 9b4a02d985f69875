from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from customers.models import Channel
from customers.visible_admin import ReferenceModelAdmin


@admin.register(Channel)
class ChannelAdmin(ReferenceModelAdmin):
    list_display = ("name", "code", "number_capacity", "quiet_hours")
    search_fields = ("code", "name")
    search_help_text = _("Name or code")
    ordering = ("name", "id")
    fields = ("code", "name", "capacity_per_day", "quiet_from", "quiet_to")
    add_label = _("New channel")
    empty_first = _("No channel yet: they come with an import, or an administrator adds them.")
    empty_found = _("No channel matches.")

    def get_readonly_fields(self, request: HttpRequest, obj: Channel | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    @admin.display(description=_("capacity per day"), ordering="capacity_per_day")
    def number_capacity(self, channel: Channel) -> str:
        number = "—" if channel.capacity_per_day is None else number_format(channel.capacity_per_day)
        return format_html('<span class="c-number">{}</span>', number)

    @admin.display(description=_("quiet hours"))
    def quiet_hours(self, channel: Channel) -> str:
        if channel.quiet_from is None:
            return "—"
        return f"{date_format(channel.quiet_from, 'TIME_FORMAT')}–{date_format(channel.quiet_to, 'TIME_FORMAT')}"
