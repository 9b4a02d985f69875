"""The admin site of the house: its pages outside of any one model, and the way to all others."""

from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from unfold.sites import UnfoldAdminSite


class ConcordiaAdminSite(UnfoldAdminSite):
    # A staff member always has a home, whatever the list of models says.
    enable_nav_sidebar = True

    def get_urls(self) -> list[URLPattern]:
        language = path("language/", require_POST(self.set_language), name="set_language")
        return [language, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from config import home  # models are not ready when the site is made

        context = {
            **self.each_context(request),
            "title": _("Home"),
            "index": True,
            **home.page(request, now=timezone.now()),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, "admin/index.html", context)

    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict | None = None) -> HttpResponse:
        """A page per Django app says nothing to people; the sidebar leads everywhere."""
        raise Http404

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """No page shows it, and Django asks every model's permissions for it on every page."""
        return []

    def search(self, request: HttpRequest) -> HttpResponse:
        """unfold's search over the names of apps and models."""
        raise Http404

    def set_language(self, request: HttpRequest) -> HttpResponse:
        """Choose the language: kept with the person when signed in, and in a cookie for the login page."""
        code = request.POST.get("language", "")
        back = request.POST.get("next") or request.META.get("HTTP_REFERER", "")
        if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
            back = reverse("admin:index")
        response = HttpResponseRedirect(back)
        if code in dict(settings.LANGUAGES):
            if request.user.is_authenticated:
                from approvals.actions import profiles  # models are not ready when the site is made

                profiles.choose_language(language=code, by=request.user, now=timezone.now())
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                code,
                max_age=365 * 24 * 3600,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


def stylesheet(request: HttpRequest) -> str:
    return static("concordia/concordia.css")


def mark(request: HttpRequest) -> str:
    return static("concordia/mark.svg")


def language_url(request: HttpRequest) -> str:
    return reverse("admin:set_language")


def account(request: HttpRequest) -> list[dict[str, str]]:
    """Links below a person's name."""
    feeds = {"title": _("Calendar feeds"), "link": reverse("admin:campaigns_calendarfeed_changelist")}
    return [
        {"title": _("My settings"), "link": reverse("admin:approvals_staffprofile_changelist")},
        {"title": _("What I hear by mail"), "link": reverse("admin:approvals_news_preferences")},
        {"title": _("Absences"), "link": reverse("admin:approvals_absence_changelist")},
        {"title": _("API tokens"), "link": reverse("admin:customers_apitoken_changelist")},
        *([feeds] if _may_open(request, "campaigns.calendarfeed") else []),
        {"title": _("Change password"), "link": reverse("admin:password_change")},
    ]


# What each link of the sidebar leads to: title, icon, model, and the page when it is not the model's list.
Entry = tuple[str, str, str, str]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar, in the same order for everybody: entries the reader may open, groups that are not empty."""
    groups: list[tuple[str, list[Entry]]] = [
        (
            "",
            [
                (_("Home"), "home", "", "index"),
                (_("Inbox"), "inbox", "approvals.mail", "approvals_mail_inbox"),
                (_("Calendar"), "calendar_month", "campaigns.campaign", "campaigns_plan"),
                (_("Briefings"), "record_voice_over", "approvals.briefing", ""),
                (_("Customer requests"), "support_agent", "approvals.customerrequest", ""),
                (_("Campaigns"), "campaign", "campaigns.campaign", ""),
                (_("Workload"), "monitoring", "campaigns.campaign", "campaigns_campaign_workload"),
                (_("Collisions"), "join_inner", "campaigns.collision", ""),
                (_("Cases"), "balance", "approvals.case", ""),
                (_("Reviews"), "approval", "approvals.review", ""),
                (_("Sent mail"), "outgoing_mail", "approvals.mail", ""),
            ],
        ),
        (
            _("Data"),
            [
                (_("Customers"), "person", "customers.customer", ""),
                (_("Segments"), "groups", "customers.segment", ""),
                (_("Products"), "inventory_2", "campaigns.product", ""),
                (_("Categories"), "category", "campaigns.category", ""),
                (_("Channels"), "cell_tower", "customers.channel", ""),
                (_("Tactics"), "ads_click", "campaigns.tactic", ""),
                (_("Tools"), "construction", "campaigns.tool", ""),
                (_("Goals"), "flag", "campaigns.departmentgoal", ""),
                (_("Brand rules"), "verified_user", "campaigns.brandrules", ""),
                (_("Imports"), "upload_file", "campaigns.importrun", ""),
                (_("Detections"), "radar", "campaigns.detectionrun", ""),
            ],
        ),
        (
            _("Ground rules"),
            [
                (_("Collision rules"), "tune", "campaigns.rulesetting", ""),
                (_("Combination classes"), "label", "campaigns.combinationclass", ""),
                (_("Combination policies"), "join_full", "campaigns.combinationpolicy", ""),
                (_("Joint groups"), "group_work", "campaigns.jointgroup", ""),
                (_("Added activities"), "checklist", "campaigns.addedactivity", ""),
                (_("RACI templates"), "grid_on", "campaigns.racitemplate", ""),
                (_("Words to avoid"), "spellcheck", "campaigns.wordtoavoid", ""),
                (_("Placements"), "web_asset", "campaigns.placement", ""),
                (_("Funds"), "savings", "campaigns.fund", ""),
                (_("Protected scopes"), "shield", "campaigns.protectedscope", ""),
                (_("Substitutions"), "swap_horiz", "campaigns.substitution", ""),
                (_("Announced prices"), "sell", "campaigns.announcedprice", ""),
            ],
        ),
        (
            _("Administration"),
            [
                (_("Departments"), "domain", "campaigns.department", ""),
                (_("People"), "badge", "auth.user", ""),
                (_("Mediators"), "handshake", "approvals.mediator", ""),
                (_("Standing rules"), "gavel", "approvals.standingrule", ""),
                (_("Escalation policy"), "timer", "approvals.escalationpolicy", ""),
                (_("Approval rules"), "rule", "approvals.approvalrule", ""),
                (_("Review policy"), "more_time", "approvals.reviewpolicy", ""),
                (_("Business calendar"), "event_busy", "approvals.specialday", ""),
                (_("Working hours"), "schedule", "approvals.workinghours", ""),
                (_("History"), "history", "customers.historyentry", ""),
                (_("Given up"), "sync_problem", "customers.event", ""),
            ],
        ),
    ]
    sidebar = [
        {"title": title, "separator": bool(title), "items": items}
        for title, entries in groups
        if (items := list(_links(request, entries)))
    ]
    _light(request.path, [item for group in sidebar for item in group["items"]])
    return sidebar


def _light(address: str, links: list[dict[str, Any]]) -> None:
    """Mark the entry the page belongs to: the one whose address it continues furthest."""
    home, campaigns = reverse("admin:index"), reverse("admin:campaigns_campaign_changelist")
    # Offers have no entry of their own: they are reached through their campaign.
    address = address.replace(reverse("admin:campaigns_offer_changelist"), campaigns)
    # So have feeds, which are made on the calendar.
    address = address.replace(reverse("admin:campaigns_calendarfeed_changelist"), reverse("admin:campaigns_plan"))
    ways = [link["link"] for link in links if link["link"] != home and address.startswith(link["link"])]
    here = max(ways, key=len, default=home if address == home else "")
    for link in links:
        link["active"] = link["link"] == here


def _links(request: HttpRequest, entries: list[Entry]) -> Iterator[dict[str, Any]]:
    for title, icon, model, page in entries:
        if model and not _may_open(request, model):
            continue
        name = page or f"{model.replace('.', '_')}_changelist"
        count = _COUNTS.get(name)
        badge = count(request) if count else None
        yield {"title": title, "icon": icon, "link": reverse(f"admin:{name}"), "badge": badge}


# Which rows a person may see is a long question. Most often there is nothing to ask it about, and that is a short one.
def _new_briefings(request: HttpRequest) -> int | None:
    from approvals.models import Briefing  # models are not ready when the site is made
    from approvals.queries import briefings

    return _counted(request, "new briefings", Briefing.objects.all(), lambda: briefings.unread(request.user))


def _waiting_requests(request: HttpRequest) -> int | None:
    from approvals.models import CustomerRequest  # models are not ready when the site is made
    from approvals.queries import requests

    return _counted(
        request, "waiting requests", CustomerRequest.objects.all(), lambda: requests.waiting_for(request.user)
    )


def _unread_news(request: HttpRequest) -> int | None:
    from approvals.models import Mail  # models are not ready when the site is made

    mine = Mail.objects.filter(recipient=request.user.pk, read_at=None)
    return _counted(request, "unread news", mine, lambda: Mail.objects.unread(request.user))


def _counted(
    request: HttpRequest, name: str, any_of: QuerySet[Any], wanted: Callable[[], QuerySet[Any]]
) -> int | None:
    from customers.visible_admin import once

    return once(request, name, lambda: wanted().count() if any_of.exists() else 0) or None


# What is counted beside an entry.
_COUNTS = {
    "approvals_briefing_changelist": _new_briefings,
    "approvals_customerrequest_changelist": _waiting_requests,
    "approvals_mail_inbox": _unread_news,
}


def _may_open(request: HttpRequest, name: str) -> bool:
    model = apps.get_model(name)
    return admin.site.is_registered(model) and admin.site.get_model_admin(model).has_view_permission(request)
