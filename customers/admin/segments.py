from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.actions.segments import members
from customers.models import Customer, Segment
from customers.permissions import works_with_data
from customers.visible_admin import VisibleModelAdmin, once

PER_PAGE = 50


@admin.register(Segment)
class SegmentAdmin(VisibleModelAdmin):
    """Everybody reads names and sizes; who is in a segment, only those who read customers."""

    list_display = ("name", "code", "number_customers")
    search_fields = ("code", "name")
    search_help_text = gettext_lazy("Name or code")
    ordering = ("name", "id")
    fields = ("name", "code", "number_customers", "version")
    readonly_fields = ("number_customers", "version")
    empty_first = gettext_lazy("No segment yet: they come with an import.")
    empty_found = gettext_lazy("No segment matches.")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Combined segments are the audiences of offers, and are read there."""
        return super().get_queryset(request).filter(kind=Segment.Kind.NAMED).defer("members")

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.members_page)
        return [path("<int:pk>/members/", page, name="customers_segment_members"), *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return ("name", "code", "number_members" if self._reads_people(request) else "number_customers")

    @admin.display(description=gettext_lazy("customers"), ordering="size")
    def number_customers(self, segment: Segment) -> SafeString:
        return format_html('<span class="c-number">{}</span>', number_format(segment.size))

    @admin.display(description=gettext_lazy("customers"), ordering="size")
    def number_members(self, segment: Segment) -> SafeString:
        address = reverse("admin:customers_segment_members", args=[segment.pk])
        return format_html('<a class="c-number" href="{}">{}</a>', address, number_format(segment.size))

    def members_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self._reads_people(request):
            raise PermissionDenied
        segment = get_object_or_404(self.get_queryset(request), pk=pk)
        rows = Paginator(members(segment), PER_PAGE).get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": segment.name,
            "crumbs": [
                {"title": _("Segments"), "url": reverse("admin:customers_segment_changelist")},
                {"title": segment.name, "url": reverse("admin:customers_segment_change", args=[pk])},
                {"title": _("Customers")},
            ],
            "segment": segment,
            "rows": rows,
            "people": Customer.objects.visible(request.user).filter(number__in=list(rows.object_list)),
        }
        return TemplateResponse(request, "customers/segment_members.html", context)

    def _reads_people(self, request: HttpRequest) -> bool:
        return once(request, "data", lambda: works_with_data(request.user))
