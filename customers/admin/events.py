"""News that was tried too often: nobody reacts to it until an administrator has it tried again."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from customers.actions import events
from customers.models import Event
from customers.permissions import is_administrator
from customers.visible_admin import VisibleModelAdmin


@admin.register(Event)
class GivenUpAdmin(VisibleModelAdmin):
    list_display = ("topic", "created_at", "tries", "short_error")
    search_fields = ("topic", "error")
    search_help_text = gettext_lazy("What about, or words of the error")
    ordering = ("id",)
    list_title = gettext_lazy("Given up")
    empty_first = gettext_lazy("Nothing was given up: all news is handled.")
    empty_found = gettext_lazy("Nothing that was given up matches this search.")

    def allows(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request) & events.given_up()

    def get_urls(self) -> list[URLPattern]:
        retry = self.admin_site.admin_view(require_POST(self.retry))
        return [path("<int:pk>/retry/", retry, name="customers_event_retry"), *super().get_urls()]

    @admin.display(description=gettext_lazy("error"))
    def short_error(self, event: Event) -> str:
        return event.error.splitlines()[-1][:80] if event.error else ""

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Given up"), **(extra_context or {})})

    def change_view(self, request: HttpRequest, object_id: str, *args, **kwargs) -> HttpResponse:
        event = self.get_object(request, object_id)
        if event is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(event),
            "crumbs": [
                {"title": _("Given up"), "url": reverse("admin:customers_event_changelist")},
                {"title": str(event)},
            ],
            "event": event,
        }
        return TemplateResponse(request, "customers/event.html", context)

    def retry(self, request: HttpRequest, pk: int) -> HttpResponse:
        event = get_object_or_404(self.get_queryset(request), pk=pk)
        if events.retry(event=event, by=request.user, now=timezone.now()):
            messages.success(request, _("It is tried again now. If it fails once more, it comes back to this list."))
        else:
            messages.info(request, _("Nothing to do: this is not given up any more."))
        return HttpResponseRedirect(reverse("admin:customers_event_changelist"))
