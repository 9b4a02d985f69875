"""What one side of a case proposes to the other, and its answer."""

from rest_framework import serializers

from approvals.models import Proposal
from approvals.models.proposals import LONGEST_TEXT
from customers.rest.fields import PersonField, ProseField, StrictCharField, StrictIntegerField
from customers.rest.serializers import RowSerializer, StrictSerializer


class ProposalSerializer(RowSerializer):
    case = serializers.IntegerField(source="case_id", read_only=True, help_text="Id.")
    collision = serializers.IntegerField(source="collision_id", read_only=True, help_text="Id.")
    remedy = serializers.CharField(source="key", read_only=True, help_text="Key of the remedy of the collision.")
    campaign = serializers.CharField(
        source="offer.campaign.code", read_only=True, help_text="Code of the one that is asked."
    )
    offer = serializers.CharField(source="offer.code", read_only=True, help_text="Code of the one that gives way.")
    sentence = serializers.CharField(read_only=True, help_text="The change in words, as it was when proposed.")
    days = serializers.IntegerField(read_only=True, help_text="That the offer moves; below 0: earlier.")
    customers = serializers.IntegerField(read_only=True, help_text="That the offer loses.")
    products = serializers.IntegerField(read_only=True, help_text="That the offer loses.")
    proposed_by = PersonField(read_only=True)
    answered_by = PersonField(read_only=True, allow_null=True, help_text="Null also for what lapsed.")

    class Meta:
        model = Proposal
        fields = [
            "id",
            "case",
            "collision",
            "remedy",
            "campaign",
            "offer",
            "sentence",
            "days",
            "customers",
            "products",
            "message",
            "proposed_by",
            "proposed_at",
            "state",
            "answered_by",
            "answered_at",
            "answer",
        ]
        read_only_fields = fields


class ProposeSerializer(StrictSerializer):
    collision = StrictIntegerField(min_value=1, help_text="Id of a collision of the case.")
    remedy = StrictCharField(max_length=200, help_text="Key of one of its remedies.")
    message = ProseField(
        max_length=LONGEST_TEXT, required=False, allow_blank=True, default="", help_text="The other side reads it."
    )


class DeclineSerializer(StrictSerializer):
    reason = ProseField(max_length=LONGEST_TEXT, help_text="The other side reads it.")
