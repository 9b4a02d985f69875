"""Imports: what came in, how far it is, what was wrong with it, and the page that takes files."""

import csv
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from campaigns import wording
from campaigns.actions.dataset.parcels import longest_request
from campaigns.actions.dataset.runs import RESUME
from campaigns.actions.uploads import request_import
from campaigns.admin.visible import VisibleModelAdmin, roles, visible
from campaigns.choices import ImportState
from campaigns.forms.reasons import add_errors
from campaigns.forms.uploads import ImportForm
from campaigns.models import ImportRun
from customers.rules.spreadsheet import literal

BADGES = {
    ImportState.QUEUED: ("neutral", "schedule"),
    ImportState.CHECKING: ("info", "progress_activity"),
    ImportState.WRITING: ("info", "progress_activity"),
    ImportState.FINISHED: ("good", "check_circle"),
    ImportState.REFUSED: ("critical", "error"),
}
# Problems on the page; the file has all that are kept.
SHOWN = 100


@admin.register(ImportRun)
class ImportRunAdmin(VisibleModelAdmin):
    list_display = ("files", "started", "by", "state_badge", "tables", "number_rows")
    list_display_links = ("files",)
    list_select_related = ("requested_by",)
    ordering = ("-id",)
    change_list_template = "campaigns/imports.html"
    empty_first = gettext_lazy("Nothing was imported yet. Upload a ZIP file or the files of the tables.")

    def allows(self, request: HttpRequest) -> bool:
        return bool(roles(request) & {"analyst", "administrator"})

    def get_urls(self) -> list[URLPattern]:
        # Exempt here and protected below: the check reads the whole body, which is first to be weighed.
        upload = self.admin_site.admin_view(csrf_exempt(self.upload))
        problems = self.admin_site.admin_view(self.problems)
        return [
            path("upload/", upload, name="campaigns_importrun_upload"),
            path("<int:pk>/problems.csv", problems, name="campaigns_importrun_problems"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        is_running = visible(ImportRun, request.user).filter(finished_at__isnull=True).exclude(upload="").exists()
        return super().changelist_view(request, {"is_running": is_running, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = self.get_object(request, object_id)
        if run is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return TemplateResponse(request, "campaigns/import.html", self._page(request, run.source, **_facts(run)))

    def upload(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        limit = longest_request()
        if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
            form = ImportForm({}, {})
            form.errors.clear()
            text = _("The files are larger than %(size)d MB together.")
            form.add_error("files", text % {"size": settings.IMPORT_UPLOAD_MB})
            return self._upload_page(request, form, status=413)
        return csrf_protect(self._take_files)(request)

    def _take_files(self, request: HttpRequest) -> HttpResponse:
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST":
            form = ImportForm(request.POST, request.FILES)
        if request.method == "POST" and form.is_valid():
            files = [(one.name, one) for one in form.cleaned_data["files"]]
            try:
                run = request_import(
                    files=files, dry_run="dry_run" in request.POST, by=request.user, now=timezone.now()
                )
            except ValidationError as error:
                add_errors(form, ValidationError({"files": error}))
            else:
                return HttpResponseRedirect(reverse("admin:campaigns_importrun_change", args=[run.pk]))
        return self._upload_page(request, form)

    def _upload_page(self, request: HttpRequest, form: ImportForm, status: int = 200) -> HttpResponse:
        context = self._page(request, _("Import"), form=form, limit=settings.IMPORT_UPLOAD_MB)
        return TemplateResponse(request, "campaigns/import_upload.html", context, status=status)

    def problems(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What was wrong, as a file to work through; no cell of it is a formula."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(visible(ImportRun, request.user), pk=pk)
        answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="import-{pk}-problems.csv"'
        writer = csv.writer(answer)
        writer.writerow(["table", "row", "column", "problem"])
        writer.writerows(
            [literal(table), row or "", literal(column), literal(text)]
            for table, row, column, text in run.read_problems()
        )
        return answer

    def _page(self, request: HttpRequest, title: str, **context: Any) -> dict[str, Any]:
        address = reverse("admin:campaigns_importrun_changelist")
        crumbs = [{"title": _("Imports"), "url": address}, {"title": title}]
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "crumbs": crumbs,
            **context,
        }

    @admin.display(description=gettext_lazy("files"), ordering="source")
    def files(self, run: ImportRun) -> str:
        return run.source

    @admin.display(description=gettext_lazy("started"), ordering="started_at")
    def started(self, run: ImportRun) -> str:
        return format_html('<span class="c-nowrap">{}</span>', wording.moment(run.started_at))

    @admin.display(description=gettext_lazy("by"))
    def by(self, run: ImportRun) -> str:
        return wording.person(run.requested_by) or _("a command")

    @admin.display(description=gettext_lazy("state"))
    def state_badge(self, run: ImportRun) -> str:
        return _badge(run)

    @admin.display(description=gettext_lazy("tables"))
    def tables(self, run: ImportRun) -> str:
        lines = [
            (str(wording.TABLES.get(table, table)), number_format(_read(rows))) for table, rows in _counts(run).items()
        ]
        tables = format_html_join(", ", '<span class="c-nowrap">{} {}</span>', lines)
        return format_html("<span>{}</span>", tables or self.empty_value_display)

    @admin.display(description=gettext_lazy("rows read"))
    def number_rows(self, run: ImportRun) -> str:
        number = number_format(sum(map(_read, _counts(run).values())))
        return format_html('<span class="c-number">{}</span>', number)


def _facts(run: ImportRun) -> dict[str, Any]:
    """What the page of one import shows."""
    counts = _counts(run)
    whats = [what for what in wording.COUNTS if any(what in rows for rows in counts.values())]
    table = [
        (wording.TABLES.get(name, name), [(wording.COUNTS[what], rows.get(what)) for what in whats])
        for name, rows in counts.items()
    ]
    changed = sum(n for rows in counts.values() for what, n in rows.items() if what not in {"unchanged", "rows"})
    return {
        "run": run,
        "by": wording.person(run.requested_by) or _("a command"),
        "badge": _badge(run),
        "is_waiting": run.finished_at is None and bool(run.upload),
        "step": _step(run.at.get("step", "")),
        "whats": [wording.COUNTS[what] for what in whats],
        "table": table,
        "rows_read": sum(map(_read, counts.values())),
        "changed": changed,
        "problems": [(wording.TABLES.get(name, name), *rest) for name, *rest in run.read_problems()[:SHOWN]],
        "shown": min(len(run.problems), SHOWN),
        "kept": len(run.problems),
    }


def _badge(run: ImportRun) -> str:
    if run.state == ImportState.WRITING and not run.upload:
        return wording.badge("medium", "pending", _("Not finished: import the folder again to go on"))
    colour, icon = BADGES[ImportState(run.state)]
    if run.dry_run and run.state == ImportState.FINISHED:
        return wording.badge(colour, icon, _("Checked, nothing written"))
    return wording.badge(colour, icon, run.get_state_display())


def _step(step: str) -> str:
    """What an import is doing, in words."""
    what, _space, table = step.partition(" ")
    if what == "read":
        return _("reading %(table)s") % {"table": wording.TABLES.get(table, table)}
    if what == "check":
        return _("checking the codes that rows name") if table == "codes" else _("checking the cells")
    if what == "status":
        return _("setting the status of campaigns")
    return _("writing %(table)s") % {"table": wording.TABLES.get(step, step)} if step else ""


def _counts(run: ImportRun) -> dict[str, dict[str, int]]:
    return {table: rows for table, rows in run.rows.items() if table != RESUME}


def _read(rows: dict[str, int]) -> int:
    """Rows of the file, whatever became of them; what was removed stood in no file."""
    return sum(number for what, number in rows.items() if what != "removed")
