from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.actions.collisions import request_detection
from campaigns.api.access import AsksForDetections
from campaigns.api.serializers.house import DetectionRunSerializer, ImportRunSerializer
from campaigns.models import DetectionRun, ImportRun
from customers.rest.idempotency import idempotent
from customers.rest.viewsets import VisibleViewSet


class DetectionRunViewSet(VisibleViewSet):
    """Detections of everything, asked for and run by a worker; for leads, analysts and administrators."""

    permission_classes = (AsksForDetections,)
    model = DetectionRun
    serializer_class = DetectionRunSerializer
    ordering_fields = ("id", "requested_at", "finished_at")
    ordering = ("-id",)

    def rows(self) -> Any:
        return super().rows().select_related("requested_by")

    @extend_schema(request=None, responses={202: DetectionRunSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Ask for a detection; while one waits already, that one is the answer. Read it again to follow it."""
        run = request_detection(by=request.user, now=timezone.now())
        return Response(self.get_serializer(run).data, status=status.HTTP_202_ACCEPTED)


class ImportRunViewSet(VisibleViewSet):
    """Imports of datasets and how far they came; for analysts and administrators."""

    model = ImportRun
    serializer_class = ImportRunSerializer
    ordering_fields = ("id", "started_at", "finished_at")
    ordering = ("-id",)
