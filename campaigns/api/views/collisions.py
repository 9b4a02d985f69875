from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.actions.remedies import apply_remedy
from campaigns.api import filters
from campaigns.api.access import SeesPlans
from campaigns.api.serializers import collisions as serializers
from campaigns.api.serializers.house import ProductSerializer
from campaigns.models import Collision
from campaigns.queries.arithmetic import shared_by_segment, sides_of, sides_of_all
from campaigns.queries.collisions import shared_numbers, shared_products
from campaigns.queries.explanation import reader_of, with_offers
from campaigns.queries.suggested import advice_for, may_apply_any
from customers.actions.segments import everybody
from customers.clock import local_day
from customers.models import Customer
from customers.permissions import works_with_data
from customers.rest.idempotency import idempotent
from customers.rest.viewsets import VisibleViewSet


class CollisionViewSet(VisibleViewSet):
    """Rules that fired on offers of different departments; for the parties and whoever reads both plans."""

    permission_classes = (SeesPlans,)
    model = Collision
    serializer_class = serializers.CollisionSerializer
    filterset_class = filters.CollisionFilters
    search_fields = ("offer_a__code", "offer_a__name", "offer_b__code", "offer_b__name")
    ordering_fields = (
        "id",
        "score",
        "starts_on",
        "shared_products",
        "shared_customers",
        "first_seen_at",
        "changed_at",
    )
    ordering = ("-score", "starts_on")
    action_parameters: ClassVar = {name: {"page", "page_size"} for name in ("products", "customers", "remedies")}

    def rows(self) -> QuerySet:
        parts = () if self.action == "list" else ("gift_product",)
        return with_offers(super().rows(), "audience", *parts)

    def get_serializer_context(self) -> dict[str, Any]:
        shows_rows = self.action in ("list", "retrieve") and not getattr(self, "swagger_fake_view", False)
        return super().get_serializer_context() | ({"reader": reader_of(self.request.user)} if shows_rows else {})

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        if self.action == "list":
            sides = sides_of_all(page)
            for row in page:
                row.sides = sides[row.pk]
        return page

    def get_object(self) -> Collision:
        row: Collision = super().get_object()
        if self.action == "retrieve":
            row.sides = sides_of(row)
            prefetch_related_objects([side.offer for side in row.sides], "channels")
        return row

    def get_serializer_class(self) -> Any:
        return serializers.CollisionLineSerializer if self.action == "list" else super().get_serializer_class()

    @extend_schema(responses=ProductSerializer(many=True), filters=False)
    @action(detail=True, serializer_class=ProductSerializer, filter_backends=[])
    def products(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The products that both offers have on offer now, by name."""
        row = self.get_object()
        found = shared_products(row.offer_a, row.offer_b).select_related("category", "department")
        page = self.paginate_queryset(found.order_by("name", "id"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(responses=serializers.SharedAudiencesSerializer, filters=False)
    @action(detail=True, serializer_class=serializers.SharedAudiencesSerializer, filter_backends=[])
    def audiences(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """How many customers both offers address, exactly, and how many of them each segment brings."""
        row = self.get_object()
        shared = shared_numbers(row.offer_a, row.offer_b)
        sides = [
            {
                "offer": offer.code,
                "customers": offer.audience.size if offer.audience else len(everybody()),
                "is_for_everybody": offer.audience is None,
                "segments": shared_by_segment(offer, shared),
            }
            for offer in (row.offer_a, row.offer_b)
        ]
        return Response(self.get_serializer({"shared": len(shared), "sides": sides}).data)

    @extend_schema(responses=serializers.SharedCustomerSerializer(many=True), filters=False)
    @action(detail=True, serializer_class=serializers.SharedCustomerSerializer, filter_backends=[])
    def customers(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The customers that both offers address; for analysts and administrators who see the collision."""
        row = self.get_object()
        if not works_with_data(request.user):
            raise PermissionDenied(_("Only analysts and administrators see who the customers are."))
        numbers = self.paginate_queryset(shared_numbers(row.offer_a, row.offer_b))
        people = Customer.objects.visible(request.user).filter(number__in=list(numbers)).order_by("number")
        return self.get_paginated_response(self.get_serializer(people, many=True).data)

    @extend_schema(responses=serializers.RemedySerializer(many=True), filters=False)
    @action(detail=True, serializer_class=serializers.RemedySerializer, filter_backends=[])
    def remedies(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What would clear it while it is open, each tried on the plan as it is now; what causes the least first."""
        reader, today = reader_of(request.user), local_day(timezone.now())
        page = self.paginate_queryset(advice_for(self.get_object(), request.user, reader, today=today))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=serializers.ChosenRemedySerializer, responses=serializers.AppliedRemedySerializer)
    @remedies.mapping.post
    @idempotent
    def apply_remedy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make the change of this key, for who may change all that it touches; one that clears nothing now is refused."""
        row = self.get_object()
        if not may_apply_any(row, request.user):
            raise PermissionDenied
        asked = serializers.ChosenRemedySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        done = apply_remedy(collision=row, by=request.user, now=timezone.now(), **asked.validated_data)
        return Response(serializers.AppliedRemedySerializer(done).data)
