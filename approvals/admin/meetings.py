"""The meeting of a case: proposed or changed on one page, cancelled by a button, and its file for calendars."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions import meetings
from approvals.admin import case_page
from approvals.forms.conversation import MeetingForm
from approvals.meeting_file import answer_with
from approvals.models import Case, Meeting
from approvals.queries.invitees import meeting_of


def meet(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    """Propose a meeting, or change the one ahead: the form (GET), or what it says (POST)."""
    try:
        meetings.check_may_meet(request.user, case)
    except ValidationError as error:
        messages.info(request, " ".join(error.messages))
        return _back(case)
    meeting = meeting_of(case)
    ahead = meeting if meeting and meeting.is_ahead(timezone.now()) else None
    form = MeetingForm(request.POST) if request.method == "POST" else MeetingForm.of(ahead)
    if request.method == "POST" and form.is_valid() and _done(request, case, ahead, form):
        return _back(case)
    title = _("Change the meeting") if ahead else _("Propose a meeting")
    context = {
        **case_page.base_context(model_admin, request, case, title),
        "form": form,
        "meeting": ahead,
    }
    return TemplateResponse(request, "approvals/case_meeting.html", context)


def cancel(_model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    meeting = meeting_of(case)
    if meeting is None:
        messages.info(request, _("There is no meeting to cancel."))
        return _back(case)
    try:
        meetings.cancel(meeting=meeting, by=request.user, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Cancelled: everybody invited is told, and their calendars too."))
    return _back(case)


def send_file(_model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    meeting = meeting_of(case)
    if meeting is None:
        raise Http404
    return answer_with(meeting, case, now=timezone.now())


def _done(request: HttpRequest, case: Case, meeting: Meeting | None, form: MeetingForm) -> bool:
    asked = dict(form.cleaned_data)
    key, sequence = asked.pop("key"), asked.pop("sequence")
    who = {"by": request.user, "now": timezone.now()}
    try:
        if meeting and sequence is not None:
            meetings.change(meeting=meeting, sequence=sequence, **asked, **who)
            messages.success(request, _("Changed: everybody invited gets it for their calendar."))
        else:
            meetings.propose(case=case, key=key, **asked, **who)
            messages.success(request, _("Proposed: both sides and the mediator get it for their calendars."))
    except ValidationError as error:
        _add(form, error)
        return False
    return True


def _add(form: MeetingForm, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for field, errors in error.error_dict.items():
        form.add_error("day" if field == "starts_at" else field, errors)


def _back(case: Case) -> HttpResponse:
    return HttpResponseRedirect(f"{case_page.url(case)}#conversation")
