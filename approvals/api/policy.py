from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.actions import policy
from approvals.api.filters import MediatorFilters
from approvals.api.serializers import EscalationPolicySerializer, MediatorSerializer
from approvals.models import EscalationPolicy, Mediator
from approvals.queries.mandates import JOINED
from customers.rest.access import Staff
from customers.rest.etags import EtagMixin
from customers.rest.idempotency import idempotent
from customers.rest.reference import AdministratorsWrite
from customers.rest.viewsets import VisibleViewSet


class MediatorViewSet(EtagMixin, VisibleViewSet):
    """Mandates: who decides which cases, and who stands in. Administrators write them."""

    model = Mediator
    serializer_class = MediatorSerializer
    permission_classes = (Staff, AdministratorsWrite)
    filterset_class = MediatorFilters
    ordering_fields = ("id",)
    ordering = ("id",)

    def rows(self) -> QuerySet:
        return super().rows().select_related(*JOINED)

    @idempotent
    def create(self, request: Request) -> Response:
        """Name who decides cases of two departments, a category, a department, a business unit, or every case."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = {"stand_in": None} | asked.validated_data
        mediator = policy.name_mediator(**values, by=request.user, now=timezone.now())
        return self.tagged(mediator, code=status.HTTP_201_CREATED)

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put other people or other cases; open cases keep the mediator they have."""
        mediator = self._locked()
        asked = self.get_serializer(mediator, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        changed = policy.change_mediator(
            mediator=mediator, **asked.validated_data, by=request.user, now=timezone.now()
        )
        return self.tagged(changed)

    @extend_schema(responses={204: None})
    @transaction.atomic
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a mandate away; open cases keep the mediator they have."""
        policy.dismiss_mediator(mediator=self._locked(), by=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _locked(self) -> Mediator:
        row = self.get_object()
        Mediator.objects.select_for_update(no_key=True).get(pk=row.pk)
        mediator: Mediator = self.get_object()
        self.check_match(mediator)
        return mediator


class PolicyViewSet(EtagMixin, VisibleViewSet):
    """A policy of the house: one row, which administrators change."""

    permission_classes = (Staff, AdministratorsWrite)

    def get_object(self) -> Any:
        return self.get_queryset().get()

    def _changed(self, change: Callable[..., Any]) -> Response:
        """What `change` makes of the row with what was sent; what was not sent stays."""
        row = self.get_queryset().select_for_update(no_key=True).get()
        self.check_match(row)
        asked = self.get_serializer(row, data=self.request.data, partial=True)
        asked.is_valid(raise_exception=True)
        values = {name: getattr(row, name) for name in asked.Meta.fields} | asked.validated_data
        return self.tagged(change(**values, by=self.request.user, now=timezone.now()))


class EscalationPolicyViewSet(PolicyViewSet):
    """From which level a case opens, and how long the parties and the mediator have. Administrators change it."""

    model = EscalationPolicy
    serializer_class = EscalationPolicySerializer

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the policy; open cases keep their deadline."""
        return self._changed(policy.change_policy)
