"""Calendar feeds: everybody makes and revokes their own; administrators see and revoke everybody's."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns import wording
from campaigns.actions import feeds
from campaigns.admin import calendar_address, calendar_filters
from campaigns.admin.calendar_filters import Names
from campaigns.admin.visible import VisibleModelAdmin, once, roles
from campaigns.forms import add_errors
from campaigns.forms.feeds import FeedForm
from campaigns.models import CalendarFeed
from campaigns.permissions import sees_plans
from campaigns.rules.calendar import Filters
from customers.permissions import is_administrator


@admin.register(CalendarFeed)
class CalendarFeedAdmin(VisibleModelAdmin):
    list_display = ("name", "begins", "state", "used")
    list_select_related = ("user",)
    ordering = ("-id",)
    change_list_template = "campaigns/feeds.html"
    add_label = gettext_lazy("New feed")
    empty_first = gettext_lazy("No feed yet. With one your own calendar program shows this calendar.")
    empty_found = gettext_lazy("No feed matches.")

    def allows(self, request: HttpRequest) -> bool:
        return sees_plans(roles(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For oneself."""
        return self.has_view_permission(request)

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        person = ("person",) if is_administrator(request.user) else ()
        return ("name", *person, _shows(_names(request)), *self.list_display[1:])

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalendarFeed]:
        return super().get_queryset(request).select_related("user")

    @admin.display(description=gettext_lazy("of"), ordering="user__username")
    def person(self, feed: CalendarFeed) -> str:
        return wording.person(feed.user)

    @admin.display(description=gettext_lazy("begins with"))
    def begins(self, feed: CalendarFeed) -> str:
        return format_html("<code>{}…</code>", feed.start)

    @admin.display(description=gettext_lazy("state"))
    def state(self, feed: CalendarFeed) -> str:
        return _state(feed)

    @admin.display(description=gettext_lazy("last used"), ordering="last_used_at")
    def used(self, feed: CalendarFeed) -> str:
        return wording.moment(feed.last_used_at) or _("never")

    def get_urls(self) -> list[URLPattern]:
        revoke = self.admin_site.admin_view(require_POST(self.revoke))
        return [path("<int:pk>/revoke/", revoke, name="campaigns_calendarfeed_revoke"), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        """Ask for a name; the answer to it is the one page that ever shows the address of the feed."""
        if not self.has_add_permission(request):
            raise Http404
        names, notes = _names(request), []
        filters = calendar_address.read_filters(
            request.GET, departments=names.departments, channels=names.channels, notes=notes
        )
        form = FeedForm(request.POST or None)
        shows = {"shows": calendar_filters.in_words(filters, names), "notes": notes}
        if request.method == "POST" and form.is_valid():
            try:
                feed, secret = feeds.create_feed(
                    name=form.cleaned_data["name"], filters=filters, by=request.user, now=timezone.now()
                )
            except ValidationError as error:
                add_errors(form, error)
            else:
                address = request.build_absolute_uri(reverse("calendar_feed", args=[secret]))
                context = self._around(request, feed.name) | shows | {"feed": feed, "address": address}
                return TemplateResponse(request, "campaigns/feed_made.html", context)
        context = self._around(request, _("New feed")) | shows | {"form": form, "calendar": _calendar(filters)}
        return TemplateResponse(request, "campaigns/feed_new.html", context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        feed = self.get_object(request, object_id)
        if feed is None or not self.has_view_permission(request):
            raise Http404
        context = self._around(request, feed.name) | {
            "feed": feed,
            "state": _state(feed),
            "shows": calendar_filters.in_words(feed.chosen, _names(request)),
            "calendar": _calendar(feed.chosen),
            "can_revoke": feed.revoked_at is None,
        }
        return TemplateResponse(request, "campaigns/feed.html", context)

    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        feed = get_object_or_404(self.get_queryset(request), pk=pk)
        if feeds.revoke_feed(feed=feed, by=request.user, now=timezone.now()):
            messages.success(request, _("Revoked: the address of “%(name)s” leads nowhere.") % {"name": feed.name})
        else:
            messages.info(request, _("Nothing to do: this feed was revoked before."))
        return HttpResponseRedirect(reverse("admin:campaigns_calendarfeed_change", args=[pk]))

    def _around(self, request: HttpRequest, title: str) -> dict[str, Any]:
        crumbs = [
            {"title": _("Calendar"), "url": reverse("admin:campaigns_plan")},
            {"title": _("Calendar feeds"), "url": reverse("admin:campaigns_calendarfeed_changelist")},
            {"title": title},
        ]
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "crumbs": crumbs}


def _names(request: HttpRequest) -> Names:
    return once(request, "calendar names", lambda: calendar_filters.names_for(request.user))


def _shows(names: Names) -> Callable[[CalendarFeed], str]:
    """A column that needs to know what the codes of filters are called."""

    @admin.display(description=_("shows"))
    def shows(feed: CalendarFeed) -> str:
        return " · ".join(calendar_filters.in_words(feed.chosen, names))

    return shows


def _calendar(filters: Filters) -> str:
    """The calendar on which the same is seen."""
    return f"{reverse('admin:campaigns_plan')}?{urlencode(calendar_address.query_of(filters))}"


def _state(feed: CalendarFeed) -> str:
    if feed.revoked_at is not None:
        return wording.badge("neutral", "block", _("Revoked"))
    if not (feed.user.is_active and feed.user.is_staff):
        return wording.badge("neutral", "person_off", _("Its person cannot sign in"))
    return wording.badge("good", "rss_feed", _("Works"))
