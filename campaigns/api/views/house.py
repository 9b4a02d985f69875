from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.actions import access
from campaigns.api import filters
from campaigns.api.serializers import house as serializers
from campaigns.models import Category, Department, Membership, Product
from customers.permissions import is_administrator
from customers.rest.idempotency import idempotent
from customers.rest.reference import ReferenceViewSet
from customers.rest.viewsets import VisibleViewSet


class DepartmentViewSet(ReferenceViewSet):
    """Departments. Everybody reads their names; administrators write them and say who works in them."""

    model = Department
    serializer_class = serializers.DepartmentSerializer
    filterset_class = filters.DepartmentFilters
    search_fields = ("code", "name")
    ordering_fields = ("code", "name")
    ordering = ("name",)
    action_parameters: ClassVar = {"members": {"page", "page_size"}}

    @extend_schema(responses=serializers.MemberSerializer(many=True), filters=False)
    @action(detail=True, serializer_class=serializers.MemberSerializer, filter_backends=[])
    def members(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who works in the department, its leads first; for administrators."""
        department = self.get_object()
        if not is_administrator(request.user):
            raise PermissionDenied(_("Only administrators see who works in a department."))
        rows = Membership.objects.visible(request.user).filter(department=department).select_related("user")
        page = self.paginate_queryset(rows.order_by("-is_lead", "user__username"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=serializers.JoinSerializer, responses=serializers.MemberSerializer)
    @members.mapping.post
    @idempotent
    def join(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let somebody work in the department, or change whether they lead it; their rights follow at once."""
        department = self.get_object()
        asked = serializers.JoinSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        member = access.join(
            department=department,
            user=asked.validated_data["person"],
            is_lead=asked.validated_data["is_lead"],
            by=request.user,
            now=timezone.now(),
        )
        return Response(self.get_serializer(member).data)

    @extend_schema(request=serializers.LeaveSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    @idempotent
    def leave(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let somebody no longer work in the department; the rights they had by it end at once."""
        department = self.get_object()
        asked = serializers.LeaveSerializer(
            data=request.data, context=self.get_serializer_context() | {"department": department}
        )
        asked.is_valid(raise_exception=True)
        person = asked.validated_data["person"]
        access.leave(department=department, user=person, by=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class CategoryViewSet(VisibleViewSet):
    """Categories of products, as imported."""

    model = Category
    serializer_class = serializers.CategorySerializer
    filterset_class = filters.CategoryFilters
    search_fields = ("code",)
    ordering_fields = ("code", "size")
    ordering = ("code",)


class ProductViewSet(VisibleViewSet):
    """The catalogue, as imported."""

    model = Product
    serializer_class = serializers.ProductSerializer
    filterset_class = filters.ProductFilters
    search_fields = ("code", "name", "brand")
    ordering_fields = ("code", "name", "brand", "price", "stock")
    ordering = ("name",)

    def rows(self) -> QuerySet:
        return super().rows().select_related("category", "department")
