"""What the page of a case shows of its conversation: facts and claims beside each other, the newest comments, the meeting."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from approvals.choices import OPEN_STATES, StatementKind
from approvals.forms.conversation import StatementForm
from approvals.models import Case, Statement
from approvals.queries.invitees import meeting_of
from approvals.queries.statements import part_of, stated, statements_of

# Comments, and facts and claims of each side: all others are a click away.
SHOWN = 4


def block(request: HttpRequest, case: Case) -> dict[str, Any]:
    part = part_of(request.user, case)
    said = stated(case, SHOWN)
    comments = statements_of(case).filter(kind=StatementKind.COMMENT)
    total = Statement.objects.filter(case=case).count()
    meeting = meeting_of(case)
    return {
        "said": said,
        "comments": comments[:SHOWN],
        "total": total,
        "part": part,
        "statement_form": StatementForm(part.sides),
        "meeting": meeting,
        "is_ahead": meeting is not None and meeting.is_ahead(timezone.now()),
        "case_is_open": case.state in OPEN_STATES,
        "me": request.user,
    }
