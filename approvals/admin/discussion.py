"""The discussion of a campaign: its page, and the buttons that say, retract, watch and stop watching."""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from approvals.actions import discussion
from approvals.forms.reviews import CommentForm
from approvals.models import Comment
from approvals.queries.discussion import comments_of, newer_than, voice_of
from campaigns.models import Campaign
from customers.visible_admin import VisibleModelAdmin

ROWS = 25


@admin.register(Comment)
class CommentAdmin(VisibleModelAdmin):
    """Comments are read with their campaign, so the model has the pages of a discussion and no others."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        of = "of/<int:campaign_pk>/"
        return [
            path(of, wrap(self.thread), name="approvals_comment_thread"),
            path(f"{of}write/", wrap(require_POST(self.write)), name="approvals_comment_write"),
            path(f"{of}watch/", wrap(require_POST(self.watch)), name="approvals_comment_watch"),
            path("<int:pk>/retract/", wrap(require_POST(self.retract)), name="approvals_comment_retract"),
        ]

    def thread(self, request: HttpRequest, campaign_pk: int) -> HttpResponse:
        """All comments, the newest first; with `?comment=` the page that holds that one."""
        return self._show(request, _campaign(request, campaign_pk), CommentForm())

    def write(self, request: HttpRequest, campaign_pk: int) -> HttpResponse:
        campaign = _campaign(request, campaign_pk)
        discussion.check_may_speak(request.user, campaign)
        form = CommentForm(request.POST)
        if form.is_valid():
            try:
                comment = discussion.write(campaign=campaign, by=request.user, now=timezone.now(), **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("Your comment is there; who watches the campaign is told."))
                return _back(request, campaign, f"comment-{comment.pk}")
        return self._show(request, campaign, form)

    def watch(self, request: HttpRequest, campaign_pk: int) -> HttpResponse:
        campaign = _campaign(request, campaign_pk)
        if request.POST.get("do") == "stop":
            discussion.unwatch(campaign=campaign, by=request.user, now=timezone.now())
            messages.success(request, _("You hear of this campaign only where you are mentioned."))
        else:
            discussion.watch(campaign=campaign, by=request.user, now=timezone.now())
            messages.success(request, _("You are told of comments and of each change of the status."))
        return _back(request, campaign, "discussion")

    def retract(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = self.get_queryset(request).select_related("campaign")
        comment = rows.filter(pk=pk).first()
        if comment is None:
            raise Http404
        discussion.retract(comment=comment, by=request.user, now=timezone.now())
        messages.success(request, _("Retracted: nobody reads the text any more."))
        return _back(request, comment.campaign, f"comment-{comment.pk}")

    def _show(self, request: HttpRequest, campaign: Campaign, form: CommentForm) -> HttpResponse:
        page = Paginator(comments_of(campaign), ROWS).get_page(_page_asked_for(request, campaign))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Discussion of %(campaign)s") % {"campaign": campaign.name},
            "crumbs": [
                {"title": _("Campaigns"), "url": reverse("admin:campaigns_campaign_changelist")},
                {"title": campaign.name, "url": _campaign_url(campaign)},
                {"title": _("Discussion")},
            ],
            "campaign": campaign,
            "comments": page,
            "form": form,
            "voice": voice_of(request.user, campaign),
            "on": "thread",
            "me": request.user,
        }
        return TemplateResponse(request, "approvals/discussion.html", context)


def _campaign(request: HttpRequest, pk: int) -> Campaign:
    rows = Campaign.objects.visible(request.user).select_related("department")
    campaign = rows.filter(pk=pk).first()
    if campaign is None:
        raise Http404
    return campaign


def _page_asked_for(request: HttpRequest, campaign: Campaign) -> object:
    asked = request.GET.get("comment", "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 19):
        return request.GET.get("page")
    comment = Comment.objects.filter(campaign=campaign, pk=int(asked)).first()
    return newer_than(comment) // ROWS + 1 if comment else 1


def _back(request: HttpRequest, campaign: Campaign, anchor: str) -> HttpResponse:
    """To the page from which the form was sent."""
    is_thread = request.POST.get("on") == "thread"
    if not is_thread:
        return HttpResponseRedirect(f"{_campaign_url(campaign)}#{anchor}")
    number = anchor.removeprefix("comment-")
    query = f"?comment={number}" if number != anchor else ""
    thread = reverse("admin:approvals_comment_thread", args=[campaign.pk])
    return HttpResponseRedirect(f"{thread}{query}#{anchor}")


def _campaign_url(campaign: Campaign) -> str:
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])
