"""Reference data: everybody reads it, administrators write it."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import status
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from customers.actions import reference
from customers.permissions import is_administrator
from customers.rest.access import Staff
from customers.rest.etags import EtagMixin
from customers.rest.idempotency import idempotent
from customers.rest.viewsets import VisibleViewSet


class AdministratorsWrite(BasePermission):
    """Asked before the body is looked at; the action asks again."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method in SAFE_METHODS or is_administrator(request.user)


class ReferenceViewSet(EtagMixin, VisibleViewSet):
    permission_classes = (Staff, AdministratorsWrite)

    @idempotent
    def create(self, request: Request) -> Response:
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = reference.save(row=self.model(**asked.validated_data), by=request.user, now=timezone.now())
        return self.tagged(row, code=status.HTTP_201_CREATED)

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        # Locked before its ETag is compared: what was compared is what is changed.
        row = self.model._default_manager.select_for_update(no_key=True).get(pk=row.pk)
        self.check_match(row)
        asked = self.get_serializer(row, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        for name, value in asked.validated_data.items():
            setattr(row, name, value)
        return self.tagged(reference.save(row=row, by=request.user, now=timezone.now()))
