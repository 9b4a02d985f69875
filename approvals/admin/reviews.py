"""The pages on which a plan is submitted, reviewed section by section, and compared with what it was."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals import review_lines
from approvals.actions import reviews
from approvals.admin.review_filters import WaitsFilter
from approvals.forms.reviews import RevokeForm, SubmitForm, VoteForm
from approvals.models import Review
from approvals.queries.reviews import reviewed, reviewed_one, sections_waiting, stands_in_for
from approvals.rules import routing
from approvals.wording import distance
from campaigns import wording
from campaigns.actions.lifecycle import gaps_before_submit
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign, Collision, Version
from campaigns.permissions import answers_for, sees_plans, staff_role
from campaigns.queries.brief import shown_warnings
from campaigns.queries.listing import on_any_side, undecided
from campaigns.queries.versions import current, of_hashes, versions_of
from campaigns.rules.lifecycle import REVIEWED
from customers.clock import local_day
from customers.visible_admin import VisibleModelAdmin, once

WARNED = 20


@admin.register(Review)
class ReviewAdmin(VisibleModelAdmin):
    list_display = ("plan", "days", "asked", "due", "how_far")
    list_filter = (WaitsFilter,)
    list_select_related = ("campaign__department", "campaign__accountable")
    search_fields = ("campaign__code", "campaign__name")
    ordering = ("due_at", "id")
    empty_first = gettext_lazy("No plan waits for an approval. One does as soon as its A submits it.")
    empty_found = gettext_lazy("Nothing waits here.")

    def allows(self, request: HttpRequest) -> bool:
        return sees_plans(once(request, "roles", lambda: staff_role(request.user)))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        return super().get_queryset(request).filter(closed_at__isnull=True)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """How far each plan on the page is takes the same number of queries for all of them."""
        changelist = super().get_changelist_instance(request)
        changelist.result_list = list(changelist.result_list)
        self._standing = reviewed([review.campaign_id for review in changelist.result_list], as_kept=True)
        return changelist

    @admin.display(description=gettext_lazy("campaign"))
    def plan(self, review: Review) -> str:
        campaign = review.campaign
        return format_html(
            '<div>{}<span class="c-minor">{} · {}</span></div>', campaign.name, campaign.code, campaign.department.name
        )

    @admin.display(description=gettext_lazy("days"))
    def days(self, review: Review) -> str:
        return wording.period(review.campaign.starts_on, review.campaign.ends_before)

    @admin.display(description=gettext_lazy("asked for"), ordering="opened_at")
    def asked(self, review: Review) -> str:
        return wording.moment(review.opened_at)

    @admin.display(description=gettext_lazy("due"), ordering="due_at")
    def due(self, review: Review) -> str:
        left = distance(review.due_at, timezone.now())
        return format_html('<div>{}<span class="c-minor">{}</span></div>', wording.moment(review.due_at), left)

    @admin.display(description=gettext_lazy("is missing"))
    def how_far(self, review: Review) -> str:
        return review_lines.missing_in_words(self._standing[review.campaign_id])

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        review = self.get_queryset(request).filter(pk=object_id).first() if str(object_id).isdecimal() else None
        if review is None:
            raise Http404
        return HttpResponseRedirect(review_lines.url(review.campaign))

    def get_urls(self) -> list[URLPattern]:
        def page(view: Callable[[HttpRequest, Campaign], HttpResponse]) -> Callable[..., HttpResponse]:
            def loaded(request: HttpRequest, campaign_pk: int) -> HttpResponse:
                return view(request, self.campaign_or_404(request, campaign_pk))

            return self.admin_site.admin_view(loaded)

        pages = [
            ("", self.review, "approvals_review_campaign"),
            ("submit/", self.submit, "approvals_review_submit"),
            ("revoke/", self.revoke, "approvals_review_revoke"),
            ("versions/", self.versions, "approvals_review_versions"),
        ]
        own = [path(f"campaign/<int:campaign_pk>/{route}", page(view), name=name) for route, view, name in pages]
        return [*own, *super().get_urls()]

    def campaign_or_404(self, request: HttpRequest, pk: int) -> Campaign:
        rows = Campaign.objects.visible(request.user).select_related("department", "accountable", "contact_person")
        campaign = rows.filter(pk=pk).first() if self.has_view_permission(request) and pk < 2**63 else None
        if campaign is None:
            raise Http404
        return campaign

    def submit(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        """Show what submitting does and who will be asked (GET), or submit (POST)."""
        if not answers_for(request.user, campaign):
            raise PermissionDenied(_("Whoever answers for the campaign (A) submits it."))
        form = SubmitForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                reviews.submit(campaign=campaign, by=request.user, now=timezone.now(), **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("Submitted. Collisions appear here within seconds."))
                return HttpResponseRedirect(review_lines.campaign_url(campaign))
        one = reviewed_one(campaign)
        context = {
            **_context(self, request, campaign, _("Submit the campaign")),
            "form": form,
            "is_possible": campaign.status == CampaignStatus.DRAFT,
            "gaps": [*gaps_before_submit(campaign, now=timezone.now()), *reviews.problems_of(one, now=timezone.now())],
            **_warnings(request, campaign),
            "asked": review_lines.requirement_lines(one),
            "sections": review_lines.section_lines(one, []),
            "content_hash": one.hash,
        }
        return TemplateResponse(request, "approvals/review_submit.html", context, status=409 if form.errors else 200)

    def review(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        """Show the plan section by section with all votes (GET), or vote (POST)."""
        one = reviewed_one(campaign)
        people = [request.user.pk, *stands_in_for(request.user, timezone.now())]
        asked = sections_waiting(one, people)
        form = VoteForm(review_lines.choices(one, people, asked), request.POST or None)
        stale: list[Any] = []
        if request.method == "POST" and form.is_valid():
            try:
                after = reviews.vote(
                    campaign=campaign,
                    decision=form.cleaned_data["decision"],
                    shown=form.shown,
                    comment=form.cleaned_data["comment"],
                    by=request.user,
                    now=timezone.now(),
                )
            except ValidationError as error:
                form.add_error(None, error)
                if getattr(error, "code", "") == "stale":
                    one = reviewed_one(campaign)
                    before = of_hashes(campaign.pk, form.shown.items())
                    now = {section: content for section, content in current(one.content).items() if section in before}
                    stale = review_lines.difference_lines(before, now, one.departments)
            else:
                messages.success(request, _done(form.cleaned_data["decision"], campaign, after))
                return HttpResponseRedirect(review_lines.campaign_url(campaign))
        return self._reviewed(request, campaign, one, people, asked, form, stale)

    def _reviewed(
        self,
        request: HttpRequest,
        campaign: Campaign,
        one: Any,
        people: list[int],
        asked: list[str],
        form: VoteForm,
        stale: list[Any],
    ) -> HttpResponse:
        # What is voted on next is what is shown now.
        form.offered = review_lines.choices(one, people, asked)
        context = {
            **_context(self, request, campaign, _("Review")),
            "one": one,
            "form": form,
            "may_vote": bool(form.offered) and campaign.status in REVIEWED,
            "asked": review_lines.requirement_lines(one),
            "sections": review_lines.section_lines(one, asked),
            "votes": review_lines.vote_lines(one),
            "may_revoke": review_lines.may_revoke(one, request.user),
            "stale": stale,
            "open_collisions": undecided(Collision.objects.visible(request.user))
            .filter(on_any_side("campaign", campaign))
            .count(),
        }
        is_stale = form.is_bound and any(error.code == "stale" for error in form.non_field_errors().as_data())
        status = 409 if is_stale else 200
        return TemplateResponse(request, "approvals/review_campaign.html", context, status=status)

    def revoke(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        """Take one's own votes back, and say why."""
        one = reviewed_one(campaign)
        form = RevokeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                reviews.revoke(campaign=campaign, by=request.user, now=timezone.now(), **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("Taken back. Everybody concerned sees it."))
                return HttpResponseRedirect(review_lines.campaign_url(campaign))
        context = {
            **_context(self, request, campaign, _("Take back what I said")),
            "form": form,
            "mine": [line for line in review_lines.vote_lines(one) if line.vote.voter_id == request.user.pk],
            "is_possible": review_lines.may_revoke(one, request.user),
        }
        return TemplateResponse(request, "approvals/review_revoke.html", context)

    def versions(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        """Two versions of the plan beside each other: `?from=1&to=3`; without, the last two."""
        kept = versions_of(campaign)
        chosen = _chosen(request, kept)
        lines = []
        if chosen:
            lines = review_lines.version_differences(*chosen)
        context = {
            **_context(self, request, campaign, _("Versions")),
            "versions": kept,
            "before": chosen[0] if chosen else None,
            "after": chosen[1] if chosen else None,
            "lines": lines,
        }
        return TemplateResponse(request, "approvals/review_versions.html", context)


def _done(decision: str, before: Campaign, after: Campaign) -> str:
    if before.status != after.status and after.status == CampaignStatus.APPROVED:
        return _("Approved: everybody has agreed. It goes live by itself on its first day.")
    if decision == routing.APPROVE:
        return _("Your approval is kept. The campaign is approved once nobody is missing.")
    if decision == routing.CHANGES:
        return _("Kept. Whoever answers for the campaign was told what should change.")
    return _("Your comment is kept.")


def _context(model_admin: ModelAdmin, request: HttpRequest, campaign: Campaign, title: str) -> dict[str, Any]:
    """What every page of a review needs around its content."""
    return {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": f"{title} · {campaign.name}",
        "heading": title,
        "campaign": campaign,
        "campaign_url": review_lines.campaign_url(campaign),
        "crumbs": [
            {"title": _("Campaigns"), "url": reverse("admin:campaigns_campaign_changelist")},
            {"title": campaign.name, "url": review_lines.campaign_url(campaign)},
            {"title": title},
        ],
    }


def _chosen(request: HttpRequest, kept: Sequence[Version]) -> tuple[Version, Version] | None:
    """The versions that the address names, the earlier first; the last two where it names none that there are."""
    by_number = {str(version.number): version for version in kept}
    before, after = by_number.get(request.GET.get("from", "")), by_number.get(request.GET.get("to", ""))
    if before and after and before != after:
        return (before, after) if before.number < after.number else (after, before)
    return (kept[1], kept[0]) if len(kept) > 1 else None


def _warnings(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """The first of what is worth a second look, for the part of the page that a campaign's own page has too."""
    found = shown_warnings(campaign, request.user, today=local_day(timezone.now()))
    return {"warnings": found[:WARNED], "warning_count": len(found)}
