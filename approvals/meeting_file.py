"""The meeting of a case as a file to open with a calendar, for pages and the API."""

from datetime import datetime

from django.http import HttpResponse

from approvals.actions.invitation_file import PUBLISH, invitation
from approvals.models import Case, Meeting
from approvals.queries.conversation_news import of_meeting

MEDIA_TYPE = "text/calendar; charset=utf-8"


def answer_with(meeting: Meeting, case: Case, *, now: datetime) -> HttpResponse:
    text = invitation(of_meeting(meeting, case, now=now), PUBLISH).replace("\n", "\r\n")
    answer = HttpResponse(text.encode(), content_type=MEDIA_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{case.label}.ics"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
