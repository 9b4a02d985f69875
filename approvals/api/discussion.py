"""Comments on campaigns: said and listed at the campaign, retracted one by one; and who watches."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.actions import discussion
from approvals.models import Comment
from approvals.models.comments import LONGEST_COMMENT
from approvals.queries.discussion import comments_of, watches
from campaigns.actions.lifecycle import lock_campaign
from campaigns.models import Campaign
from customers.rest.etags import EtagMixin, etag_of
from customers.rest.fields import PersonField, ProseField
from customers.rest.idempotency import idempotent
from customers.rest.serializers import RowSerializer, StrictSerializer
from customers.rest.viewsets import StrictViewSet


class CommentSerializer(RowSerializer):
    campaign = serializers.CharField(source="campaign.code", read_only=True, help_text="Code.")
    author = PersonField(read_only=True)
    text = serializers.CharField(source="shown", read_only=True, help_text="Empty once it is retracted.")
    mentions = serializers.SerializerMethodField(help_text="User names, alphabetically; none once it is retracted.")
    retracted_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="By its author; null as long as it stands."
    )

    class Meta:
        model = Comment
        fields = ["id", "campaign", "author", "written_at", "text", "mentions", "retracted_at"]
        read_only_fields = fields

    def get_mentions(self, comment: Comment) -> list[str]:
        return [] if comment.retracted_at else sorted(person.username for person in comment.mentions.all())


class NewCommentSerializer(StrictSerializer):
    text = ProseField(
        max_length=LONGEST_COMMENT, help_text="`@username` tells a colleague who may read the campaign by name."
    )


class WatchSerializer(StrictSerializer):
    watches = serializers.BooleanField(read_only=True, help_text="Whether you hear of what happens to the campaign.")


class DiscussionViewSet(StrictViewSet):
    """What is said of a campaign, for all who may read it."""

    queryset = Campaign.objects.none()
    lookup_value_regex = "[0-9]{1,18}"
    filter_backends: ClassVar = []
    serializer_class = CommentSerializer
    action_parameters: ClassVar = {"comments": {"page", "page_size"}}

    def get_queryset(self) -> QuerySet:
        return Campaign.objects.visible(self.request.user)

    @extend_schema(responses=CommentSerializer(many=True), filters=False)
    @action(detail=True)
    def comments(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What was said, the newest first."""
        page = self.paginate_queryset(
            comments_of(self.get_object()).select_related("campaign", "author", "retraction")
        )
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=NewCommentSerializer, responses={201: CommentSerializer}, filters=False)
    @comments.mapping.post
    @idempotent
    def comment(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say something. For whoever has a part in the campaign beyond being told (I)."""
        campaign = self.get_object()
        discussion.check_may_speak(request.user, campaign)
        asked = NewCommentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        written = discussion.write(campaign=campaign, by=request.user, now=timezone.now(), **asked.validated_data)
        data = self.get_serializer(written).data
        return Response(data, status=status.HTTP_201_CREATED, headers={"ETag": etag_of(data)})

    @extend_schema(responses=WatchSerializer, filters=False)
    @action(detail=True, serializer_class=WatchSerializer)
    def watch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Whether you are told of its comments and of each change of its status."""
        return self._watch(self.get_object())

    @extend_schema(request=None, responses=WatchSerializer, filters=False)
    @watch.mapping.post
    @idempotent
    def begin_to_watch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Be told of its comments and of each change of its status."""
        campaign = self.get_object()
        discussion.watch(campaign=campaign, by=request.user, now=timezone.now())
        return self._watch(campaign)

    @extend_schema(request=None, responses=WatchSerializer, filters=False)
    @action(detail=True, methods=["post"], serializer_class=WatchSerializer)
    @idempotent
    def unwatch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Be told of nothing but mentions."""
        campaign = self.get_object()
        discussion.unwatch(campaign=campaign, by=request.user, now=timezone.now())
        return self._watch(campaign)

    def _watch(self, campaign: Campaign) -> Response:
        return Response(WatchSerializer({"watches": watches(self.request.user, campaign)}).data)


class CommentViewSet(EtagMixin, RetrieveModelMixin, StrictViewSet):
    """One comment on a campaign, for all who may read that."""

    queryset = Comment.objects.none()
    lookup_value_regex = "[0-9]{1,18}"
    filter_backends: ClassVar = []
    serializer_class = CommentSerializer
    action_parameters: ClassVar = {"retrieve": {"fields"}}

    def get_queryset(self) -> QuerySet:
        rows = Comment.objects.visible(self.request.user).select_related("campaign", "author", "retraction")
        return rows.prefetch_related("mentions")

    @extend_schema(request=None, responses=CommentSerializer, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def retract(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Hide its text from everybody, for good. For who wrote it."""
        lock_campaign(self.get_object().campaign)
        comment = self.get_object()
        self.check_match(comment)
        discussion.retract(comment=comment, by=request.user, now=timezone.now())
        return self.tagged(self.get_object())
