"""The conversation of a case: what is said in it, files, and the meeting of its parties."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from approvals import attachment_file, meeting_file
from approvals.actions import dossier, meetings, statements
from approvals.api.conversation_serializers import (
    MeetingSerializer,
    MeetSerializer,
    NewStatementSerializer,
    StatementSerializer,
)
from approvals.models import Attachment, Case, Meeting, Statement
from approvals.queries.invitees import meeting_of
from approvals.queries.statements import statements_of
from approvals.rules.attachments import LARGEST, MEDIA_TYPES
from campaigns.models import Campaign
from customers.rest.etags import EtagMixin, etag_of
from customers.rest.idempotency import HEADER, idempotent
from customers.rest.problems import TooLarge
from customers.rest.viewsets import StrictViewSet

FILE: Any = {(200, media_type): OpenApiTypes.BINARY for media_type in sorted(MEDIA_TYPES.values())}
CALENDAR: Any = {(200, "text/calendar"): OpenApiTypes.STR}


class ConversationViewSet(EtagMixin, StrictViewSet):
    """What the sides of a case and its mediator say, and when they meet; for all who may see the case."""

    queryset = Case.objects.none()
    lookup_value_regex = "[0-9]{1,18}"
    filter_backends: ClassVar = []
    serializer_class = StatementSerializer
    action_parameters: ClassVar = {"statements": {"page", "page_size"}}

    def get_queryset(self) -> QuerySet:
        people = [
            f"campaign_{side}__{who}" for side in "ab" for who in ("department", "accountable", "contact_person")
        ]
        return Case.objects.visible(self.request.user).select_related("mediator", *people)

    def get_parsers(self) -> list[Any]:
        # Files come as a form.
        takes_files = getattr(self, "action_map", {}).get("post") == "state"
        return [JSONParser(), MultiPartParser()] if takes_files else super().get_parsers()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Before anybody signs in: with a session the check against forged requests reads the whole body.
        if self.action == "state" and attachment_file.is_too_long(request):
            raise TooLarge(attachment_file.too_long())
        super().initial(request, *args, **kwargs)

    @extend_schema(responses=StatementSerializer(many=True), filters=False)
    @action(detail=True)
    def statements(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What was said, the newest first."""
        page = self.paginate_queryset(statements_of(self.get_object()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        request={"application/json": NewStatementSerializer, "multipart/form-data": NewStatementSerializer},
        responses={201: StatementSerializer},
        filters=False,
    )
    @statements.mapping.post
    @idempotent
    def state(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """State a fact or a claim, or comment, with files. For whoever speaks for a side; the mediator comments."""
        case = self.get_object()
        statements.check_may_speak(request.user, case)
        sent = NewStatementSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = dict(sent.validated_data)
        asked["side"] = _side(case, asked["side"])
        asked["files"] = [(one.name, one.read(LARGEST + 1)) for one in asked["files"]]
        made = statements.state(case=case, by=request.user, now=timezone.now(), **asked)
        data = self.get_serializer(statements_of(case).get(pk=made.pk)).data
        return Response(data, status=status.HTTP_201_CREATED, headers={"ETag": etag_of(data)})

    @extend_schema(responses=MeetingSerializer, filters=False)
    @action(detail=True, serializer_class=MeetingSerializer)
    def meeting(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The meeting that is ahead, or the last one."""
        return self.tagged(self._meeting())

    @extend_schema(request=MeetSerializer, responses={201: MeetingSerializer}, filters=False)
    @meeting.mapping.post
    @idempotent
    def meet(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Propose a meeting: everybody whom the case concerns is invited by mail, with a file for their calendar."""
        case = self.get_object()
        asked = self._asked(case)
        key = request.headers.get(HEADER, "")
        key = f"api:{request.user.pk}:{key}" if key else ""
        made = meetings.propose(case=case, by=request.user, now=timezone.now(), key=key, **asked)
        data = self.get_serializer(made).data
        return Response(data, status=status.HTTP_201_CREATED, headers={"ETag": etag_of(data)})

    @extend_schema(request=MeetSerializer, responses=MeetingSerializer, filters=False)
    @action(detail=True, methods=["post"], url_path="meeting/change", serializer_class=MeetingSerializer)
    @idempotent
    def change_meeting(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the meeting ahead: everybody invited gets the new version for their calendar."""
        case = dossier.locked(self.get_object().pk)
        asked = self._asked(case)
        meeting = self._meeting()
        self.check_match(meeting)
        return self.tagged(meetings.change(meeting=meeting, by=request.user, now=timezone.now(), **asked))

    @extend_schema(request=None, responses=MeetingSerializer, filters=False)
    @action(detail=True, methods=["post"], url_path="meeting/cancel", serializer_class=MeetingSerializer)
    @idempotent
    def cancel_meeting(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Cancel the meeting ahead: everybody invited is told, and their calendars too."""
        case = dossier.locked(self.get_object().pk)
        meetings.check_may_meet(request.user, case)
        meeting = self._meeting()
        self.check_match(meeting)
        return self.tagged(meetings.cancel(meeting=meeting, by=request.user, now=timezone.now()))

    @extend_schema(responses=CALENDAR, filters=False)
    @action(detail=True, url_path="meeting/file")
    def meeting_file(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The meeting as an iCalendar file."""
        return meeting_file.answer_with(self._meeting(), self.get_object(), now=timezone.now())

    def _asked(self, case: Case) -> dict[str, Any]:
        """What was sent; whoever may not propose a meeting hears that first."""
        meetings.check_may_meet(self.request.user, case)
        sent = MeetSerializer(data=self.request.data)
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)

    def _meeting(self) -> Meeting:
        meeting = meeting_of(self.get_object())
        if meeting is None:
            raise Http404
        return meeting


class StatementViewSet(EtagMixin, RetrieveModelMixin, StrictViewSet):
    """One statement of a case, for all who may see that."""

    queryset = Statement.objects.none()
    lookup_value_regex = "[0-9]{1,18}"
    filter_backends: ClassVar = []
    serializer_class = StatementSerializer
    action_parameters: ClassVar = {"retrieve": {"fields"}}

    def get_queryset(self) -> QuerySet:
        rows = Statement.objects.visible(self.request.user).select_related("case", "author", "retraction", "side")
        return rows.prefetch_related("mentions", "attachments")

    @extend_schema(request=None, responses=StatementSerializer, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def retract(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Hide its text and its files from everybody, for good. For who made it."""
        dossier.locked(self.get_object().case_id)
        statement = self.get_object()
        self.check_match(statement)
        statements.retract(statement=statement, by=request.user, now=timezone.now())
        return self.tagged(self.get_object())


class AttachmentViewSet(StrictViewSet):
    """Files of statements, for all who may see the case."""

    queryset = Attachment.objects.none()
    lookup_value_regex = "[0-9]{1,18}"
    filter_backends: ClassVar = []

    def get_queryset(self) -> QuerySet:
        return Attachment.objects.visible(self.request.user).defer(None)

    @extend_schema(responses=FILE, filters=False)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Its content, as it was attached."""
        return attachment_file.sent(self.get_object())


def _side(case: Case, code: str) -> Campaign | None:
    if not code:
        return None
    for campaign in (case.campaign_a, case.campaign_b):
        if campaign.code == code:
            return campaign
    raise ValidationError({"side": _("Give the code of one of the two campaigns.")})
