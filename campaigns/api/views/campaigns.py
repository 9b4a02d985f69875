from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.actions import access, ground_rules, lifecycle, planning, raci
from campaigns.api import filters
from campaigns.api.access import SeesPlans
from campaigns.api.serializers import campaigns as serializers
from campaigns.api.serializers.chronicles import HistorySerializer
from campaigns.api.serializers.collisions import UnstoredCollisionSerializer
from campaigns.api.serializers.ground_rules import JoinGroupSerializer
from campaigns.api.serializers.raci import ChangedRaciSerializer, RaciSerializer
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign
from campaigns.permissions import answers_for, can_appoint, can_change, can_take, departments_of, is_lead
from campaigns.queries import plan
from campaigns.queries.brief import shown_warnings
from campaigns.queries.calendar import collisions_of_cards
from campaigns.queries.chronicles import history_of
from campaigns.queries.counts import open_collisions, with_my_letter
from campaigns.queries.drafts import ahead_of_time, draft_collisions
from campaigns.queries.explanation import reader_of
from customers.clock import local_day
from customers.permissions import is_administrator
from customers.rest.etags import EtagMixin
from customers.rest.idempotency import idempotent
from customers.rest.viewsets import VisibleList, VisibleViewSet

RELATED = ("department", "accountable", "contact_person", "control_group", "joint_group")


def step(asked: type[serializers.StrictSerializer]) -> Any:
    """A step of a campaign's life, with what is to be sent for it."""

    def decorate(handler: Any) -> Any:
        described = extend_schema(request=asked, responses=serializers.CampaignSerializer)
        return described(action(detail=True, methods=["post"])(idempotent(handler)))

    return decorate


class CampaignViewSet(EtagMixin, VisibleViewSet):
    """Plans of departments, as answers to seven questions. Offers and collisions name their campaign."""

    permission_classes = (SeesPlans,)
    model = Campaign
    serializer_class = serializers.CampaignSerializer
    filterset_class = filters.CampaignFilters
    search_fields = ("code", "name")
    ordering_fields = ("id", "code", "name", "status", "starts_on")
    ordering = ("-starts_on", "code")
    renamed: ClassVar = {"ends_before": "ends_on"}
    action_parameters: ClassVar = {"history": {"page", "page_size"}, "would_collide": {"page", "page_size"}}

    def rows(self) -> QuerySet:
        rows = super().rows().select_related(*RELATED).prefetch_related("serves")
        if self.action != "list":
            return rows
        user = self.request.user
        rows = with_my_letter(rows, user, departments_of(user))
        return rows.annotate(open_collisions=open_collisions(user))

    def get_serializer_class(self) -> Any:
        return serializers.CampaignLineSerializer if self.action == "list" else super().get_serializer_class()

    @extend_schema(request=serializers.NewCampaignSerializer, responses={201: serializers.CampaignSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Start a draft for a department that one leads; its lead is accountable unless somebody else is named."""
        if not is_lead(request.user):
            raise PermissionDenied
        values = self._asked(serializers.NewCampaignSerializer)
        columns = serializers.columns_of(values)
        campaign = planning.plan_campaign(by=request.user, now=timezone.now(), **columns)
        return self.tagged(campaign, code=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.BriefSerializer, responses=serializers.CampaignSerializer)
    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the brief; of an approved campaign this needs a new approval."""
        campaign = self._locked()
        if not can_change(request.user, campaign):
            raise PermissionDenied
        self.check_match(campaign)
        values = self._asked(serializers.BriefSerializer, campaign, partial=True)
        columns = serializers.columns_of(values)
        planning.change_campaign(campaign=campaign, by=request.user, now=timezone.now(), **columns)
        return self._shown(campaign)

    # Steps

    @step(serializers.ReasonedCampaignStepSerializer)
    def pause(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Stop the offers of a live campaign at once, until it is resumed; for the A."""
        return self._take("pause", serializers.ReasonedCampaignStepSerializer)

    @step(serializers.CampaignStepSerializer)
    def resume(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let it go on as it was approved; for the A. Its offers are live again within a minute."""
        return self._take("resume", serializers.CampaignStepSerializer)

    @step(serializers.ReasonedCampaignStepSerializer)
    def cancel(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End it for good; for the A, and a draft also for whoever writes it."""
        return self._take("cancel", serializers.ReasonedCampaignStepSerializer)

    def _take(self, name: str, asked: type[serializers.StrictSerializer]) -> Response:
        campaign = self._locked()
        if not can_take(self.request.user, campaign, name):
            raise PermissionDenied
        self.check_match(campaign)
        values = self._asked(asked)
        getattr(lifecycle, name)(campaign=campaign, by=self.request.user, now=timezone.now(), **values)
        return self._shown(campaign)

    # What belongs to it

    @extend_schema(responses=serializers.GapsSerializer)
    @action(detail=True, serializer_class=serializers.GapsSerializer)
    def gaps(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What misses before it can be submitted and approved, and what to look at again; for who writes or approves it."""
        campaign = self.get_object()
        if not (can_change(request.user, campaign) or answers_for(request.user, campaign)):
            raise PermissionDenied
        now = timezone.now()
        found = lifecycle.gaps_before_submit(campaign, now=now)
        warnings = shown_warnings(campaign, request.user, today=local_day(now))
        return Response(self.get_serializer({"gaps": found, "warnings": warnings}).data)

    @extend_schema(responses=UnstoredCollisionSerializer(many=True), filters=False)
    @action(detail=True, url_path="would-collide", serializer_class=UnstoredCollisionSerializer, filter_backends=[])
    def would_collide(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What a draft would collide with, for who plans it; what is submitted has its collisions."""
        campaign = self.get_object()
        is_draft = campaign.status == CampaignStatus.DRAFT
        today = local_day(timezone.now())
        page = self.paginate_queryset(draft_collisions(campaign, request.user, today=today) if is_draft else [])
        told = ahead_of_time(page, campaign.offers.values_list("pk", flat=True), reader_of(request.user))
        return self.get_paginated_response(self.get_serializer(told, many=True).data)

    @extend_schema(responses=HistorySerializer(many=True), filters=False)
    @action(detail=True, serializer_class=HistorySerializer, filter_backends=[])
    def history(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What happened to it, the latest first; steps of its cases only for those whose cases they are."""
        page = self.paginate_queryset(history_of(self.get_object(), request.user).order_by("-id"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(responses=RaciSerializer)
    @action(detail=True, serializer_class=RaciSerializer)
    def raci(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The RACI matrix: who answers for each activity, and which departments and people do what."""
        return self.tagged(self.get_object())

    @extend_schema(request=ChangedRaciSerializer, responses=RaciSerializer)
    @raci.mapping.patch
    @transaction.atomic
    def set_raci(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change cells of the matrix; for the lead of the department and the A. Rights follow it at once."""
        campaign = self.get_object()
        if not can_appoint(request.user, campaign):
            raise PermissionDenied
        context = self.get_serializer_context() | {"campaign": campaign}
        asked = ChangedRaciSerializer(data=request.data, context=context)
        asked.is_valid(raise_exception=True)
        cells = asked.cells()
        # Before the campaign, as everybody takes them.
        access.lock_departments({pk for *_cell, pk in (*cells["roles"], *cells["people"])})
        campaign = self._locked()
        self.check_match(campaign)
        raci.set_matrix(campaign=campaign, by=request.user, now=timezone.now(), **cells)
        return self._shown(campaign)

    @extend_schema(request=JoinGroupSerializer, responses=serializers.CampaignSerializer)
    @action(detail=True, methods=["post"], url_path="joint-group")
    @idempotent
    def joint_group(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say with which others it was planned, so that they do not collide; for administrators."""
        campaign = self._locked()
        if not is_administrator(request.user):
            raise PermissionDenied
        self.check_match(campaign)
        group = self._asked(JoinGroupSerializer)["group"]
        ground_rules.set_joint_group(campaign=campaign, group=group, by=request.user, now=timezone.now())
        return self._shown(campaign)

    def _asked(self, serializer: Any, row: Any = None, *, partial: bool = False) -> dict[str, Any]:
        asked = serializer(row, data=self.request.data, partial=partial, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return asked.validated_data

    def _locked(self) -> Campaign:
        """The campaign as it is under its lock."""
        lifecycle.lock_campaign(self.get_object())
        return self.get_object()

    def _shown(self, campaign: Campaign) -> Response:
        """As it is now, also to who by their own change may no longer read it."""
        return self.tagged(Campaign.objects.select_related(*RELATED).get(pk=campaign.pk))


class PlanViewSet(VisibleList):
    """Who is where when: a card of every department's campaigns, as everybody who plans sees them."""

    permission_classes = (SeesPlans,)
    model = Campaign
    serializer_class = serializers.CardSerializer
    filterset_class = filters.PlanFilters
    repeatable = frozenset({"department", "channel", "status"})
    ordering_fields = ("starts_on",)
    ordering = ("starts_on",)

    def rows(self) -> QuerySet:
        """All of them: what a card tells is what everybody may know."""
        return Campaign.objects.filter(status__in=plan.STATES)

    def paginate_queryset(self, queryset: QuerySet) -> list[plan.Card]:
        keys = [campaign.pk for campaign in super().paginate_queryset(queryset)]
        user = self.request.user
        self.open_collisions = collisions_of_cards(keys, user)
        found = plan.cards_of(Campaign.objects.filter(pk__in=keys), user=user, departments=departments_of(user))
        cards = {card.campaign.pk: card for card in found}
        return [cards[key] for key in keys]

    def get_serializer_context(self) -> dict[str, Any]:
        return super().get_serializer_context() | {"open_collisions": getattr(self, "open_collisions", {})}
