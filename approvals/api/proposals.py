from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.actions import dossier, proposals
from approvals.api.filters import ProposalFilters
from approvals.api.proposal_serializers import DeclineSerializer, ProposalSerializer
from approvals.models import Proposal
from approvals.permissions import can_decline
from customers.rest.etags import EtagMixin
from customers.rest.idempotency import idempotent
from customers.rest.viewsets import VisibleViewSet

STEP: Any = {"responses": ProposalSerializer, "filters": False}


class ProposalViewSet(EtagMixin, VisibleViewSet):
    """Changes that one side of a case asks of the other. They are made at the case."""

    model = Proposal
    serializer_class = ProposalSerializer
    filterset_class = ProposalFilters
    ordering_fields = ("id", "proposed_at", "answered_at")
    ordering = ("-id",)
    # What an offer refuses is not in the body of an answer.
    renamed: ClassVar = dict.fromkeys(("days", "starts_on", "ends_before"), "")

    def rows(self) -> QuerySet:
        return super().rows().select_related("offer__campaign", "proposed_by", "answered_by")

    @extend_schema(request=None, **STEP)
    @action(detail=True, methods=["post"])
    @idempotent
    def accept(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make the change. For whoever may change what it touches."""
        proposals.accept(proposal=self._locked(), by=request.user, now=timezone.now())
        return self.tagged(self.get_object())

    @extend_schema(request=DeclineSerializer, **STEP)
    @action(detail=True, methods=["post"])
    @idempotent
    def decline(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say no, and why. For the side that was asked."""
        proposal = self._locked()
        if not can_decline(request.user, proposal):
            raise PermissionDenied(_("Only the department that was asked declines."))
        asked = DeclineSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        proposals.decline(proposal=proposal, by=request.user, now=timezone.now(), **asked.validated_data)
        return self.tagged(self.get_object())

    @extend_schema(request=None, **STEP)
    @action(detail=True, methods=["post"])
    @idempotent
    def withdraw(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take it back. For the side that made it."""
        proposals.withdraw(proposal=self._locked(), by=request.user, now=timezone.now())
        return self.tagged(self.get_object())

    def _locked(self) -> Proposal:
        """The proposal under the lock of its case, as the caller has read it."""
        dossier.lock_case(self.get_object().case_id)
        proposal: Proposal = self.get_object()
        self.check_match(proposal)
        return proposal
