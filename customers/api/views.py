from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from customers.actions import tokens
from customers.actions.segments import members
from customers.api import filters
from customers.api.serializers import (
    ChannelSerializer,
    CustomerSerializer,
    HistoryEntrySerializer,
    MadeTokenSerializer,
    NewTokenSerializer,
    SegmentSerializer,
    TokenSerializer,
)
from customers.models import ApiToken, Channel, Customer, HistoryEntry, Segment
from customers.permissions import works_with_data
from customers.rest.idempotency import idempotent
from customers.rest.reference import ReferenceViewSet
from customers.rest.viewsets import VisibleViewSet


class ChannelViewSet(ReferenceViewSet):
    """Ways to reach customers. Administrators write them."""

    model = Channel
    serializer_class = ChannelSerializer
    filterset_class = filters.ChannelFilters
    search_fields = ("code", "name")
    ordering_fields = ("code", "name")
    ordering = ("name",)


class CustomerViewSet(VisibleViewSet):
    """Personal data: for analysts and administrators. Imports write it."""

    model = Customer
    serializer_class = CustomerSerializer
    filterset_class = filters.CustomerFilters
    ordering_fields = ("code", "id")
    ordering = ("number",)


class SegmentViewSet(VisibleViewSet):
    """Named sets of customers. Everybody reads names and sizes; analysts and administrators also the members."""

    model = Segment
    serializer_class = SegmentSerializer
    filterset_class = filters.SegmentFilters
    search_fields = ("code", "name")
    ordering_fields = ("code", "name", "size")
    ordering = ("name",)
    action_parameters: ClassVar = {"members": {"page", "page_size"}}

    def rows(self) -> QuerySet:
        return super().rows().filter(kind=Segment.Kind.NAMED).defer("members")

    @extend_schema(responses=CustomerSerializer(many=True), filters=False)
    @action(detail=True, serializer_class=CustomerSerializer, filter_backends=[])
    def members(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The customers of the segment, by their number."""
        segment = self.get_object()
        if not works_with_data(request.user):
            raise PermissionDenied(_("Only analysts and administrators see who is in a segment."))
        numbers = self.paginate_queryset(members(segment))
        people = Customer.objects.visible(request.user).filter(number__in=list(numbers)).order_by("number")
        return self.get_paginated_response(self.get_serializer(people, many=True).data)


class HistoryEntryViewSet(VisibleViewSet):
    """Who did what, when and why; for administrators. Rows are never changed or deleted."""

    model = HistoryEntry
    serializer_class = HistoryEntrySerializer
    filterset_class = filters.HistoryFilters
    ordering_fields = ("id",)
    ordering = ("-id",)


class TokenViewSet(VisibleViewSet):
    """Tokens with which programs act for a person. Made and revoked by that person, signed in with the password."""

    model = ApiToken
    serializer_class = TokenSerializer
    ordering_fields = ("id", "expires_at")
    ordering = ("-id",)

    def rows(self) -> QuerySet:
        return super().rows().select_related("user")

    def get_serializer_context(self) -> dict[str, Any]:
        return super().get_serializer_context() | {"now": timezone.now()}

    @extend_schema(request=NewTokenSerializer, responses={201: MadeTokenSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Make a token for oneself. The answer shows it once."""
        self._only_with_a_session(request)
        asked = NewTokenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        token, secret = tokens.create_token(
            user=request.user, by=request.user, now=timezone.now(), **asked.validated_data
        )
        context = self.get_serializer_context()
        shown = MadeTokenSerializer(token, context=context | {"secret": secret})
        response = Response(shown.data, status=status.HTTP_201_CREATED)
        response.kept_data = MadeTokenSerializer(token, context=context | {"secret": ""}).data
        return response

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Revoke a token: it stops working at once, its row stays."""
        self._only_with_a_session(request)
        tokens.revoke_token(token=self.get_object(), by=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _only_with_a_session(self, request: Request) -> None:
        """A token that got into wrong hands must not make its own successors."""
        if request.auth is not None:
            raise PermissionDenied(_("A token makes and revokes no tokens: sign in."))
