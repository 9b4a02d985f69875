"""The list of cases, and the way to the pages of one case."""

import re

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from approvals.admin import (
    appeals,
    case_page,
    conversation,
    decision,
    evidence,
    meetings,
    negotiation,
    objections,
    proposals,
    recusals,
    terms,
)
from approvals.admin.case_filters import DepartmentFilter, TurnFilter
from approvals.choices import CaseState
from approvals.models import Case
from approvals.queries.meetings import sides_of
from approvals.wording import case_state, distance
from campaigns import wording
from campaigns.models import Campaign
from customers.visible_admin import VisibleModelAdmin

# The one that runs: to agree, or to decide.
DEADLINE = Coalesce("decide_by", "agree_by")
LABEL = re.compile(r"^k-?(\d{1,18})$", re.IGNORECASE)


@admin.register(Case)
class CaseAdmin(VisibleModelAdmin):
    list_display = ("label", "parties", "level_badge", "state_badge", "deadline", "mediator_name")
    list_filter = (TurnFilter, "level", DepartmentFilter, "state")
    list_select_related = ("campaign_a__department", "campaign_b__department", "mediator")
    search_fields = ("campaign_a__code", "campaign_a__name", "campaign_b__code", "campaign_b__name")
    search_help_text = gettext_lazy("K-3, or a campaign")
    ordering = (DEADLINE,)
    empty_first = gettext_lazy(
        "No case is open. One opens by itself as soon as offers of two departments collide severely enough."
    )
    empty_found = gettext_lazy("No case matches these filters.")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """What is over has no deadline that matters: the newest first."""
        return ("-closed_at",) if request.GET.get("turn") == "closed" else self.ordering

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Case], search_term: str
    ) -> tuple[QuerySet[Case], bool]:
        if label := LABEL.match(search_term.strip()):
            return queryset.filter(pk=int(label[1])), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=gettext_lazy("case"), ordering="id")
    def label(self, case: Case) -> str:
        return case.label

    @admin.display(description=gettext_lazy("between"))
    def parties(self, case: Case) -> str:
        first, second = sides_of(case)
        return format_html("<div>{}{}</div>", _side(first), _side(second))

    @admin.display(description=gettext_lazy("level"))
    def level_badge(self, case: Case) -> str:
        return wording.level(case.level)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, case: Case) -> str:
        return case_state(case.state)

    @admin.display(description=gettext_lazy("deadline"), ordering=DEADLINE)
    def deadline(self, case: Case) -> str:
        now = timezone.now()
        if case.state == CaseState.NEGOTIATION:
            return _two_lines(wording.moment(case.agree_by), distance(case.agree_by, now))
        if case.state == CaseState.MEDIATION and case.decide_by:
            until = _("decision by %(moment)s") % {"moment": wording.moment(case.decide_by)}
            return _two_lines(until, distance(case.decide_by, now))
        if case.state == CaseState.MEDIATION:
            waits = _("in mediation since %(moment)s") % {"moment": wording.moment(case.escalated_at)}
            return _two_lines(_("decision is due"), waits)
        if case.state == CaseState.DETECTED:
            return _two_lines(_("not open yet"), wording.moment(case.detected_at))
        if case.state == CaseState.DECIDED:
            return _two_lines(_("takes effect"), wording.moment(case.takes_effect_at))
        return _two_lines(_("closed"), wording.moment(case.closed_at))

    @admin.display(description=gettext_lazy("mediator"), ordering="mediator__last_name")
    def mediator_name(self, case: Case) -> str:
        if case.mediator:
            return wording.person(case.mediator)
        return _("nobody is free") if case.state == CaseState.MEDIATION else self.empty_value_display

    def get_urls(self) -> list[URLPattern]:
        def page(view, *, post_only: bool = False):
            def loaded(request: HttpRequest, pk: int, **more: int) -> HttpResponse:
                return view(self, request, self.case_or_404(request, pk), **more)

            return self.admin_site.admin_view(require_POST(loaded) if post_only else loaded)

        pages = [
            ("products", evidence.products),
            ("customers", evidence.customers),
            ("days", evidence.days),
            ("remedies", proposals.remedies),
            ("escalate", negotiation.escalate),
            ("challenge", recusals.challenge),
            ("appeal", appeals.appeal),
            ("conversation", conversation.show),
            ("meeting", meetings.meet),
        ]
        steps = [
            ("open", appeals.open_now),
            ("review", decision.review),
            ("decide", decision.decide),
            ("step_aside", recusals.step_aside),
            ("propose", proposals.propose),
            ("answer", proposals.answer),
            ("retract", conversation.retract),
            ("cancel_meeting", meetings.cancel),
            ("terms", terms.review),
            ("propose_terms", terms.propose),
            ("answer_terms", terms.answer),
            ("more_time", terms.more_time),
            ("object", objections.object_to),
        ]
        # Exempt here and protected below: that check reads the whole body, which is first to be weighed.
        say = csrf_exempt(lambda request, pk: conversation.say(self, request, self.case_or_404(request, pk)))
        return [
            *(path(f"<int:pk>/{name}/", page(view), name=f"approvals_case_{name}") for name, view in pages),
            *(
                path(f"<int:pk>/{name}/", page(view, post_only=True), name=f"approvals_case_{name}")
                for name, view in steps
            ),
            path("<int:pk>/say/", self.admin_site.admin_view(say), name="approvals_case_say"),
            path("<int:pk>/files/<int:file_pk>/", page(conversation.send_file), name="approvals_case_file"),
            path("<int:pk>/meeting.ics", page(meetings.send_file), name="approvals_case_invitation"),
            *super().get_urls(),
        ]

    def change_view(self, request: HttpRequest, object_id: str, *args, **kwargs) -> HttpResponse:
        return case_page.show(self, request, self.case_or_404(request, object_id))

    def case_or_404(self, request: HttpRequest, pk: object) -> Case:
        """The only way to a case: whoever may not see it learns nothing, not even that it exists."""
        people = [f"campaign_{side}__{part}" for side in "ab" for part in ("accountable", "contact_person")]
        rows = self.get_queryset(request).select_related(*self.list_select_related, *people)
        case = rows.filter(pk=pk).first() if str(pk).isdecimal() else None
        if case is None:
            raise Http404
        return case


def _side(campaign: Campaign) -> str:
    return format_html('<div>{} <span class="c-muted">· {}</span></div>', campaign.name, campaign.department.name)


def _two_lines(first: str, second: str) -> str:
    return format_html('<div>{}<span class="c-minor">{}</span></div>', first, second)
