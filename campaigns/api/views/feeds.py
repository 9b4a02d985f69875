from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.actions import feeds
from campaigns.api.access import SeesPlans
from campaigns.api.serializers.feeds import FeedSerializer, MadeFeedSerializer, NewFeedSerializer
from campaigns.models import CalendarFeed
from customers.rest.idempotency import idempotent
from customers.rest.viewsets import VisibleViewSet


class FeedViewSet(VisibleViewSet):
    """Secret addresses at which calendar programs read the calendar as a person sees it."""

    permission_classes = (SeesPlans,)
    model = CalendarFeed
    serializer_class = FeedSerializer
    ordering_fields = ("id",)
    ordering = ("-id",)

    def rows(self) -> QuerySet:
        return super().rows().select_related("user")

    @extend_schema(request=NewFeedSerializer, responses={201: MadeFeedSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Make a feed for oneself. The answer shows its address once."""
        if request.auth is not None:
            # One that got into wrong hands must not leave behind what outlives it.
            raise PermissionDenied(_("A token makes no feeds: sign in."))
        asked = NewFeedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        feed, secret = feeds.create_feed(
            name=asked.validated_data["name"], filters=asked.filters(), by=request.user, now=timezone.now()
        )
        address = request.build_absolute_uri(reverse("calendar_feed", args=[secret]))
        context = self.get_serializer_context()
        response = Response(
            MadeFeedSerializer(feed, context=context | {"address": address}).data, status=status.HTTP_201_CREATED
        )
        response.kept_data = MadeFeedSerializer(feed, context=context | {"address": ""}).data
        return response

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Revoke a feed: its address leads nowhere at once, its row stays."""
        feeds.revoke_feed(feed=self.get_object(), by=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
