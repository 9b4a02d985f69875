"""The page of a campaign's RACI matrix: filled by hand, from a template, another campaign or a file, and saved at once."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import wording
from campaigns.actions import access, lifecycle, raci, raci_templates
from campaigns.admin import campaign_page
from campaigns.admin.visible import number, visible
from campaigns.forms.matrix import Matrix
from campaigns.forms.matrix_file import MatrixFile, write
from campaigns.models import Campaign, Department, Membership, RaciTemplate
from campaigns.permissions import can_appoint
from campaigns.queries.chronicles import history_of
from campaigns.queries.raci import cells_of, cells_of_template, matrix_of
from campaigns.rules.lifecycle import EDITABLE
from campaigns.rules.raci import MANY_C

CHANGES_SHOWN = 20


def change(request: HttpRequest, model_admin: ModelAdmin, pk: int, *, now: datetime) -> HttpResponse:
    campaign = campaign_page.find(model_admin, request, pk)
    if not can_appoint(request.user, campaign) or campaign.status not in EDITABLE:
        raise PermissionDenied
    if request.method == "POST":
        with transaction.atomic():
            # What was seen is compared under the locks, in the order in which everybody takes them.
            access.lock_departments(Department.objects.values_list("pk", flat=True))
            campaign = lifecycle.lock_campaign(campaign)
            page = _Page(request, campaign)
            page.post(now)
        if page.is_done:
            return HttpResponseRedirect(campaign_page.url(campaign, "raci" if page.stays else "change") + "#raci")
    else:
        page = _Page(request, campaign)
        page.fill()
    context = campaign_page.page(request, model_admin, campaign, _("RACI matrix"), **page.context())
    return TemplateResponse(request, "campaigns/raci.html", context, status=409 if page.is_stale else 200)


def download(request: HttpRequest, model_admin: ModelAdmin, pk: int) -> HttpResponse:
    """The matrix as a file; whoever reads the campaign reads it."""
    campaign = campaign_page.find(model_admin, request, pk)
    answer = HttpResponse("\ufeff" + write(campaign), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="raci-{campaign.pk}.csv"'
    return answer


class _Page:
    """One request for the page: what it asks for, and what came of it."""

    def __init__(self, request: HttpRequest, campaign: Campaign) -> None:
        self.request, self.campaign = request, campaign
        members = Membership.objects.visible(request.user).filter(user__is_active=True, user__is_staff=True)
        self.matrix = Matrix(
            campaign,
            departments=list(visible(Department, request.user)),
            members=list(members.select_related("user", "department").order_by("user__first_name", "user__username")),
            colleagues=list(visible(User, request.user)),
        )
        self.errors: list[str] = []
        self.notes: list[str] = []
        self.is_done = self.is_stale = self.stays = False

    def fill(self) -> None:
        """Begin with a template (?template=) or with the matrix of another campaign (?copy=, its code)."""
        template, code = self.request.GET.get("template", ""), self.request.GET.get("copy", "").strip()
        if template:
            found = visible(RaciTemplate, self.request.user).filter(pk=number(template)).first()
            if found is None:
                self.errors.append(_("This template is gone: choose another one."))
            else:
                self.matrix.fill(cells_of_template(found, self.campaign.department), with_people=False)
                self._say_not_saved(_("the template “%(name)s”") % {"name": found.name})
        elif code:
            other = visible(Campaign, self.request.user).filter(code=code).first() if "\x00" not in code else None
            if other is None:
                self.errors.append(_("There is no campaign “%(code)s” that you may read.") % {"code": code})
            else:
                self.matrix.fill(cells_of(matrix_of(other)), with_people=True)
                self._say_not_saved(_("the matrix of %(campaign)s") % {"campaign": other.name})

    def post(self, now: datetime) -> None:
        data = self.request.POST
        if data.get("do") == "keep":
            self._keep(now)
            return
        self.errors = self.matrix.read(data)
        self.is_stale = data.get("seen") != self.matrix.seen
        match data.get("do", "save"):
            case "person":
                if not self.matrix.add_column(data.get("new-person", "")):
                    self.errors.append(_("Choose the person to add from the list."))
            case "activity":
                if not self.matrix.add_activity(data.get("new-activity", "")):
                    self.errors.append(_("Choose the activity to add from the list."))
            case "file":
                self._read_file()
            case what if what.startswith("drop-"):
                self.matrix.drop_activity(what.removeprefix("drop-"))
            case _save if not self.errors:
                self._save(now)

    def context(self) -> dict[str, Any]:
        rows = self.matrix.rows()
        return {
            "matrix": self.matrix,
            "asked": {"template": self.request.GET.get("template", ""), "copied": self.request.GET.get("copy", "")},
            "rows": rows,
            "errors": self.errors,
            "notes": self.notes,
            "choices": [(person.pk, wording.person(person)) for person in self.matrix.colleagues],
            "templates": visible(RaciTemplate, self.request.user),
            "history": history_of(self.campaign, self.request.user).filter(verb="raci")[:CHANGES_SHOWN],
            "download": reverse("admin:campaigns_campaign_raci_file", args=[self.campaign.pk]),
            "incomplete": sum(any(flaw != MANY_C for flaw in row["flaws"]) for row in rows),
        }

    def _save(self, now: datetime) -> None:
        try:
            raci.set_matrix(campaign=self.campaign, by=self.request.user, now=now, **self.matrix.written())
        except ValidationError as error:
            self.errors = error.messages
        else:
            messages.success(self.request, _("Matrix saved; rights follow it from now on."))
            self.is_done = True

    def _keep(self, now: datetime) -> None:
        try:
            kept = raci_templates.keep(
                campaign=self.campaign, name=self.request.POST.get("name", "").strip(), by=self.request.user, now=now
            )
        except ValidationError as error:
            self.errors = error.messages
        else:
            messages.success(
                self.request, _("The template “%(name)s” is there for every campaign.") % {"name": kept.name}
            )
            self.is_done = self.stays = True

    def _read_file(self) -> None:
        sent = self.request.FILES.get("file")
        if sent is None:
            self.errors.append(_("Choose the CSV file first."))
            return
        file = MatrixFile(
            sent.read(),
            departments=self.matrix.departments,
            members=list(self.matrix.members.values()),
            people=self.matrix.colleagues,
        )
        if file.wrong:
            self.errors += file.wrong
        else:
            self.matrix.fill(file.cells, with_people=True)
            self._say_not_saved(_("the file %(name)s") % {"name": sent.name})

    def _say_not_saved(self, source: str) -> None:
        self.notes.append(
            _("The cells below are from %(source)s. Nothing is saved yet: look, then save.") % {"source": source}
        )
