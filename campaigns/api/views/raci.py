from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import models
from campaigns.actions import raci_templates
from campaigns.api import filters
from campaigns.api.access import SeesPlans
from campaigns.api.serializers import raci as serializers
from campaigns.api.serializers.ground_rules import AddedActivitySerializer, RaciTemplateSerializer
from campaigns.api.views.ground_rules import GroundRuleViewSet
from campaigns.permissions import can_settle, sees_plans, staff_role
from campaigns.queries.workload import loads_of_departments, loads_of_people, running
from customers.clock import local_day
from customers.rest.access import Staff
from customers.rest.idempotency import idempotent
from customers.rest.problems import ParameterError
from customers.rest.viewsets import StrictViewSet

LONGEST = 3650


class AddedActivityViewSet(GroundRuleViewSet):
    """Activities that campaigns have beside the seven. Administrators write them."""

    model = models.AddedActivity
    serializer_class = AddedActivitySerializer
    filterset_class = filters.AddedActivityFilters


class KeepsTemplates(BasePermission):
    """Asked before the body is looked at; the action asks again, of the campaign."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method == "POST":
            return sees_plans(staff_role(request.user))
        return request.method in SAFE_METHODS or can_settle(request.user, view.model)


class RaciTemplateViewSet(GroundRuleViewSet):
    """Matrices to begin with. Leads make them of the matrix of a campaign; administrators rename and remove them."""

    permission_classes = (Staff, KeepsTemplates)
    model = models.RaciTemplate
    serializer_class = RaciTemplateSerializer
    filterset_class = filters.RaciTemplateFilters
    search_fields = ("name",)
    ordering_fields = ("id", "name")

    def rows(self) -> Any:
        return super().rows().prefetch_related("roles__department", "roles__added")

    @extend_schema(request=serializers.KeepTemplateSerializer, responses={201: RaciTemplateSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Keep the matrix of a campaign as a template."""
        asked = serializers.KeepTemplateSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        kept = raci_templates.keep(by=request.user, now=timezone.now(), **asked.validated_data)
        return self.tagged(kept, code=status.HTTP_201_CREATED)


class WorkloadViewSet(StrictViewSet):
    """Who carries how much, in the open for everybody who plans."""

    permission_classes = (SeesPlans,)
    serializer_class = serializers.WorkloadSerializer
    filter_backends = ()
    pagination_class = None
    action_parameters: ClassVar = {"retrieve": {"within"}}

    @extend_schema(
        parameters=[OpenApiParameter("within", int, description="Only campaigns that run in the next so many days.")],
        responses=serializers.WorkloadSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        """Activities by letter, department by department and person by person."""
        within = request.query_params.get("within", "0")
        if not within.isascii() or not within.isdecimal() or len(within) > len(str(LONGEST)) or int(within) > LONGEST:
            raise ParameterError({"within": [_("Give a number of days up to %(most)d.") % {"most": LONGEST}]})
        campaigns = running(today=local_day(timezone.now()), within_days=int(within))
        found = {"departments": loads_of_departments(campaigns), "people": loads_of_people(campaigns)}
        return Response(self.get_serializer(found).data)
