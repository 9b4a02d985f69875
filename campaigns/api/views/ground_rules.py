from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import models
from campaigns.actions import ground_rules
from campaigns.actions.rule_settings import set_rule
from campaigns.api import filters
from campaigns.api.serializers import ground_rules as serializers
from campaigns.api.serializers.campaigns import columns_of
from campaigns.permissions import can_settle
from campaigns.queries.register import with_overlaps
from campaigns.queries.rule_settings import SetRule, rules_as_set
from customers.rest.access import Staff
from customers.rest.etags import EtagMixin
from customers.rest.idempotency import idempotent
from customers.rest.viewsets import VisibleViewSet


class SettlesToWrite(BasePermission):
    """Asked before the body is looked at; the action asks again."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method in SAFE_METHODS or can_settle(request.user, view.model)


class GroundRuleViewSet(EtagMixin, VisibleViewSet):
    permission_classes = (Staff, SettlesToWrite)
    related: tuple[str, ...] = ()
    search_fields = ("code", "name")
    ordering_fields = ("code", "name")
    ordering = ("name",)
    renamed: ClassVar = {"ends_before": "ends_on", "low": "class_a", "high": "class_b"}

    def rows(self) -> QuerySet:
        return super().rows().select_related(*self.related)

    @idempotent
    def create(self, request: Request) -> Response:
        """Add one; collisions that it could bring or clear are counted again within seconds."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        columns = columns_of(asked.validated_data)
        many = self._many(columns)
        return self.tagged(self._put(self.model(**columns), many), code=status.HTTP_201_CREATED)

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change one; what names it stays. Collisions are counted again within seconds."""
        row = self._locked()
        asked = self.get_serializer(row, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        columns = columns_of(asked.validated_data)
        many = self._many(columns)
        for name, value in columns.items():
            setattr(row, name, value)
        self._put(row, many)
        return self.tagged(self.get_object())

    @extend_schema(responses={204: None})
    @transaction.atomic
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Remove one that nothing names; refused (409) with who names it."""
        ground_rules.remove(row=self._locked(), by=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _many(self, columns: dict[str, Any]) -> dict[str, Any]:
        """What columns of several refer to, taken out of the others."""
        names = [column.name for column in self.model._meta.many_to_many]
        return {name: columns.pop(name) for name in names if name in columns}

    def _put(self, row: Any, many: dict[str, Any]) -> Any:
        return ground_rules.put(row=row, many=many, by=self.request.user, now=timezone.now())

    def _locked(self) -> Any:
        """The row under its lock, if it is what the caller says they have read."""
        row = self.get_object()
        if not self.model.objects.select_for_update(no_key=True).filter(pk=row.pk).exists():
            raise Http404
        row = self.get_object()
        self.check_match(row)
        return row


class CombinationClassViewSet(GroundRuleViewSet):
    """Kinds of offers, which say what they combine with. Administrators write them."""

    model = models.CombinationClass
    serializer_class = serializers.CombinationClassSerializer
    filterset_class = filters.CombinationClassFilters


class CombinationPolicyViewSet(GroundRuleViewSet):
    """Whether offers of two classes combine, where they say nothing themselves. Administrators write them."""

    model = models.CombinationPolicy
    serializer_class = serializers.CombinationPolicySerializer
    filterset_class = filters.CombinationPolicyFilters
    related = ("low", "high")
    search_fields = ()
    ordering_fields = ("id", "decision")
    ordering = ("id",)


class JointGroupViewSet(GroundRuleViewSet):
    """Campaigns that were planned together: within a group nothing is a collision. Administrators write them."""

    model = models.JointGroup
    serializer_class = serializers.JointGroupSerializer
    filterset_class = filters.JointGroupFilters


class TacticViewSet(GroundRuleViewSet):
    """Ways to reach customers: who owns them, who profits. The leads of the owner and administrators write them."""

    model = models.Tactic
    serializer_class = serializers.TacticSerializer
    filterset_class = filters.TacticFilters
    related = ("department",)
    ordering_fields = ("code", "name", "since")

    def rows(self) -> QuerySet:
        return super().rows().prefetch_related("profits")


class ToolViewSet(GroundRuleViewSet):
    """What departments work with. Their leads and administrators write them."""

    model = models.Tool
    serializer_class = serializers.ToolSerializer
    filterset_class = filters.ToolFilters
    related = ("department",)
    search_fields = ("name", "note")
    ordering_fields = ("id", "name", "purpose")
    ordering = ("purpose", "name", "id")

    def rows(self) -> QuerySet:
        return with_overlaps(super().rows())


class DepartmentGoalViewSet(GroundRuleViewSet):
    """What departments want to reach; campaigns serve it. Their leads and administrators write them."""

    model = models.DepartmentGoal
    serializer_class = serializers.DepartmentGoalSerializer
    filterset_class = filters.DepartmentGoalFilters
    related = ("department",)


class BrandRulesViewSet(GroundRuleViewSet):
    """What the offers of a department keep to. Its leads and administrators write them."""

    model = models.BrandRules
    serializer_class = serializers.BrandRulesSerializer
    filterset_class = filters.BrandRulesFilters
    related = ("department",)
    search_fields = ("department__name",)
    ordering_fields = ("id", "deepest_discount")
    ordering = ("id",)


class WordToAvoidViewSet(GroundRuleViewSet):
    """Words that texts for customers are flagged for, in each language. Administrators write them."""

    model = models.WordToAvoid
    serializer_class = serializers.WordToAvoidSerializer
    filterset_class = filters.WordToAvoidFilters
    search_fields = ("phrase", "advice")
    ordering_fields = ("id", "phrase", "language", "kind")
    ordering = ("language", "phrase")


class PlacementViewSet(GroundRuleViewSet):
    """Places that offers share; those with the same page are seen together. Administrators write them."""

    model = models.Placement
    serializer_class = serializers.PlacementSerializer
    filterset_class = filters.PlacementFilters
    ordering_fields = ("code", "name", "page", "slots")


class FundViewSet(GroundRuleViewSet):
    """Money that offers of several departments draw on. Administrators write them."""

    model = models.Fund
    serializer_class = serializers.FundSerializer
    filterset_class = filters.FundFilters
    ordering_fields = ("code", "name", "starts_on", "amount")


class SubstitutionViewSet(GroundRuleViewSet):
    """Which part of what a product sells more is missing from its substitute. Analysts and administrators write them."""

    model = models.Substitution
    serializer_class = serializers.SubstitutionSerializer
    filterset_class = filters.SubstitutionFilters
    related = ("product", "substitute")
    search_fields = ("product__code", "product__name", "substitute__code", "substitute__name")
    ordering_fields = ("id", "rate")
    ordering = ("id",)


class ProtectedScopeViewSet(GroundRuleViewSet):
    """Products that offers keep out of: one brand, category or product, for a time. Administrators write them."""

    model = models.ProtectedScope
    serializer_class = serializers.ProtectedScopeSerializer
    filterset_class = filters.ProtectedScopeFilters
    related = ("category", "product", "department")
    search_fields = ("name", "brand")
    ordering_fields = ("id", "name", "starts_on")


class AnnouncedPriceViewSet(GroundRuleViewSet):
    """Prices that customers were told, with their days. Analysts and administrators write them."""

    model = models.AnnouncedPrice
    serializer_class = serializers.AnnouncedPriceSerializer
    filterset_class = filters.AnnouncedPriceFilters
    related = ("product", "department")
    search_fields = ("product__code", "product__name")
    ordering_fields = ("id", "starts_on", "price")
    ordering = ("-starts_on",)


class CollisionRuleViewSet(EtagMixin, VisibleViewSet):
    """The collision rules, each on, in observation or off, with its numbers. Administrators set them."""

    permission_classes = (Staff, SettlesToWrite)
    model = models.RuleSetting
    serializer_class = serializers.CollisionRuleSerializer
    lookup_field = "rule"
    lookup_url_kwarg = "code"
    lookup_value_regex = "[a-z_]{1,32}"
    filter_backends = ()

    def known_parameters(self) -> set[str]:
        return super().known_parameters() - {"ordering"}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(rules_as_set())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def get_object(self) -> SetRule:
        found = {one.rule.CODE: one for one in rules_as_set()}.get(self.kwargs["code"])
        if found is None:
            raise Http404
        return found

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set a rule; everything is detected again."""
        # Locked before its ETag is compared. A rule that is as delivered has no row: two who set it first meet in the
        # constraint, and the second is told so.
        list(models.RuleSetting.objects.select_for_update(no_key=True).filter(rule=self.kwargs["code"]))
        one = self.get_object()
        self.check_match(one)
        asked = self.get_serializer(one, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        values = {name: getattr(one, name) for name in ("mode", "base", "opens_from")} | asked.validated_data
        options = {**one.numbers, **values.pop("numbers", {})}
        values["opens_from"] = values["opens_from"] or ""
        set_rule(rule=one.rule.CODE, options=options, **values, by=request.user, now=timezone.now())
        return self.tagged(self.get_object())
