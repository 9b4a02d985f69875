"""What the machine did: detections of everything."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns import wording
from campaigns.actions.collisions import request_detection
from campaigns.admin.visible import VisibleModelAdmin, roles
from campaigns.models import DetectionRun
from campaigns.permissions import can_detect


@admin.register(DetectionRun)
class DetectionRunAdmin(VisibleModelAdmin):
    list_display = ("asked", "by", "state", "parts", "number_seconds", "number_offers", "number_collisions")
    list_display_links = None
    list_select_related = ("requested_by",)
    ordering = ("-id",)
    change_list_template = "campaigns/detections.html"
    empty_first = gettext_lazy(
        "Nobody has asked for a detection yet, and the first one of the schedule is still to come."
    )

    def allows(self, request: HttpRequest) -> bool:
        return can_detect(roles(request))

    def get_urls(self) -> list[URLPattern]:
        detect = self.admin_site.admin_view(require_POST(self.detect))
        return [path("detect/", detect, name="campaigns_detectionrun_detect"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        is_running = DetectionRun.objects.filter(finished_at__isnull=True).exists()
        return super().changelist_view(request, {"is_running": is_running, **(extra_context or {})})

    def change_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:campaigns_detectionrun_changelist"))

    def detect(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        request_detection(by=request.user, now=timezone.now())
        messages.success(request, _("Detection asked for. This page follows it."))
        return HttpResponseRedirect(reverse("admin:campaigns_detectionrun_changelist"))

    @admin.display(description=gettext_lazy("asked for"), ordering="requested_at")
    def asked(self, run: DetectionRun) -> str:
        return wording.moment(run.requested_at)

    @admin.display(description=gettext_lazy("by"))
    def by(self, run: DetectionRun) -> str:
        return wording.person(run.requested_by) or _("the schedule")

    @admin.display(description=gettext_lazy("state"))
    def state(self, run: DetectionRun) -> str:
        if run.finished_at:
            return wording.badge("good", "check_circle", _("Finished"))
        if run.started_at:
            return wording.badge("info", "progress_activity", _("Running"))
        return wording.badge("neutral", "schedule", _("Waits for a worker"))

    @admin.display(description=gettext_lazy("parts done"))
    def parts(self, run: DetectionRun) -> str:
        if not run.started_at:
            return format_html('<span class="c-number">{}</span>', "—")
        numbers = {"done": number_format(run.shards_done), "of": number_format(run.shards)}
        return format_html('<span class="c-number">{}</span>', _("%(done)s of %(of)s") % numbers)

    @admin.display(description=gettext_lazy("took"))
    def number_seconds(self, run: DetectionRun) -> str:
        if not (run.started_at and run.finished_at):
            return format_html('<span class="c-number">{}</span>', "—")
        seconds = (run.finished_at - run.started_at).total_seconds()
        return format_html('<span class="c-number">{} s</span>', number_format(f"{seconds:.1f}"))

    @admin.display(description=gettext_lazy("offers"), ordering="offers")
    def number_offers(self, run: DetectionRun) -> str:
        return _number(run.offers)

    @admin.display(description=gettext_lazy("collisions"), ordering="pairs")
    def number_collisions(self, run: DetectionRun) -> str:
        return _number(run.pairs)


def _number(number: int) -> str:
    return format_html('<span class="c-number">{}</span>', number_format(number))
