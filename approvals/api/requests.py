"""Customers' requests: recorded, taken, handed over, answered, settled, closed."""

import uuid
from collections.abc import Callable
from typing import Any

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.actions import request_answers, request_steps, requests
from approvals.choices import RequestChannel, RequestState
from approvals.models import Answer, CustomerRequest, HandOver, Settlement
from approvals.models.requests import LONGEST_ANSWER, LONGEST_REASON, LONGEST_REQUEST
from approvals.queries.requests import JOINED, steps_of
from campaigns.models import Department
from campaigns.permissions import departments_of
from customers.rest.etags import EtagMixin
from customers.rest.fields import CodeField, PersonField, ProseField, StrictCharField, StrictIntegerField
from customers.rest.filters import CodeFilter, FilterSet
from customers.rest.idempotency import HEADER, idempotent
from customers.rest.serializers import RowSerializer, StrictSerializer
from customers.rest.viewsets import VisibleViewSet


class RequestFilters(FilterSet):
    turn = django_filters.ChoiceFilter(
        choices=[(name, name) for name in ("mine", "department", "overdue", "contradicted")],
        method="of_turn",
        help_text="mine: waits for my answer; department: of my departments and not over; overdue; contradicted.",
    )
    department = CodeFilter("department__code", help_text="Code of the department that has it.")
    owner = CodeFilter("owner__username", help_text="User name.")

    class Meta:
        model = CustomerRequest
        fields = ["state", "channel"]

    def of_turn(self, rows: QuerySet[CustomerRequest], name: str, value: str) -> QuerySet[CustomerRequest]:
        match value:
            case "mine":
                return rows.filter(state=RequestState.OPEN, owner_id=self.request.user.pk)
            case "department":
                under_way = [RequestState.OPEN, RequestState.ANSWERED]
                return rows.filter(state__in=under_way, department__in=departments_of(self.request.user))
            case "overdue":
                return rows.overdue(timezone.now())
        return rows.filter(disputed_at__isnull=False)


class RequestLineSerializer(RowSerializer):
    label = serializers.CharField(read_only=True)
    department = serializers.CharField(source="department.code", help_text="Code of the department that has it.")
    owner = PersonField(read_only=True)
    recorded_by = PersonField(read_only=True)
    customer = serializers.CharField(
        source="customer.code", default=None, allow_null=True, help_text="Code; null if it was not said, or is erased."
    )
    campaign = serializers.CharField(
        source="campaign.code", default=None, allow_null=True, help_text="Code of the campaign it is about."
    )
    is_contradicted = serializers.SerializerMethodField(help_text="Two departments answered; nobody settled it yet.")

    class Meta:
        model = CustomerRequest
        fields = [
            "id",
            "label",
            "channel",
            "asked",
            "customer",
            "campaign",
            "received_at",
            "recorded_at",
            "recorded_by",
            "department",
            "owner",
            "state",
            "answer_by",
            "is_contradicted",
            "closed_at",
            "erased_at",
        ]
        read_only_fields = fields

    def get_is_contradicted(self, request: CustomerRequest) -> bool:
        return request.disputed_at is not None


class HandOverSerializer(RowSerializer):
    from_department = serializers.CharField(source="from_department.code", help_text="Code.")
    to_department = serializers.CharField(
        source="to_department.code", help_text="Code; the same as before where a colleague took it."
    )
    from_owner = PersonField(read_only=True)
    to_owner = PersonField(read_only=True)
    by = PersonField(read_only=True)

    class Meta:
        model = HandOver
        fields = ["at", "by", "from_department", "from_owner", "to_department", "to_owner", "reason"]
        read_only_fields = fields


class AnswerSerializer(RowSerializer):
    department = serializers.CharField(source="department.code", help_text="Code.")
    author = PersonField(read_only=True)
    stands = serializers.SerializerMethodField(help_text="Whether this is what the customer is told.")

    class Meta:
        model = Answer
        fields = ["id", "department", "author", "answered_at", "text", "stands"]
        read_only_fields = fields

    def get_stands(self, answer: Answer) -> bool:
        return answer.pk == answer.request.standing_id


class SettlementSerializer(RowSerializer):
    answer = serializers.IntegerField(source="answer_id", help_text="Id of the answer that stands.")
    by = PersonField(read_only=True)

    class Meta:
        model = Settlement
        fields = ["at", "by", "answer", "reason"]
        read_only_fields = fields


class RequestSerializer(RequestLineSerializer):
    because = serializers.CharField(read_only=True, help_text="Why nobody waits for an answer.")
    hand_overs = HandOverSerializer(many=True, read_only=True)
    answers = AnswerSerializer(many=True, read_only=True)
    settlements = SettlementSerializer(many=True, read_only=True)
    steps = serializers.SerializerMethodField(
        help_text="What you may do now: take, hand_over, answer, answer_too (contradicts), settle, close, withdraw."
    )

    class Meta(RequestLineSerializer.Meta):
        fields = [*RequestLineSerializer.Meta.fields, "because", "hand_overs", "answers", "settlements", "steps"]
        read_only_fields = fields

    def get_steps(self, request: CustomerRequest) -> list[str]:
        return sorted(steps_of(self.context["request"].user, request))


class RecordSerializer(StrictSerializer):
    channel = serializers.ChoiceField(RequestChannel.choices)
    asked = ProseField(max_length=LONGEST_REQUEST)
    department = CodeField(
        queryset=Department.objects.all(),
        required=False,
        help_text="Code of one of yours; needed only if you work in several.",
    )
    customer = StrictCharField(max_length=64, required=False, help_text="Code.")
    campaign = StrictCharField(max_length=64, required=False, help_text="Code of a campaign that has a briefing.")
    received_at = serializers.DateTimeField(required=False, help_text="Now, unless it came earlier.")


class TakeSerializer(StrictSerializer):
    instead_of = PersonField(help_text="User name of the owner that you read: refused if it is another by now.")


class HandRequestOverSerializer(StrictSerializer):
    department = CodeField(queryset=Department.objects.all(), help_text="Code.")
    reason = ProseField(max_length=LONGEST_REASON)


class AnswerRequestSerializer(StrictSerializer):
    text = ProseField(max_length=LONGEST_ANSWER, help_text="As the customer heard or read it.")


class SettleSerializer(StrictSerializer):
    answer = StrictIntegerField(min_value=1, max_value=2**63 - 1, help_text="Id of the answer that stands.")
    reason = ProseField(max_length=LONGEST_REASON)


class WithdrawRequestSerializer(StrictSerializer):
    reason = ProseField(max_length=LONGEST_REASON)


class NothingSerializer(StrictSerializer):
    pass


def step(form: type[StrictSerializer]) -> Callable[[Any], Any]:
    """An operation that takes a step of one request, sent in `form`."""

    def decorate(handler: Any) -> Any:
        sent = None if form is NothingSerializer else form
        described = extend_schema(request=sent, responses=RequestSerializer, filters=False)
        path = handler.__name__.replace("_", "-")
        return described(action(detail=True, methods=["post"], url_path=path)(idempotent(handler)))

    return decorate


class RequestViewSet(EtagMixin, VisibleViewSet):
    """What customers ask: for departments that have or had it, and for who recorded it."""

    model = CustomerRequest
    serializer_class = RequestSerializer
    filterset_class = RequestFilters
    search_fields = ("asked",)
    ordering_fields = ("id", "answer_by", "received_at", "closed_at")
    ordering = ("answer_by",)

    def rows(self) -> QuerySet:
        rows = super().rows().select_related(*JOINED)
        if not self.detail:
            return rows
        return rows.prefetch_related(
            *(f"hand_overs__{name}" for name in ("from_department", "to_department", "from_owner", "to_owner", "by")),
            *(f"answers__{name}" for name in ("department", "author")),
            "settlements__by",
        )

    def get_serializer_class(self) -> Any:
        return RequestLineSerializer if self.action == "list" else super().get_serializer_class()

    def whole(self, row: Any) -> Any:
        """A request is tagged as one, also where it is made."""
        return RequestSerializer(row, context=self.get_serializer_context() | {"whole": True})

    @extend_schema(request=RecordSerializer, responses={201: RequestSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Record what a customer asks. It is yours, for a department of yours."""
        asked = RecordSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        made = requests.record(**asked.validated_data, by=request.user, now=timezone.now(), token=self._key())
        return self.tagged(self.rows().get(pk=made.pk), code=status.HTTP_201_CREATED)

    @step(TakeSerializer)
    def take(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make yourself the owner. For members of the department that has it."""
        return self._done(requests.take, TakeSerializer)

    @step(HandRequestOverSerializer)
    def hand_over(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give it to another department; the deadline stays. For members of the department that has it."""
        return self._done(requests.hand_over, HandRequestOverSerializer)

    @step(AnswerRequestSerializer)
    def answer(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Keep what the customer was answered. From a department that had it before it is kept as a contradiction."""
        return self._done(request_answers.answer, AnswerRequestSerializer)

    @step(SettleSerializer)
    def settle(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say which of several answers stands. For leads of the departments that answered or have it."""
        return self._done(_settle, SettleSerializer)

    @step(NothingSerializer)
    def close(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put it away once it is answered. For members of the department that has it."""
        return self._done(requests.close, NothingSerializer)

    @step(WithdrawRequestSerializer)
    def withdraw(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say that nobody waits for an answer. For members of the department that has it."""
        return self._done(requests.withdraw, WithdrawRequestSerializer)

    @transaction.atomic
    def _done(self, act: Callable[..., CustomerRequest], form: type[StrictSerializer]) -> Response:
        """The request after the step, which was read as the caller says under its lock."""
        found = self.get_object()
        request_steps.lock(found.pk)
        self.check_match(self.get_object())
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        by = self.request.user
        act(request=found, **asked.validated_data, by=by, now=timezone.now(), key=self._key())
        return self.tagged(self.get_object())

    def _key(self) -> str:
        """The key of the request as that of the step, which keeps it longer than answers are kept."""
        return f"api:{self.request.headers.get(HEADER) or uuid.uuid4()}"


def _settle(*, answer: int, **asked: Any) -> CustomerRequest:
    return request_answers.settle(answer=Answer(pk=answer), **asked)
