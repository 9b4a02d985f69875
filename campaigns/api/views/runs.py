from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError as DomainError
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.actions.collisions import request_detection
from campaigns.actions.dataset.parcels import longest_request
from campaigns.actions.uploads import request_import
from campaigns.api.access import AsksForDetections, WorksWithDataToWrite
from campaigns.api.serializers.house import DetectionRunSerializer, ImportRunSerializer, NewImportSerializer
from campaigns.models import DetectionRun, ImportRun
from customers.rest.access import Staff
from customers.rest.idempotency import idempotent
from customers.rest.problems import TooLarge
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

    permission_classes = (Staff, WorksWithDataToWrite)
    model = ImportRun
    serializer_class = ImportRunSerializer
    ordering_fields = ("id", "started_at", "finished_at")
    ordering = ("-id",)

    def rows(self) -> Any:
        return super().rows().select_related("requested_by")

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Before anybody signs in: with a session the check against forged requests reads the whole body.
        if int(request.META.get("CONTENT_LENGTH") or 0) > longest_request():
            text = _("The files are larger than %(size)d MB together.")
            raise TooLarge(text % {"size": settings.IMPORT_UPLOAD_MB})
        super().initial(request, *args, **kwargs)

    @extend_schema(request={"multipart/form-data": NewImportSerializer}, responses={202: ImportRunSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Send one ZIP of tables, or the tables themselves. A worker checks and imports them: read the answer again."""
        asked = NewImportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        files = [(one.name, one) for one in asked.validated_data["files"]]
        try:
            run = request_import(
                files=files, dry_run=asked.validated_data["dry_run"], by=request.user, now=timezone.now()
            )
        except DomainError as error:
            raise ValidationError({"files": error.messages}) from error
        return Response(self.get_serializer(run).data, status=status.HTTP_202_ACCEPTED)
