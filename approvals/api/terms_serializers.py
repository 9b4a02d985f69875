"""Terms that the sides of a case put to each other, and their requests for more time."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from approvals.api.decision_serializers import EffectSerializer, OperationsField
from approvals.models import Acceptance, Extension, Terms
from approvals.models.terms import LONGEST_MESSAGE
from approvals.queries.negotiation import effect_for
from approvals.rules.operations import describe
from customers.rest.fields import PersonField, ProseField, StrictCharField, StrictIntegerField
from customers.rest.serializers import RowSerializer, StrictSerializer


class AcceptanceSerializer(RowSerializer):
    campaign = serializers.CharField(source="campaign.code", read_only=True, help_text="Code of the side.")
    accepted_by = PersonField(read_only=True)

    class Meta:
        model = Acceptance
        fields = ["campaign", "accepted_by", "accepted_at", "terms_hash"]
        read_only_fields = fields


class TermsSerializer(RowSerializer):
    case = serializers.IntegerField(source="case_id", read_only=True, help_text="Id.")
    campaign = serializers.CharField(
        source="campaign.code", read_only=True, help_text="Code of the side that proposes."
    )
    operations = OperationsField(read_only=True)
    orders = serializers.SerializerMethodField(help_text="The operations in words.")
    terms_hash = serializers.CharField(read_only=True, help_text="What is signed; send it with the acceptance.")
    proposed_by = PersonField(read_only=True)
    answered_by = PersonField(read_only=True, allow_null=True, help_text="Null also for what lapsed.")
    acceptances = AcceptanceSerializer(
        many=True, read_only=True, help_text="They count as long as the terms are open."
    )

    class Meta:
        model = Terms
        fields = [
            "id",
            "case",
            "campaign",
            "operations",
            "orders",
            "terms_hash",
            "message",
            "proposed_by",
            "proposed_at",
            "state",
            "acceptances",
            "answered_by",
            "answered_at",
            "answer",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_orders(self, terms: Terms) -> list[str]:
        return [describe(order) for order in terms.orders]


class TermsDetailSerializer(TermsSerializer):
    """With the effect, of which each reader may know another part: too much for lists."""

    effect = serializers.SerializerMethodField(help_text="What they would have done when they were proposed.")

    class Meta(TermsSerializer.Meta):
        fields = [*TermsSerializer.Meta.fields, "effect"]
        read_only_fields = fields

    @extend_schema_field(EffectSerializer)
    def get_effect(self, terms: Terms) -> Any:
        return EffectSerializer(effect_for(terms, self.context["request"].user)).data


class PreviewTermsSerializer(StrictSerializer):
    operations = OperationsField()


class ProposeTermsSerializer(PreviewTermsSerializer):
    message = ProseField(
        max_length=LONGEST_MESSAGE,
        required=False,
        allow_blank=True,
        default="",
        help_text="The other side reads it; needed with allow_both.",
    )
    terms_hash = StrictCharField(max_length=64, help_text="As the preview gave it.")


class PreviewedTermsSerializer(StrictSerializer):
    orders = serializers.ListField(child=serializers.CharField(), help_text="The operations in words.")
    effect = EffectSerializer()
    terms_hash = serializers.CharField(help_text="Names the operations and the plans; send it with the proposal.")


class AcceptSerializer(StrictSerializer):
    terms_hash = StrictCharField(max_length=64, help_text="As the terms gave it: what you sign.")


class DeclineTermsSerializer(StrictSerializer):
    reason = ProseField(max_length=LONGEST_MESSAGE, help_text="The other side reads it.")


class ExtensionSerializer(RowSerializer):
    campaign = serializers.CharField(source="campaign.code", read_only=True, help_text="Code of the side that asks.")
    asked_by = PersonField(read_only=True)
    answered_by = PersonField(read_only=True, allow_null=True, help_text="Null also for what lapsed.")

    class Meta:
        model = Extension
        fields = [
            "id",
            "campaign",
            "hours",
            "reason",
            "asked_by",
            "asked_at",
            "state",
            "answered_by",
            "answered_at",
            "answer",
        ]
        read_only_fields = fields


class AskForTimeSerializer(StrictSerializer):
    hours = StrictIntegerField(min_value=1, help_text="Working hours, at most `hours_to_extend` of the case.")
    reason = ProseField(max_length=LONGEST_MESSAGE, help_text="The other side reads it.")


class DeclineTimeSerializer(StrictSerializer):
    reason = ProseField(
        max_length=LONGEST_MESSAGE, required=False, allow_blank=True, default="", help_text="The other side reads it."
    )
