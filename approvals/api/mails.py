from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.actions import outbox
from approvals.api.filters import MailFilters
from approvals.api.serializers import MailDetailSerializer, MailSerializer
from approvals.models import Mail
from customers.permissions import is_administrator
from customers.rest.idempotency import idempotent
from customers.rest.problems import Conflict
from customers.rest.viewsets import VisibleViewSet


class MailViewSet(VisibleViewSet):
    """What was mailed to oneself; for administrators, all mail."""

    model = Mail
    serializer_class = MailDetailSerializer
    filterset_class = MailFilters
    search_fields = ("subject", "recipient__username")
    ordering_fields = ("id", "created_at", "sent_at")
    ordering = ("-id",)

    def rows(self) -> QuerySet:
        found = super().rows().select_related("recipient", "campaign")
        return found.defer("text", "html", "calendar") if self.action == "list" else found

    def get_serializer_class(self) -> Any:
        return MailSerializer if self.action == "list" else super().get_serializer_class()

    @extend_schema(request=None, responses=MailDetailSerializer, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def retry(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send a failed mail again. For administrators."""
        mail = self.get_object()
        if not is_administrator(request.user):
            raise PermissionDenied(_("Only administrators send mails again."))
        if not outbox.retry(mail=mail, by=request.user, now=timezone.now()):
            raise Conflict(_("Nothing to do: this mail is not a failed one any more."))
        return Response(self.get_serializer(self.get_object()).data)
