"""Whose approval plans need by rule of the house, how long reviewers have, and who is away."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.actions import absences, approval_rules
from approvals.api.policy import PolicyViewSet
from approvals.models import Absence, ApprovalRule, ReviewPolicy
from campaigns.models import Department
from customers.rest.access import Staff
from customers.rest.etags import EtagMixin
from customers.rest.fields import CodeField, DayField, PersonField
from customers.rest.idempotency import idempotent
from customers.rest.reference import AdministratorsWrite
from customers.rest.serializers import RowSerializer
from customers.rest.viewsets import VisibleViewSet


class ApprovalRuleSerializer(RowSerializer):
    department = CodeField(
        queryset=Department.objects.all(), allow_null=True, required=False, help_text="Code; null: every department."
    )
    approver = PersonField(help_text="User name.")

    class Meta:
        model = ApprovalRule
        fields = ["id", "department", "measure", "above", "approver"]
        # The action judges these, with words of its own.
        validators: list[Any] = []
        extra_kwargs = {"above": {"min_value": 0, "required": False}}


class ApprovalRuleViewSet(EtagMixin, VisibleViewSet):
    """Whose approval plans need besides those whom they concern. Administrators write them."""

    model = ApprovalRule
    serializer_class = ApprovalRuleSerializer
    permission_classes = (Staff, AdministratorsWrite)
    ordering = ("id",)

    def rows(self) -> QuerySet:
        return super().rows().select_related("department", "approver")

    @idempotent
    def create(self, request: Request) -> Response:
        """Make a rule; reviews that have begun go on without it."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = {"department": None, "above": Decimal(0), "measure": "always"} | asked.validated_data
        rule = approval_rules.put(rule=None, **values, by=request.user, now=timezone.now())
        return self.tagged(rule, code=status.HTTP_201_CREATED)

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a rule; reviews that have begun keep it as it was."""
        rule = self._locked()
        asked = self.get_serializer(rule, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        values = {name: getattr(rule, name) for name in approval_rules.FIELDS} | asked.validated_data
        return self.tagged(approval_rules.put(rule=rule, **values, by=request.user, now=timezone.now()))

    @extend_schema(responses={204: None})
    @transaction.atomic
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Remove a rule; reviews that have begun keep it."""
        approval_rules.remove(rule=self._locked(), by=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _locked(self) -> ApprovalRule:
        ApprovalRule.objects.select_for_update(no_key=True).get(pk=self.get_object().pk)
        rule: ApprovalRule = self.get_object()
        self.check_match(rule)
        return rule


class ReviewPolicySerializer(RowSerializer):
    class Meta:
        model = ReviewPolicy
        fields = ["hours_to_review", "hours_to_answer"]


class ReviewPolicyViewSet(PolicyViewSet):
    """How many working hours reviewers have, and whoever answers a customer. Administrators change it."""

    model = ReviewPolicy
    serializer_class = ReviewPolicySerializer

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the policy; reviews and customer requests that have begun keep when they are due."""
        return self._changed(approval_rules.change_policy)


class AbsenceSerializer(RowSerializer):
    user = PersonField(required=False, help_text="User name; empty: yourself. Administrators announce for others.")
    stand_in = PersonField(help_text="User name; a colleague of one of their departments.")
    ends_on = DayField(help_text="Included.")

    class Meta:
        model = Absence
        fields = ["id", "user", "stand_in", "starts_on", "ends_on"]
        validators: list[Any] = []


class AbsenceViewSet(EtagMixin, VisibleViewSet):
    """Who is away, and who approves for them meanwhile. Everybody announces their own."""

    model = Absence
    serializer_class = AbsenceSerializer
    ordering = ("starts_on", "id")
    renamed = {"ends_before": "ends_on"}

    def rows(self) -> QuerySet:
        return super().rows().select_related("user", "stand_in")

    @idempotent
    def create(self, request: Request) -> Response:
        """Announce an absence: the stand-in approves for whoever is away, from the first day to the last."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = {"user": request.user} | asked.validated_data
        ends_before = values.pop("ends_on") + timedelta(days=1)
        absence = absences.announce(**values, ends_before=ends_before, by=request.user, now=timezone.now())
        return self.tagged(absence, code=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    @transaction.atomic
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End an absence: nobody stands in any more."""
        absence = self.get_object()
        self.check_match(absence)
        absences.end(absence=absence, by=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
