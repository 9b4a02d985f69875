"""Briefings: the list, the page of each version, and the buttons that say that they were read."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from approvals import briefing_lines
from approvals.actions import briefings as actions
from approvals.models import Briefing
from approvals.queries import briefings
from approvals.queries.briefings import COMING, PAST, RUNNING, Read
from campaigns.permissions import departments_of
from customers.visible_admin import VisibleModelAdmin, once

ROWS = 50
GROUPS = {
    RUNNING: gettext_lazy("Running now"),
    COMING: gettext_lazy("Coming"),
    PAST: gettext_lazy("Over"),
}


@admin.register(Briefing)
class BriefingAdmin(VisibleModelAdmin):
    """One briefing per campaign, in versions: pages of its own and none of Django's."""

    def get_urls(self) -> list[URLPattern]:
        wrap, of = self.admin_site.admin_view, "of/<int:campaign_pk>/"
        return [
            path("", wrap(self.listed), name="approvals_briefing_changelist"),
            path("read/", wrap(require_POST(self.read_all)), name="approvals_briefing_read_all"),
            path(of, wrap(self.show), name="approvals_briefing_of"),
            path(f"{of}read/", wrap(require_POST(self.read)), name="approvals_briefing_read"),
            path(f"{of}version/<int:number>/", wrap(self.show), name="approvals_briefing_version"),
        ]

    def listed(self, request: HttpRequest) -> HttpResponse:
        """What runs now, what comes and what is over; what the reader has not read is marked."""
        page = Paginator(briefings.listed(request.user), ROWS).get_page(request.GET.get("page"))
        lines = briefings.lines(list(page))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Briefings"),
            "page": page,
            "groups": [
                (title, [line for line in lines if line.rank == rank])
                for rank, title in GROUPS.items()
                if any(line.rank == rank for line in lines)
            ],
            "new": briefings.unread(request.user).count(),
        }
        return TemplateResponse(request, "approvals/briefings.html", context)

    def show(self, request: HttpRequest, campaign_pk: int, number: int | None = None) -> HttpResponse:
        """The newest version or the one that the address names; to who reads the plan a preview before there is one."""
        one = self._found(request, campaign_pk, number)
        return TemplateResponse(request, "approvals/briefing.html", self._context(request, one))

    def read(self, request: HttpRequest, campaign_pk: int) -> HttpResponse:
        """Keep that the reader has read the version that was shown to them."""
        one = self._found(request, campaign_pk, None)
        shown = request.POST.get("version", "")
        number = int(shown) if shown.isascii() and shown.isdecimal() and len(shown) < 10 else 0
        try:
            actions.mark_read(campaign=one.campaign, number=number, by=request.user, now=timezone.now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(reverse("admin:approvals_briefing_of", args=[campaign_pk]))
        messages.success(request, _("Kept: you have read the briefing of %(campaign)s.") % {"campaign": one.name})
        return HttpResponseRedirect(reverse("admin:approvals_briefing_changelist"))

    def read_all(self, request: HttpRequest) -> HttpResponse:
        number = actions.mark_all_read(by=request.user, now=timezone.now())
        text = ngettext("%(n)s briefing is marked as read.", "%(n)s briefings are marked as read.", number)
        messages.success(request, text % {"n": number})
        return HttpResponseRedirect(reverse("admin:approvals_briefing_changelist"))

    def _found(self, request: HttpRequest, campaign_pk: int, number: int | None) -> Read:
        one = briefings.read(request.user, campaign_pk, number) if max(campaign_pk, number or 0) < 2**63 else None
        if one is None:
            raise Http404
        return one

    def _context(self, request: HttpRequest, one: Read) -> dict[str, Any]:
        cards, total = briefings.others(one, request.user)
        kind, headline, what_to_do = briefing_lines.standing(one)
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Briefing: %(campaign)s") % {"campaign": one.name},
            "crumbs": [
                {"title": _("Briefings"), "url": reverse("admin:approvals_briefing_changelist")},
                {"title": one.name},
            ],
            "one": one,
            "campaign": one.campaign,
            "kind": kind,
            "headline": headline,
            "what_to_do": what_to_do,
            "offers": briefing_lines.offer_lines(one),
            "channels": briefing_lines.channel_line(one),
            "changes": briefing_lines.differences(one),
            "others": cards,
            "more_others": total - len(cards),
            "has_read": one.briefing is not None and briefings.has_read(request.user, one),
            "may_read_plan": one.briefing is None,
            "may_record": bool(once(request, "departments", lambda: departments_of(request.user))),
        }
