"""One's own news: what there is, what was read, and how it is to come."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import django_filters
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.actions import inbox, preferences
from approvals.api.briefings import MarkedSerializer
from approvals.choices import NewsKind
from approvals.models import Mail
from approvals.news_words import ABOUT
from approvals.queries.preferences import preferences_of
from approvals.rules.notification import CHOOSABLE, MANDATORY, choices_of, kind_of
from customers.rest.etags import EtagMixin
from customers.rest.fields import StrictIntegerField
from customers.rest.filters import FilterSet
from customers.rest.idempotency import idempotent
from customers.rest.serializers import RowSerializer, StrictSerializer
from customers.rest.viewsets import StrictViewSet, VisibleViewSet


class NewsSerializer(RowSerializer):
    kind = serializers.SerializerMethodField(help_text="As in `/notification-preferences/`.")
    campaign = serializers.CharField(
        source="campaign.code", read_only=True, default=None, allow_null=True, help_text="Code."
    )
    case = serializers.IntegerField(source="case_id", read_only=True, allow_null=True, help_text="Id.")

    class Meta:
        model = Mail
        fields = ["id", "event", "kind", "subject", "case", "campaign", "place", "state", "created_at", "read_at"]
        read_only_fields = fields
        extra_kwargs: ClassVar = {
            "place": {"help_text": "Where it leads, below the address of the site; empty for old news."},
            "state": {"help_text": "How it comes by mail."},
            "read_at": {"help_text": "Null as long as it is unread."},
        }

    def get_kind(self, mail: Mail) -> NewsKind:
        return kind_of(mail.event, mail.part)


class NewsDetailSerializer(NewsSerializer):
    class Meta(NewsSerializer.Meta):
        fields = [*NewsSerializer.Meta.fields, "text"]
        read_only_fields = fields


class ReadUpToSerializer(StrictSerializer):
    up_to = StrictIntegerField(min_value=0, help_text="Id of the newest message that you know of.")


class NewsFilters(FilterSet):
    is_unread = django_filters.BooleanFilter("read_at", lookup_expr="isnull")

    class Meta:
        model = Mail
        fields = ["event", "state"]


class InboxViewSet(VisibleViewSet):
    """What you were told, however it came; administrators too read only their own."""

    model = Mail
    serializer_class = NewsDetailSerializer
    filterset_class = NewsFilters
    ordering_fields = ("id", "created_at")
    ordering = ("-id",)

    def rows(self) -> QuerySet:
        found = Mail.objects.inbox(self.request.user).select_related("campaign").defer("html")
        return found.defer("text", "html", "calendar") if self.action == "list" else found

    def get_serializer_class(self) -> Any:
        return NewsSerializer if self.action == "list" else super().get_serializer_class()

    @extend_schema(request=None, responses=NewsDetailSerializer, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def read(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say that you have read it. Once more changes nothing."""
        mail = self.get_object()
        inbox.mark_read(mails=[mail.pk], by=request.user, now=timezone.now())
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        operation_id="inbox_read_all", request=ReadUpToSerializer, responses=MarkedSerializer, filters=False
    )
    @action(detail=False, methods=["post"], url_path="read", serializer_class=MarkedSerializer)
    @idempotent
    def read_all(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say that you have read everything up to a message; what came since stays unread."""
        asked = ReadUpToSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        marked = inbox.mark_all_read(**asked.validated_data, by=request.user, now=timezone.now())
        return Response(MarkedSerializer({"marked": marked}).data)


def _way(kind: NewsKind) -> serializers.ChoiceField:
    ways = [(way.value, way.label) for way in choices_of(kind)]
    with_default = f"{ABOUT[kind]} Null: as recommended."
    return serializers.ChoiceField(choices=ways, allow_null=True, required=False, help_text=with_default)


class NotificationPreferencesSerializer(StrictSerializer):
    """One field for each kind of news that can be switched off."""

    always_at_once = serializers.ListField(
        child=serializers.ChoiceField(NewsKind.choices), read_only=True, help_text="What cannot be switched off."
    )

    def get_fields(self) -> dict[str, Any]:
        return {**{kind.value: _way(kind) for kind in CHOOSABLE}, **super().get_fields()}


class NotificationPreferencesViewSet(EtagMixin, StrictViewSet):
    """How you hear of news: at once, in the daily digest, or in your inbox alone."""

    serializer_class = NotificationPreferencesSerializer
    action_parameters: ClassVar = {"retrieve": {"fields"}}

    def get_object(self) -> SimpleNamespace:
        chosen: Mapping[str, str] = preferences_of([self.request.user]).get(self.request.user.pk, {})
        ways = {kind.value: chosen.get(kind) for kind in CHOOSABLE}
        return SimpleNamespace(**ways, always_at_once=list(MANDATORY))

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Choose for the kinds that are given; null is as recommended."""
        # The row that every change of these settings locks.
        User.objects.select_for_update(no_key=True).get(pk=request.user.pk)
        self.check_match(self.get_object())
        asked = self.get_serializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        preferences.choose(chosen=asked.validated_data, by=request.user, now=timezone.now())
        return self.tagged(self.get_object())
