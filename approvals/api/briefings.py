"""Briefings: what every channel says about a campaign, for everybody who works here."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals import briefing_lines
from approvals.actions import briefings as actions
from approvals.api.reviews import DifferenceSerializer
from approvals.queries import briefings
from approvals.queries.briefings import Read
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign
from campaigns.rules.differences import differences
from customers.rest.etags import etag_of
from customers.rest.fields import DayField, PersonField
from customers.rest.idempotency import idempotent
from customers.rest.serializers import StrictSerializer
from customers.rest.viewsets import StrictViewSet


class BriefingLineSerializer(StrictSerializer):
    id = serializers.IntegerField(source="campaign.pk", help_text="Of the campaign.")
    code = serializers.CharField(source="campaign.code")
    name = serializers.CharField()
    department = serializers.CharField(source="campaign.department.code", help_text="Code.")
    status = serializers.ChoiceField(
        CampaignStatus.choices, source="campaign.status", help_text="Offer it only while it is `live`."
    )
    starts_on = DayField()
    ends_on = DayField(help_text="Included.")
    version = serializers.IntegerField(source="number")
    released_at = serializers.DateTimeField()
    is_new = serializers.BooleanField(help_text="Whether you have not read this version, and it is not over.")


class BriefingFactSerializer(StrictSerializer):
    what = serializers.CharField()
    words = serializers.CharField()


class BriefingOfferSerializer(StrictSerializer):
    code = serializers.CharField()
    name = serializers.CharField()
    terms = serializers.CharField(help_text="In words, in the language of the answer, like the facts.")
    starts_on = DayField()
    ends_on = DayField(help_text="Included.")
    claims = serializers.ListField(child=serializers.CharField(), help_text="Sentences that customers read.")
    facts = BriefingFactSerializer(many=True)
    is_held = serializers.BooleanField(help_text="Nobody promises it yet.")


class BriefingVersionSerializer(StrictSerializer):
    version = serializers.IntegerField(source="version.number")
    released_at = serializers.DateTimeField()


class OtherCampaignSerializer(StrictSerializer):
    id = serializers.IntegerField(source="campaign.pk")
    code = serializers.CharField(source="campaign.code")
    name = serializers.CharField(source="campaign.name")
    department = serializers.CharField(source="campaign.department.code", help_text="Code.")
    starts_on = DayField(source="campaign.starts_on")
    ends_on = DayField(source="campaign.ends_on", help_text="Included.")
    channels = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="Codes; null is every channel."
    )


class WithdrawnOfferSerializer(StrictSerializer):
    code = serializers.CharField()
    name = serializers.CharField()


class BriefingSerializer(StrictSerializer):
    id = serializers.IntegerField(source="campaign.pk", help_text="Of the campaign.")
    code = serializers.CharField(source="campaign.code")
    name = serializers.CharField()
    department = serializers.CharField(source="campaign.department.code", help_text="Code.")
    status = serializers.ChoiceField(
        CampaignStatus.choices, source="campaign.status", help_text="Offer it only while it is `live`."
    )
    what_to_do = serializers.CharField(help_text="What follows from the status, in words.")
    version = serializers.IntegerField(
        source="briefing.version.number", default=None, allow_null=True, help_text="Null in a preview."
    )
    released_at = serializers.DateTimeField(source="briefing.released_at", default=None, allow_null=True)
    is_newest = serializers.BooleanField(help_text="False for a version that no longer counts.")
    is_read = serializers.BooleanField(help_text="Whether you said that you have read this version.")
    starts_on = DayField()
    ends_on = DayField(help_text="Included.")
    what = serializers.CharField(help_text="What to say.")
    who = serializers.CharField()
    where = serializers.CharField()
    how = serializers.CharField()
    contact_person = PersonField(source="campaign.contact_person", read_only=True, allow_null=True)
    accountable = PersonField(source="campaign.accountable", read_only=True)
    offers = BriefingOfferSerializer(many=True)
    withdrawn = WithdrawnOfferSerializer(many=True, help_text="Nobody promises these any more.")
    changes = DifferenceSerializer(many=True, help_text="Since the version that was released before.")
    others = OtherCampaignSerializer(many=True, help_text="Other campaigns of the same days, the first of them.")
    versions = BriefingVersionSerializer(source="releases", many=True, help_text="The newest first.")


class ReadVersionSerializer(StrictSerializer):
    version = serializers.IntegerField(min_value=1, max_value=10**9, help_text="The one that was read.")


class MarkedSerializer(StrictSerializer):
    marked = serializers.IntegerField(read_only=True, help_text="How many were new to you.")


class BriefingViewSet(StrictViewSet):
    """What every channel says about a campaign, once it is approved."""

    queryset = Campaign.objects.none()
    lookup_value_regex = "[0-9]{1,18}"
    filter_backends: ClassVar = []
    serializer_class = BriefingSerializer
    action_parameters: ClassVar = {"list": {"page", "page_size"}, "retrieve": {"version"}}

    def get_queryset(self) -> QuerySet:
        return briefings.listed(self.request.user)

    @extend_schema(responses=BriefingLineSerializer(many=True), filters=False)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What runs, what comes, what is over."""
        lines = briefings.lines(self.paginate_queryset(self.get_queryset()) or [])
        return self.get_paginated_response(BriefingLineSerializer(lines, many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("version", int, description="An older one; without, the newest.")],
        responses=BriefingSerializer,
        filters=False,
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One briefing. Before the campaign is approved a preview, for who reads the campaign."""
        asked = request.query_params.get("version")
        if asked is not None and not (asked.isascii() and asked.isdecimal() and len(asked) < 10):
            raise Http404
        one = briefings.read(request.user, int(kwargs["pk"]), None if asked is None else int(asked))
        if one is None:
            raise Http404
        return self._shown(one)

    @extend_schema(request=ReadVersionSerializer, responses=BriefingSerializer, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def read(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say that you have read a version."""
        campaign = self.get_object()
        asked = ReadVersionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        number = asked.validated_data["version"]
        actions.mark_read(campaign=campaign, number=number, by=request.user, now=timezone.now())
        one = briefings.read(request.user, campaign.pk, number)
        assert one is not None, "it was there to be marked"
        return self._shown(one)

    @extend_schema(operation_id="briefings_read_all", request=None, responses=MarkedSerializer, filters=False)
    @action(detail=False, methods=["post"], url_path="read", serializer_class=MarkedSerializer)
    @idempotent
    def read_all(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say that you have read all of them as they are now."""
        marked = actions.mark_all_read(by=request.user, now=timezone.now())
        return Response(MarkedSerializer({"marked": marked}).data)

    def _shown(self, one: Read) -> Response:
        data = BriefingSerializer(self._data(one)).data
        return Response(data, headers={"ETag": etag_of(data)})

    def _data(self, one: Read) -> dict[str, Any]:
        user = self.request.user
        cards, _total = briefings.others(one, user)
        return {
            **{name: getattr(one, name) for name in ("campaign", "briefing", "name", "starts_on", "ends_on")},
            **{name: one.brief.get(name, "") for name in ("what", "who", "where", "how")},
            "is_newest": one.is_newest,
            "is_read": one.briefing is not None and briefings.has_read(user, one),
            "what_to_do": briefing_lines.standing(one)[2],
            "offers": [
                {
                    **vars(line),
                    "ends_on": line.ends_on,
                    "facts": [{"what": what, "words": words} for what, words in line.facts],
                }
                for line in briefing_lines.offer_lines(one)
            ],
            "withdrawn": one.withdrawn,
            "changes": differences(one.before, one.sections) if one.before is not None else [],
            "others": [
                {
                    "campaign": card.campaign,
                    "channels": None if card.channels is None else [code for code, _name in card.channels],
                }
                for card in cards
            ],
            "releases": one.releases,
        }
