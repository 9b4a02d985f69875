"""The conversation of a case on a page of its own, and the buttons that state, retract and send a file."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect

from approvals import attachment_file
from approvals.actions import statements
from approvals.admin import case_page
from approvals.choices import OPEN_STATES
from approvals.forms.conversation import StatementForm
from approvals.models import Attachment, Case, Statement
from approvals.queries.statements import newer_than, part_of, statements_of

ROWS = 25


def show(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    """All that was said, the newest first; with `?statement=` the page that holds that one."""
    return _page(model_admin, request, case, StatementForm(part_of(request.user, case).sides))


def say(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    """Take a statement with its files. Weighed first: the check against forged requests reads the whole body."""
    if attachment_file.is_too_long(request):
        form = StatementForm(part_of(request.user, case).sides)
        answer = _page(model_admin, request, case, form, too_long=attachment_file.too_long())
        answer.status_code = 413
        return answer
    return csrf_protect(_say)(request, model_admin, case)


def _say(request: HttpRequest, model_admin: ModelAdmin, case: Case) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(case_page.url(case, "conversation"))
    form = StatementForm(part_of(request.user, case).sides, request.POST, request.FILES)
    try:
        statements.check_may_speak(request.user, case)
        if form.is_valid():
            statement = statements.state(case=case, by=request.user, now=timezone.now(), **form.asked())
            messages.success(request, _("It is there: both sides and the mediator are told."))
            return HttpResponseRedirect(_url(case, statement))
    except ValidationError as error:
        _add(form, error)
    return _page(model_admin, request, case, form)


def retract(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    asked = request.POST.get("statement", "")
    statement = _found(case, asked)
    if statement is None:
        raise Http404
    statements.retract(statement=statement, by=request.user, now=timezone.now())
    messages.success(request, _("Retracted: nobody reads it any more, nor its files."))
    return HttpResponseRedirect(_url(case, statement))


def send_file(_model_admin: ModelAdmin, request: HttpRequest, case: Case, file_pk: int) -> HttpResponse:
    rows = Attachment.objects.visible(request.user).filter(statement__case=case, pk=file_pk)
    found = rows.defer(None).first()
    if found is None:
        raise Http404
    return attachment_file.sent(found)


def _page(
    model_admin: ModelAdmin, request: HttpRequest, case: Case, form: StatementForm, **more: object
) -> HttpResponse:
    rows = Paginator(statements_of(case), ROWS).get_page(_page_asked_for(request, case))
    context = {
        **case_page.base_context(model_admin, request, case, _("Conversation")),
        "statements": rows,
        "statement_form": form,
        "part": part_of(request.user, case),
        "case_is_open": case.state in OPEN_STATES,
        "me": request.user,
        **more,
    }
    return TemplateResponse(request, "approvals/conversation.html", context)


def _page_asked_for(request: HttpRequest, case: Case) -> object:
    asked = request.GET.get("statement")
    if asked is None:
        return request.GET.get("page")
    statement = _found(case, asked)
    return newer_than(statement) // ROWS + 1 if statement else 1


def _found(case: Case, asked: str) -> Statement | None:
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 19):
        return None
    found: Statement | None = Statement.objects.filter(case=case, pk=int(asked)).first()
    return found


def _url(case: Case, statement: Statement) -> str:
    return f"{case_page.url(case, 'conversation')}?statement={statement.pk}#statement-{statement.pk}"


def _add(form: StatementForm, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for field, errors in error.error_dict.items():
        form.add_error(field if field in form.fields else None, errors)
