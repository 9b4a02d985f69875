from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.actions import access
from campaigns.actions import offers as actions
from campaigns.api import filters
from campaigns.api.access import SeesPlans
from campaigns.api.serializers import offers as serializers
from campaigns.api.serializers.campaigns import ReasonedCampaignStepSerializer
from campaigns.api.serializers.chronicles import HistorySerializer
from campaigns.api.serializers.collisions import UnstoredCollisionSerializer
from campaigns.api.serializers.house import ProductSerializer
from campaigns.api.serializers.promises import promises_of
from campaigns.api.serializers.simulations import SelfChecksSerializer
from campaigns.choices import ScopeRole
from campaigns.models import Offer, OfferProduct
from campaigns.permissions import can_change, can_withdraw
from campaigns.queries.chronicles import history_of_offer
from campaigns.queries.collisions import products_of
from campaigns.queries.counts import product_total
from campaigns.queries.drafts import ahead_of_time
from campaigns.queries.explanation import Reader, reader_of
from campaigns.queries.foresight import Prospect, prospect_of
from campaigns.queries.promises import PARTS, stored_rows
from campaigns.queries.self_checks import shown_checks
from customers.clock import local_day
from customers.rest.etags import EtagMixin
from customers.rest.idempotency import idempotent
from customers.rest.viewsets import VisibleViewSet


class OfferViewSet(EtagMixin, VisibleViewSet):
    """What campaigns promise to whom, on which products, when and where."""

    permission_classes = (SeesPlans,)
    model = Offer
    serializer_class = serializers.OfferSerializer
    filterset_class = filters.OfferFilters
    search_fields = ("code", "name", "campaign__code")
    ordering_fields = ("id", "code", "name", "starts_on", "version")
    ordering = ("-starts_on", "code")
    renamed: ClassVar = {"ends_before": "ends_on"}
    action_parameters: ClassVar = {
        "products": {"page", "page_size"},
        "target_products": {"page", "page_size"},
        "within_department": {"page", "page_size"},
        "history": {"page", "page_size"},
    }

    def rows(self) -> QuerySet:
        return self._complete(super().rows())

    @extend_schema(request=serializers.NewOfferSerializer, responses={201: serializers.OfferSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Add an offer to a campaign that one may change."""
        asked = serializers.NewOfferSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        offer = actions.plan_offer(
            campaign=values.pop("campaign"),
            by=request.user,
            now=timezone.now(),
            code=values.pop("code"),
            fields=serializers.terms_of(values),
            reach=serializers.reach_of(values),
            promises=promises_of(values),
            confirmed=values.get("confirmed", ()),
        )
        return self._shown(offer, code=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.ChangedOfferSerializer, responses=serializers.OfferSerializer)
    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change terms, days, reach and promises. A new mechanic empties the terms of the old one; lists replace lists."""
        offer = self.get_object()
        if not can_change(request.user, offer.campaign):
            raise PermissionDenied
        asked = serializers.ChangedOfferSerializer(
            offer, data=request.data, partial=True, context=self.get_serializer_context()
        )
        asked.is_valid(raise_exception=True)
        if department := asked.validated_data.get("department"):
            access.lock_departments([department.pk])  # before the campaign, as everybody takes them
        offer = self._locked()
        self.check_match(offer)
        actions.change_offer(
            offer=offer,
            by=request.user,
            now=timezone.now(),
            reason=asked.validated_data.get("reason", ""),
            fields=serializers.terms_of(asked.validated_data),
            reach=serializers.reach_of(asked.validated_data),
            promises=promises_of(asked.validated_data),
            confirmed=asked.validated_data.get("confirmed", ()),
        )
        return self._shown(offer)

    @extend_schema(request=ReasonedCampaignStepSerializer, responses=serializers.OfferSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def withdraw(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take an offer back for good, also while it is live."""
        offer = self._locked()
        if not can_withdraw(request.user, offer.campaign):
            raise PermissionDenied
        self.check_match(offer)
        asked = ReasonedCampaignStepSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actions.withdraw_offers(offers=[offer], by=request.user, now=timezone.now(), **asked.validated_data)
        return self._shown(offer)

    @extend_schema(responses=serializers.OfferGapsSerializer)
    @action(detail=True, serializer_class=serializers.OfferGapsSerializer)
    def gaps(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Facts that it does not give, so that collisions on them cannot be ruled out."""
        return Response(self.get_serializer({"gaps": self._prospect()[0].gaps}).data)

    @extend_schema(responses=SelfChecksSerializer)
    @action(detail=True, serializer_class=SelfChecksSerializer)
    def checks(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What it gets wrong by itself, for those who plan it: what stops it first."""
        today, reader = local_day(timezone.now()), reader_of(request.user)
        found = shown_checks(self.get_object(), request.user, reader, today=today)
        return Response(self.get_serializer({"self_checks": found}).data)

    @extend_schema(responses=UnstoredCollisionSerializer(many=True), filters=False)
    @action(
        detail=True,
        url_path="within-department",
        serializer_class=UnstoredCollisionSerializer,
        filter_backends=[],
    )
    def within_department(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What rules find between it and offers of its own department, for that department: counted when asked."""
        prospect, reader = self._prospect()
        page = self.paginate_queryset(prospect.within)
        told = ahead_of_time(page, [int(self.kwargs["pk"])], reader)
        return self.get_paginated_response(self.get_serializer(told, many=True).data)

    @extend_schema(responses=serializers.ScopedProductSerializer(many=True), filters=False)
    @action(detail=True, serializer_class=serializers.ScopedProductSerializer, filter_backends=[])
    def products(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The products that were entered one by one, with their role, and whether they are left out."""
        rows = self.get_object().product_rows.select_related("product__category")
        page = self.paginate_queryset(rows.order_by("role", "product__code"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(responses=ProductSerializer(many=True), filters=False)
    @action(detail=True, url_path="target-products", serializer_class=ProductSerializer, filter_backends=[])
    def target_products(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The products on offer: those named and those of its categories, less those left out."""
        rows = products_of(self.get_object()).select_related("category", "department")
        page = self.paginate_queryset(rows.order_by("name", "id"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(responses=HistorySerializer(many=True), filters=False)
    @action(detail=True, serializer_class=HistorySerializer, filter_backends=[])
    def history(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What happened to it, the latest first."""
        page = self.paginate_queryset(history_of_offer(self.get_object()).order_by("-id"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def _prospect(self) -> tuple[Prospect, Reader]:
        reader = reader_of(self.request.user)
        today = local_day(timezone.now())
        return prospect_of(self.get_object(), self.request.user, reader, today=today), reader

    def _complete(self, rows: QuerySet) -> QuerySet:
        """With what the representation reads of other tables."""
        things = (
            "campaign",
            "department",
            "audience",
            "gift_product",
            "combination_class",
            "recommendation_placement",
        )
        cross_sold = OfferProduct.objects.exclude(role=ScopeRole.TARGET).select_related("product")
        rows = rows.select_related(*things).prefetch_related(
            "channels",
            "audience_rows__segment",
            "category_rows__category",
            "accepts",
            Prefetch("product_rows", cross_sold, to_attr="cross_sold"),
            *(Prefetch(part, stored_rows(part)) for part in PARTS),
        )
        return rows.annotate(product_total=product_total())

    def _locked(self) -> Offer:
        """The offer as it is under the locks of its campaign and itself."""
        actions.lock([self.get_object()])
        return self.get_object()

    def _shown(self, offer: Offer, *, code: int = status.HTTP_200_OK) -> Response:
        return self.tagged(self._complete(Offer.objects.filter(pk=offer.pk)).get(), code=code)
