from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.serializers.campaigns import KpisSerializer
from campaigns.rules.kpis import KPIS
from customers.rest.access import Staff
from customers.rest.viewsets import StrictViewSet


class KpiViewSet(StrictViewSet):
    """The KPIs that are known here."""

    permission_classes = (Staff,)
    serializer_class = KpisSerializer
    filter_backends = ()
    pagination_class = None

    @extend_schema(responses=KpisSerializer)
    def retrieve(self, request: Request) -> Response:
        """All of them, and which are vanity metrics. Campaigns name their KPI in words of their own."""
        return Response(self.get_serializer({"kpis": KPIS}).data)
