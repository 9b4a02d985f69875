"""The approval of a campaign: submitted, voted on section by section; its versions."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.actions import reviews
from approvals.models import Vote
from approvals.models.reviews import LONGEST_REMARK
from approvals.queries.reviews import Reviewed, is_standing, reviewed_one, sections_waiting, stands_in_for
from approvals.rules import routing
from campaigns.actions.lifecycle import lock_campaign
from campaigns.models import Campaign, Version
from campaigns.permissions import answers_for
from campaigns.queries.versions import as_it_was, versions_of
from campaigns.rules.differences import differences
from customers.rest.etags import etag_of
from customers.rest.fields import PersonField, ProseField, StrictCharField
from customers.rest.idempotency import idempotent
from customers.rest.serializers import RowSerializer, StrictSerializer
from customers.rest.viewsets import StrictViewSet

DECISIONS = (routing.APPROVE, routing.CHANGES, routing.COMMENT)


class VoteSerializer(RowSerializer):
    voter = PersonField(read_only=True)
    stands_for = PersonField(read_only=True, allow_null=True, help_text="Who was away then.")
    stands = serializers.SerializerMethodField(help_text="Whether it counts for what the section says now.")

    class Meta:
        model = Vote
        fields = ["id", "section", "decision", "comment", "voter", "stands_for", "voted_at", "revoked_at", "stands"]
        read_only_fields = fields

    def get_stands(self, vote: Vote) -> bool:
        return is_standing(self.context["reviewed"], vote)


class SectionSerializer(StrictSerializer):
    section = serializers.CharField(help_text='"brief", or "offers:" and the code of a department.')
    content_hash = serializers.CharField(help_text="Of what it says now: who votes sends it back.")
    is_asked = serializers.BooleanField(help_text="Whether the vote of the reader is waited for.")
    lacks_readers = serializers.IntegerField(help_text="Approvals by people who did not write it that are missing.")


class RequirementSerializer(StrictSerializer):
    kind = serializers.ChoiceField(["accountable", "department", "activity", "rule"])
    people = serializers.ListField(child=serializers.CharField(), help_text="User names; one of them agrees.")
    sections = serializers.ListField(child=serializers.CharField())
    missing = serializers.ListField(child=serializers.CharField(), help_text="Sections nobody of them agreed to.")


class ApprovalSerializer(StrictSerializer):
    is_agreed = serializers.BooleanField(help_text="Whether nothing is missing for what it says now.")
    approvals_needed = serializers.IntegerField(help_text="People who did not write it, for each section.")
    sections = SectionSerializer(many=True)
    requirements = RequirementSerializer(many=True)
    votes = VoteSerializer(many=True)
    problems = serializers.ListField(child=serializers.CharField(), help_text="Why nobody could ever approve it.")


class SubmitSerializer(StrictSerializer):
    content_hash = StrictCharField(
        source="posted_hash", max_length=64, help_text="Of the campaign as it was read; another one is refused."
    )
    reason = ProseField(default="", allow_blank=True, max_length=LONGEST_REMARK)


class NewVoteSerializer(StrictSerializer):
    decision = serializers.ChoiceField(DECISIONS)
    sections = serializers.DictField(
        source="shown",
        child=StrictCharField(max_length=64),
        allow_empty=False,
        help_text="Hash of each section as it was read, by section.",
    )
    comment = ProseField(default="", allow_blank=True, max_length=LONGEST_REMARK)


class RevokeVotesSerializer(StrictSerializer):
    reason = ProseField(max_length=LONGEST_REMARK, help_text="Everybody concerned reads it.")


class VersionSerializer(RowSerializer):
    class Meta:
        model = Version
        fields = ["number", "content_hash", "made_at", "sections"]
        read_only_fields = fields


class DifferenceSerializer(StrictSerializer):
    section = serializers.CharField()
    offer = serializers.CharField(help_text="Code; empty for the brief.")
    field = serializers.CharField(help_text="Empty where a whole offer came or went.")
    before = serializers.JSONField(allow_null=True, help_text="Of lists what was taken out.")
    after = serializers.JSONField(allow_null=True, help_text="Of lists what was added.")


class ApprovalViewSet(StrictViewSet):
    """How far the approval of a campaign is, for all who may read it; and what those do on whom it depends."""

    queryset = Campaign.objects.none()
    lookup_value_regex = "[0-9]{1,18}"
    filter_backends: ClassVar = []
    serializer_class = ApprovalSerializer
    renamed: ClassVar = {"posted_hash": "content_hash"}
    action_parameters: ClassVar = {"versions": {"page", "page_size"}, "differences": {"from", "to"}}

    def get_queryset(self) -> QuerySet:
        return Campaign.objects.visible(self.request.user).select_related("department")

    @extend_schema(responses=ApprovalSerializer, filters=False)
    @action(detail=True)
    def approval(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Whose approval it needs, what was said, and what is missing."""
        return self._shown(self.get_object())

    @extend_schema(request=SubmitSerializer, responses=ApprovalSerializer, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def submit(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a draft part of the plan and answer for what was read; for the A. The others are asked to approve it."""
        campaign = self._locked()
        if not answers_for(request.user, campaign):
            self.permission_denied(request)
        asked = self._asked(SubmitSerializer)
        return self._shown(reviews.submit(campaign=campaign, by=request.user, now=timezone.now(), **asked))

    @extend_schema(request=NewVoteSerializer, responses=ApprovalSerializer, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def votes(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Approve sections as they were read, ask for changes, or comment; for those who are asked.

        The last approval that was missing approves the campaign. If a section says something else by now, all is refused
        (409).
        """
        campaign = self._locked()
        asked = self._asked(NewVoteSerializer)
        return self._shown(reviews.vote(campaign=campaign, by=request.user, now=timezone.now(), **asked))

    @extend_schema(request=RevokeVotesSerializer, responses=ApprovalSerializer, filters=False)
    @action(detail=True, methods=["post"], url_path="revoke-votes")
    @idempotent
    def revoke_votes(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take back one's own votes; what was approved waits for approval again."""
        campaign = self._locked()
        asked = self._asked(RevokeVotesSerializer)
        return self._shown(reviews.revoke(campaign=campaign, by=request.user, now=timezone.now(), **asked))

    @extend_schema(responses=VersionSerializer(many=True), filters=False)
    @action(detail=True, serializer_class=VersionSerializer)
    def versions(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What was planned since it was submitted, the newest first."""
        page = self.paginate_queryset(Version.objects.filter(campaign=self.get_object()).order_by("-number"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("from", int, description="Number of a version; without both, the last but one."),
            OpenApiParameter("to", int, description="Number of a later version; without both, the last."),
        ],
        responses=DifferenceSerializer(many=True),
        filters=False,
    )
    @action(detail=True, serializer_class=DifferenceSerializer, pagination_class=None)
    def differences(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What differs between two versions, field by field."""
        campaign = self.get_object()
        asked = {name: request.query_params[name] for name in ("from", "to") if name in request.query_params}
        if asked:
            before, after = (self._version(campaign, asked.get(name, "")) for name in ("from", "to"))
        else:
            last = versions_of(campaign)[:2]
            if len(last) < 2:
                return Response([])
            after, before = last
        found = differences(as_it_was(before), as_it_was(after))
        return Response(DifferenceSerializer(found, many=True).data)

    def _version(self, campaign: Campaign, number: str) -> Version:
        is_number = number.isascii() and number.isdecimal() and len(number) < 10
        version = Version.objects.filter(campaign=campaign, number=number).first() if is_number else None
        if version is None:
            raise Http404
        return version

    def _locked(self) -> Campaign:
        lock_campaign(self.get_object())
        campaign: Campaign = self.get_object()
        return campaign

    def _asked(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        asked = serializer(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return asked.validated_data

    def _shown(self, campaign: Campaign) -> Response:
        one = reviewed_one(campaign)
        data = self._data(one)
        return Response(data, headers={"ETag": etag_of(data)})

    def _data(self, one: Reviewed) -> dict[str, Any]:
        user = self.request.user
        asked = sections_waiting(one, [user.pk, *stands_in_for(user, timezone.now())])
        names = {pk: person.get_username() for pk, person in one.people.items()}
        lacking = {missing.requirement.key: missing.sections for missing in one.standing.missing}
        said = {
            "is_agreed": one.is_agreed,
            "approvals_needed": one.standing.needed,
            "sections": [
                {
                    "section": section,
                    "content_hash": hashed,
                    "is_asked": section in asked,
                    "lacks_readers": one.standing.unread.get(section, 0),
                }
                for section, hashed in one.plan.sections.items()
            ],
            "requirements": [
                {
                    "kind": requirement.kind,
                    "people": [names[pk] for pk in sorted(requirement.people) if pk in names],
                    "sections": requirement.sections,
                    "missing": lacking.get(requirement.key, ()),
                }
                for requirement in one.standing.requirements
            ],
            "votes": one.votes,
            "problems": [] if one.is_agreed else reviews.problems_of(one, now=timezone.now()),
        }
        context = self.get_serializer_context() | {"reviewed": one}
        data: dict[str, Any] = ApprovalSerializer(said, context=context).data
        return data
