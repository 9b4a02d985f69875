"""Agreeing on a case by API: terms for the whole of it, and more time."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.actions import agreement, dossier, extensions, terms
from approvals.actions.enforcement import Effect
from approvals.api import case_serializers as shown
from approvals.api import terms_serializers as given
from approvals.api.filters import TermsFilters
from approvals.choices import AGREEING_STATES, CaseState
from approvals.models import Acceptance, Case, Terms
from approvals.permissions import can_decline_terms, can_negotiate, can_propose, signs_for
from approvals.queries.effects import as_seen
from approvals.rules.operations import describe
from customers.rest.etags import EtagMixin, etag_of
from customers.rest.idempotency import idempotent
from customers.rest.viewsets import VisibleViewSet

STEP: Any = {"responses": given.TermsDetailSerializer, "filters": False}


def terms_rows(rows: QuerySet[Terms]) -> QuerySet[Terms]:
    """With all that is shown of them."""
    signed = Acceptance.objects.select_related("campaign", "accepted_by")
    sides = ["case__campaign_a", "case__campaign_b"]
    rows = rows.select_related("campaign", "proposed_by", "answered_by", *sides)
    return rows.prefetch_related(Prefetch("acceptances", signed))


class NegotiationMixin:
    """What the two sides of a case do with each other, beside what CaseViewSet has."""

    @extend_schema(responses=given.TermsSerializer(many=True), filters=False)
    @action(detail=True, serializer_class=given.TermsSerializer, filter_backends=[])
    def terms(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The terms that the sides put to each other for the whole case, the newest first."""
        return self._listed(terms_rows(Terms.objects.filter(case=self.get_object())))

    @extend_schema(request=given.ProposeTermsSerializer, responses={201: given.TermsDetailSerializer}, filters=False)
    @terms.mapping.post
    @idempotent
    def propose_terms(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put terms to the other side; those that wait are superseded. For whoever speaks for a side."""
        case = self._negotiated()
        sent = given.ProposeTermsSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = sent.validated_data
        made = terms.propose(
            case=case,
            operations=asked["operations"],
            message=asked["message"],
            posted_hash=asked["terms_hash"],
            by=request.user,
            now=timezone.now(),
        )
        row = terms_rows(Terms.objects.filter(pk=made.pk)).get()
        data = given.TermsDetailSerializer(row, context=self.get_serializer_context()).data
        return Response(data, status=status.HTTP_201_CREATED, headers={"ETag": etag_of(data)})

    @extend_schema(request=given.PreviewTermsSerializer, responses=given.PreviewedTermsSerializer, filters=False)
    @action(detail=True, methods=["post"], url_path="terms/preview")
    @idempotent
    def preview_terms(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Show what terms would do; nothing is changed. For whoever speaks for a side."""
        case = self._negotiated()
        sent = given.PreviewTermsSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        ordered = sent.validated_data["operations"]
        found = terms.preview(case=case, operations=ordered, by=request.user, now=timezone.now())
        answer = {
            "orders": [describe(operation) for operation in ordered],
            "effect": Effect.from_json(as_seen(found.effect.as_json(), case, request.user)),
            "terms_hash": found.terms_hash,
        }
        return Response(given.PreviewedTermsSerializer(answer).data)

    @extend_schema(responses=given.ExtensionSerializer(many=True), filters=False)
    @action(detail=True, serializer_class=given.ExtensionSerializer, filter_backends=[])
    def extension(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who asked for more time to agree, and what became of it; the newest first."""
        rows = self.get_object().extensions.select_related("campaign", "asked_by", "answered_by")
        return self._listed(rows)

    @extend_schema(request=given.AskForTimeSerializer, responses={201: given.ExtensionSerializer}, filters=False)
    @extension.mapping.post
    @idempotent
    def ask_for_time(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask the other side for more working hours, once. For whoever speaks for a side."""
        case = self._locked()
        if case.state == CaseState.NEGOTIATION and not can_propose(request.user, case):
            raise PermissionDenied(_("Only the two departments of the case ask each other for more time."))
        sent = given.AskForTimeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = extensions.ask(case=case, by=request.user, now=timezone.now(), **sent.validated_data)
        data = self.get_serializer(asked).data
        return Response(data, status=status.HTTP_201_CREATED, headers={"ETag": etag_of(data)})

    @extend_schema(request=None, responses=shown.CaseDetailSerializer, filters=False)
    @action(detail=True, methods=["post"], url_path="extension/grant")
    @idempotent
    def grant_time(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Consent to what is asked: the deadline moves. For whoever may change the offers of the side that was asked."""
        extensions.grant(case=self._locked(), by=request.user, now=timezone.now())
        return self.tagged(self.get_object())

    @extend_schema(request=given.DeclineTimeSerializer, responses=shown.CaseDetailSerializer, filters=False)
    @action(detail=True, methods=["post"], url_path="extension/decline")
    @idempotent
    def decline_time(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say no: the deadline stays. For whoever may change the offers of the side that was asked."""
        case = self._locked()
        if case.state == CaseState.NEGOTIATION and not signs_for(request.user, case):
            raise PermissionDenied(
                _("Only who may change the offers of the side that was asked grants or declines more time.")
            )
        sent = given.DeclineTimeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        extensions.decline(case=case, by=request.user, now=timezone.now(), **sent.validated_data)
        return self.tagged(self.get_object())

    def _negotiated(self: Any) -> Case:
        """The case under its lock; whoever may not propose hears that first."""
        case: Case = self._locked()
        if case.state in AGREEING_STATES and not can_negotiate(self.request.user, case):
            raise PermissionDenied(_("Only the two departments of the case propose terms to each other."))
        return case


class TermsViewSet(EtagMixin, VisibleViewSet):
    """Terms for whole cases. They are proposed at the case."""

    model = Terms
    serializer_class = given.TermsDetailSerializer
    filterset_class = TermsFilters
    ordering_fields = ("id", "proposed_at", "answered_at")
    ordering = ("-id",)
    # What an offer refuses is not in the body of an answer.
    renamed: ClassVar = dict.fromkeys(("days", "starts_on", "ends_before", "operations"), "")

    def rows(self) -> QuerySet:
        return terms_rows(super().rows())

    def get_serializer_class(self) -> Any:
        return given.TermsSerializer if self.action == "list" else super().get_serializer_class()

    @extend_schema(request=given.AcceptSerializer, **STEP)
    @action(detail=True, methods=["post"])
    @idempotent
    def accept(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Sign them for your side; with the last signature they are carried out. For whoever may change its offers."""
        found = self._locked()
        if not signs_for(request.user, found.case):
            raise PermissionDenied(_("Only who may change the offers of a side accepts terms for it."))
        asked = given.AcceptSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        posted = asked.validated_data["terms_hash"]
        agreement.accept(terms=found, posted_hash=posted, by=request.user, now=timezone.now())
        return self.tagged(self.get_object())

    @extend_schema(request=given.DeclineTermsSerializer, **STEP)
    @action(detail=True, methods=["post"])
    @idempotent
    def decline(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say no, and why. For the side to which they were put."""
        found = self._locked()
        if not can_decline_terms(request.user, found):
            raise PermissionDenied(_("Only the department to which the terms were put declines them."))
        asked = given.DeclineTermsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        terms.decline(terms=found, by=request.user, now=timezone.now(), **asked.validated_data)
        return self.tagged(self.get_object())

    @extend_schema(request=None, **STEP)
    @action(detail=True, methods=["post"])
    @idempotent
    def withdraw(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take them back. For the side that made them."""
        terms.withdraw(terms=self._locked(), by=request.user, now=timezone.now())
        return self.tagged(self.get_object())

    def _locked(self) -> Terms:
        """The terms under the lock of their case, as the caller has read them."""
        dossier.lock_case(self.get_object().case_id)
        found: Terms = self.get_object()
        self.check_match(found)
        return found
