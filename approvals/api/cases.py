import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.actions import appeals, cases, dossier, proposals, recusals, rule_notices, rulings
from approvals.actions.enforcement import Effect
from approvals.api import case_serializers as shown
from approvals.api import decision_serializers as decisions
from approvals.api import precedents as earlier
from approvals.api.filters import CaseFilters
from approvals.api.proposal_serializers import ProposalSerializer, ProposeSerializer
from approvals.api.terms import NegotiationMixin
from approvals.choices import CaseState, NoticeState
from approvals.models import Case, RuleNotice, Ruling
from approvals.permissions import answers_for_sides, can_escalate, can_propose, can_step_aside
from approvals.queries.cases import evidence, facts_hash
from approvals.queries.disputes import collision_in
from approvals.queries.meetings import (
    Encounter,
    audience_pairs,
    collisions_of,
    encounters,
    periods_of,
    products_of,
)
from approvals.queries.precedents import said_in, shown_for
from approvals.queries.shared import those_that_count
from approvals.rules.operations import describe
from campaigns.models import Product
from customers.clock import local_day
from customers.rest.etags import EtagMixin, etag_of
from customers.rest.idempotency import HEADER, idempotent
from customers.rest.problems import ParameterError
from customers.rest.serializers import StrictSerializer
from customers.rest.viewsets import VisibleViewSet

ONE = OpenApiParameter("collision", int, description="Id of one collision; without it, all of the case that count.")


def sublist(serializer: type, *, one: bool = False) -> Any:
    """An action that lists rows of a case."""

    def decorate(handler: Any) -> Any:
        described = extend_schema(responses=serializer(many=True), filters=False, parameters=[ONE] if one else [])
        return described(action(detail=True, serializer_class=serializer, filter_backends=[])(handler))

    return decorate


class CaseViewSet(NegotiationMixin, EtagMixin, VisibleViewSet):
    """Disagreements of two campaigns: for the parties, the mediator and administrators."""

    model = Case
    serializer_class = shown.CaseDetailSerializer
    filterset_class = CaseFilters
    search_fields = ("campaign_a__code", "campaign_a__name", "campaign_b__code", "campaign_b__name")
    ordering_fields = ("id", "opened_at", "agree_by", "decide_by", "closed_at")
    ordering = ("-id",)
    # What offers refuse is the operations' fault here.
    renamed: ClassVar = dict.fromkeys(("days", "starts_on", "ends_before"), "operations") | {
        "key": "remedy",
        "precedents": "citations",
    }
    action_parameters: ClassVar = {
        "offers": {"page", "page_size"},
        "precedents": {"page", "page_size"},
        "proposals": {"page", "page_size"},
        "terms": {"page", "page_size"},
        "extension": {"page", "page_size"},
        "collisions": {"page", "page_size"},
        "timeline": {"page", "page_size"},
        "products": {"page", "page_size", "collision"},
        "customers": {"page", "page_size", "collision"},
        "days": {"page", "page_size", "collision"},
    }

    def rows(self) -> QuerySet:
        people = [f"campaign_{side}__{part}" for side in "ab" for part in ("accountable", "contact_person")]
        columns = ["campaign_a__department", "campaign_b__department", "mediator"]
        return super().rows().select_related(*columns, *(people if self.detail else []))

    def get_serializer_class(self) -> Any:
        return shown.CaseSerializer if self.action == "list" else super().get_serializer_class()

    def whole(self, row: Any) -> Any:
        """A case is tagged as one, also where something else of it is written."""
        return shown.CaseDetailSerializer(row, context=self.get_serializer_context() | {"whole": True})

    # What it is about

    @sublist(shown.OfferInCaseSerializer)
    def offers(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The offers of both sides that are in the case, with their terms."""
        sides = evidence(self.get_object()).sides
        return self._listed([{"campaign": side.code, "offer": offer} for side in sides for offer in side.offers])

    @sublist(shown.CollisionInCaseSerializer)
    def collisions(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What collides or collided, the open and most severe first."""
        return self._listed(evidence(self.get_object()).overlaps)

    @sublist(shown.SharedProductSerializer, one=True)
    def products(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The products that both sides have on offer, by name."""
        page = self.paginate_queryset(products_of(self._asked()))
        found = Product.objects.select_related("category").in_bulk(page)
        return self.get_paginated_response(self.get_serializer([found[pk] for pk in page], many=True).data)

    @sublist(shown.SharedAudienceSerializer, one=True)
    def customers(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """How many customers both sides address, exactly, per pair of audiences; never which."""
        return self._listed(audience_pairs(self._asked()))

    @sublist(shown.SharedPeriodSerializer, one=True)
    def days(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The periods in which offers of both sides run."""
        return self._listed(periods_of(self._asked()))

    @sublist(shown.StepSerializer)
    def timeline(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What happened to the case, from the beginning."""
        return self._listed(evidence(self.get_object()).timeline)

    @extend_schema(responses=decisions.RulingSerializer, filters=False)
    @action(detail=True, serializer_class=decisions.RulingSerializer, filter_backends=[])
    def ruling(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What the mediator decided, or both sides agreed on; why, and what it did."""
        case = self.get_object()
        ruling = Ruling.objects.select_related("decided_by").filter(case=case).first()
        if ruling is None:
            raise Http404
        facts = evidence(case, request.user).ruling
        ruling.orders, ruling.effect = facts.orders, Effect.from_json(facts.effect)
        ruling.said = said_in(ruling, request.user)
        applied = RuleNotice.objects.filter(case=case, state=NoticeState.APPLIED)
        ruling.standing_rule = applied.values_list("rule", flat=True).first()
        return Response(self.get_serializer(ruling).data)

    @sublist(earlier.PrecedentSerializer)
    def precedents(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The decisions on the cases most like this one while it is open, the most alike first."""
        case = self.get_object()
        is_open = case.state in {CaseState.NEGOTIATION, CaseState.MEDIATION}
        return self._listed(shown_for(case, request.user, today=local_day(timezone.now())) if is_open else [])

    @sublist(ProposalSerializer)
    def proposals(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The changes that one side asked of the other, the newest first."""
        return self._listed(evidence(self.get_object()).proposals)

    # Steps

    @extend_schema(request=ProposeSerializer, responses={201: ProposalSerializer}, filters=False)
    @proposals.mapping.post
    @idempotent
    def propose(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask the other side for a change that would clear a collision. For whoever speaks for a side."""
        case = self._locked()
        if case.state == CaseState.NEGOTIATION and not can_propose(request.user, case):
            raise PermissionDenied(_("Only the two departments of the case propose changes to each other."))
        sent = ProposeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = sent.validated_data
        collision = collision_in(case, asked["collision"])
        if collision is None:
            raise ValidationError({"collision": _("This collision is not in the case.")})
        proposal = proposals.propose(
            case=case,
            collision=collision,
            key=asked["remedy"],
            message=asked["message"],
            by=request.user,
            now=timezone.now(),
        )
        data = self.get_serializer(proposal).data
        return Response(data, status=status.HTTP_201_CREATED, headers={"ETag": etag_of(data)})

    @extend_schema(request=None, responses=shown.CaseDetailSerializer, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def open(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Open what was found without waiting until it opens by itself. For the leads and accountables of both sides."""
        case = self._locked()
        if not answers_for_sides(request.user, case):
            raise PermissionDenied(_("Only the leads and the accountables of the two campaigns open their case."))
        cases.open_now(case=case, by=request.user, now=timezone.now(), key=self._key())
        return self.tagged(self.get_object())

    @extend_schema(request=decisions.EscalateSerializer, responses=shown.CaseDetailSerializer, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def escalate(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say that nobody will agree: the case goes to mediation. For the leads and accountables of both sides."""
        case = self._locked()
        if case.state == CaseState.NEGOTIATION and not can_escalate(request.user, case):
            raise PermissionDenied(
                _("Only the leads and the accountables of the two campaigns end their negotiation.")
            )
        asked = decisions.EscalateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        cases.escalate(
            case=case, by=request.user, now=timezone.now(), key=self._key(), reason=asked.validated_data["reason"]
        )
        return self.tagged(self.get_object())

    @extend_schema(request=earlier.ObjectSerializer, responses=shown.CaseDetailSerializer, filters=False)
    @action(detail=True, methods=["post"], url_path="object")
    @idempotent
    def object_to(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Object to the standing rule that was announced. For the leads and accountables of both sides."""
        case = self._locked()
        if not answers_for_sides(request.user, case):
            raise PermissionDenied(
                _("Only the leads and the accountables of the two campaigns object to a standing rule.")
            )
        asked = earlier.ObjectSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        rule_notices.object_to(case=case, by=request.user, now=timezone.now(), key=self._key(), **asked.validated_data)
        return self.tagged(self.get_object())

    @extend_schema(request=decisions.StepAsideSerializer, responses={204: None}, filters=False)
    @action(detail=True, methods=["post"], url_path="step-aside")
    @idempotent
    def step_aside(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Leave the case to the next person, who gets it at once. For the mediator, who does not see it any more then."""
        case = self._locked()
        if not can_step_aside(request.user, case):
            raise PermissionDenied(_("Only the mediator of this case steps aside."))
        asked = decisions.StepAsideSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        recusals.step_aside(case=case, by=request.user, now=timezone.now(), key=self._key(), **asked.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=decisions.ChallengeSerializer, responses=shown.CaseDetailSerializer, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def challenge(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Refuse the mediator, once in a case: the next person gets it. For the leads and accountables of both sides."""
        case = self._locked()
        if not answers_for_sides(request.user, case):
            raise PermissionDenied(_("Only the leads and the accountables of the two campaigns challenge a mediator."))
        asked = decisions.ChallengeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        recusals.challenge(case=case, by=request.user, now=timezone.now(), key=self._key(), **asked.validated_data)
        return self.tagged(self.get_object())

    @extend_schema(request=decisions.PreviewSerializer, responses=decisions.PreviewedSerializer, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def preview(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Show what a decision would do; nothing is changed. For the mediator."""
        case = self._locked()
        ordered = self._judged(case, decisions.PreviewSerializer)["operations"]
        facts = facts_hash(case)
        effect = rulings.preview(case=case, operations=ordered, by=request.user, now=timezone.now())
        answer = {"orders": [describe(operation) for operation in ordered], "effect": effect, "facts": facts}
        return Response(decisions.PreviewedSerializer(answer).data)

    @extend_schema(request=decisions.DecideSerializer, responses=shown.CaseDetailSerializer, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def decide(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Decide the case: the operations are carried out, it closes, everybody concerned is told. For the mediator."""
        case = self._locked()
        asked = self._judged(case, decisions.DecideSerializer)
        rulings.decide(case=case, by=request.user, now=timezone.now(), key=self._key(), **asked)
        return self.tagged(self.get_object())

    @extend_schema(request=decisions.AppealSerializer, responses={201: shown.CaseDetailSerializer}, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def appeal(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for another mediator while the decision is not in force: a new case. For the leads and accountables."""
        case = self._locked()
        if not answers_for_sides(request.user, case):
            raise PermissionDenied(_("Only the leads and the accountables of the two campaigns appeal."))
        asked = decisions.AppealSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        again = appeals.appeal(case=case, by=request.user, now=timezone.now(), key=self._key(), **asked.validated_data)
        return self.tagged(again, code=status.HTTP_201_CREATED)

    def _locked(self) -> Case:
        """The case under its lock, as the caller has read it."""
        case = dossier.locked(self.get_object().pk)
        self.check_match(case)
        return case

    def _judged(self, case: Case, form: type[StrictSerializer]) -> Any:
        """What was sent, if it can be read; whoever may not decide hears that first."""
        asked = form(data=self.request.data)
        if not asked.is_valid():
            rulings.check_mandate(case, self.request.user)
            asked.is_valid(raise_exception=True)
        return asked.validated_data

    def _key(self) -> str:
        """The key of the request as that of the step, which keeps it longer than answers are kept."""
        return f"api:{self.request.user.pk}:{self.request.headers.get(HEADER) or uuid.uuid4()}"

    def _asked(self) -> list[Encounter]:
        case = self.get_object()
        collisions = collisions_of(case)
        asked = self.request.query_params.get("collision")
        if asked is None:
            return encounters(case, those_that_count(collisions))
        if not (asked.isascii() and asked.isdecimal()):
            raise ParameterError({"collision": [_("Give the id of a collision.")]})
        found = [collision for collision in collisions if str(collision.pk) == asked]
        if not found:
            raise Http404
        return encounters(case, found)

    def _listed(self, found: Sequence[Any]) -> Response:
        page = self.paginate_queryset(found)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
