from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.rest_framework import BooleanFilter
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.actions import people, profiles
from approvals.api import serializers as shown
from approvals.queries.people import visible_people, with_parts
from customers.permissions import is_administrator
from customers.rest.access import Staff
from customers.rest.etags import EtagMixin
from customers.rest.filters import FilterSet
from customers.rest.idempotency import idempotent
from customers.rest.reference import AdministratorsWrite
from customers.rest.viewsets import VisibleViewSet


class PersonFilters(FilterSet):
    is_active = BooleanFilter("is_active", help_text="Who has left is there for administrators alone.")

    class Meta:
        model = User
        fields = ["username"]


class PersonViewSet(EtagMixin, VisibleViewSet):
    """Colleagues: everybody reads names; administrators read and write the rest. Nobody is deleted."""

    model = User
    permission_classes = (Staff, AdministratorsWrite)
    serializer_class = shown.PersonSerializer
    filterset_class = PersonFilters
    search_fields = ("username", "first_name", "last_name")
    ordering_fields = ("id", "username")
    ordering = ("username",)
    renamed: ClassVar = {"is_superuser": "is_administrator"}

    def rows(self) -> QuerySet:
        found = visible_people(self.request.user)
        return with_parts(found) if is_administrator(self.request.user) else found

    def get_serializer_class(self) -> Any:
        whole = self.action not in ("list", "retrieve") or is_administrator(self.request.user)
        return super().get_serializer_class() if whole else shown.ColleagueSerializer

    @extend_schema(request=shown.NewPersonSerializer, responses={201: shown.PersonSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Add a colleague. With a token neither an administrator nor a password can be made."""
        asked = shown.NewPersonSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        self._only_with_a_session(fields)
        password = fields.pop("password", None)
        person = people.add_person(fields=fields, password=password, by=request.user, now=timezone.now())
        return self.tagged(self.get_queryset().get(pk=person.pk), code=status.HTTP_201_CREATED)

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a colleague; with a token not whether they are an administrator."""
        User.objects.select_for_update(no_key=True).get(pk=self.get_object().pk)
        person = self.get_object()
        self.check_match(person)
        asked = self.get_serializer(person, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        self._only_with_a_session(asked.validated_data)
        people.change_person(person=person, fields=asked.validated_data, by=request.user, now=timezone.now())
        return self.tagged(self.get_object())

    @extend_schema(request=shown.PasswordSerializer, responses={204: None}, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def password(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give a colleague another password, which ends their sessions. Not with a token."""
        person = self.get_object()
        self._only_with_a_session({"password": ""})
        asked = shown.PasswordSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        people.set_password(person=person, **asked.validated_data, by=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _only_with_a_session(self, fields: Any) -> None:
        """A token that got into wrong hands must not outlive itself: as another account, or behind a new password."""
        if self.request.auth is not None and fields.keys() & {"password", "is_administrator"}:
            raise PermissionDenied(_("A token sets no passwords and names no administrators: sign in."))


class MeViewSet(EtagMixin, VisibleViewSet):
    """Who is asking: name, roles, departments and settings."""

    model = User
    serializer_class = shown.MeSerializer

    def rows(self) -> QuerySet:
        return with_parts(visible_people(self.request.user)).filter(pk=self.request.user.pk)

    def get_object(self) -> User:
        return self.get_queryset().get()

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Choose the language of pages and mails, and whether every briefing comes by mail."""
        person = self.get_object()
        self.check_match(person)
        asked = self.get_serializer(person, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        if asked.validated_data:
            profiles.change_settings(**asked.validated_data, by=request.user, now=timezone.now())
        return self.tagged(self.get_object())
