"""What a mediator orders, and what that does."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from approvals.actions.enforcement import CollisionEffect
from approvals.api.precedents import CitedSerializer, SaidSerializer
from approvals.choices import RulingSource
from approvals.models import Ruling
from approvals.models.recusals import LONGEST_REASON
from approvals.rules import operations
from campaigns.choices import Level
from campaigns.queries.explanation import name_of
from customers.rest.fields import PersonField, ProseField, StrictCharField
from customers.rest.serializers import RowSerializer, StrictSerializer

_CODE = {"type": "string", "description": "Code of a campaign of the case."}


def _operation(kind: str, **fields: dict[str, Any]) -> dict[str, Any]:
    properties = {"do": {"type": "string", "enum": [kind]}, **fields}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@extend_schema_field(
    {
        "type": "array",
        "items": {
            "oneOf": [
                _operation(
                    operations.ShiftDates.kind,
                    campaign=_CODE,
                    days={"type": "integer", "minimum": -operations.MOST_DAYS, "maximum": operations.MOST_DAYS},
                ),
                _operation(operations.ExcludeProducts.kind, campaign=_CODE),
                _operation(operations.Withdraw.kind, campaign=_CODE),
                _operation(operations.AllowBoth.kind),
            ]
        },
    }
)
class OperationsField(serializers.Field):
    """The JSON form of approvals.rules.operations."""

    def to_internal_value(self, data: Any) -> tuple[operations.Operation, ...]:
        try:
            return operations.parse(data)
        except operations.OperationError as error:
            raise serializers.ValidationError(str(error)) from error

    def to_representation(self, value: Any) -> Any:
        return value


class EscalateSerializer(StrictSerializer):
    reason = ProseField(max_length=4000, help_text="The mediator and the other department read it.")


class StepAsideSerializer(StrictSerializer):
    reason = ProseField(
        max_length=LONGEST_REASON, required=False, allow_blank=True, help_text="Both departments read it."
    )


class AppealSerializer(StrictSerializer):
    reason = ProseField(max_length=LONGEST_REASON, help_text="The other department and the next mediator read it.")


class ChallengeSerializer(AppealSerializer):
    mediator = PersonField(required=False, help_text="Whom you were shown: refused if it is somebody else by now.")


class PreviewSerializer(StrictSerializer):
    operations = OperationsField()


class DecideSerializer(PreviewSerializer):
    reason = ProseField(max_length=4000, help_text="Both departments read it, at least 10 characters.")
    facts = StrictCharField(max_length=64, help_text="As the case or the preview gave it: what you decide about.")
    citations = CitedSerializer(
        many=True,
        required=False,
        help_text="What you say of each of the similar decisions, /cases/{id}/precedents/; required where there are any.",
    )


class OfferEffectSerializer(StrictSerializer):
    campaign = serializers.CharField(help_text="Code.")
    offer = serializers.CharField(help_text="Code.")
    name = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    new_starts_on = serializers.DateField()
    new_ends_on = serializers.DateField()
    products_out = serializers.IntegerField(help_text="How many leave its scope.")
    withdrawn = serializers.BooleanField()


class CollisionEffectSerializer(StrictSerializer):
    rule = serializers.CharField(help_text="Code of the rule that found it.")
    rule_name = serializers.SerializerMethodField()
    offer_a = serializers.CharField(help_text="Code.")
    campaign_a = serializers.CharField(help_text="Code.")
    offer_b = serializers.CharField(help_text="Code.")
    campaign_b = serializers.CharField(help_text="Code.")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    customers = serializers.IntegerField()
    products = serializers.IntegerField()
    level = serializers.ChoiceField(Level.choices)

    @extend_schema_field(str)
    def get_rule_name(self, effect: CollisionEffect) -> str:
        return name_of(effect.rule)


class EffectSerializer(StrictSerializer):
    offers = OfferEffectSerializer(many=True, help_text="Offers that change.")
    cleared = CollisionEffectSerializer(many=True, help_text="Collisions that go.")
    remaining = CollisionEffectSerializer(many=True, help_text="Those that stay and are allowed.")
    new = CollisionEffectSerializer(many=True, help_text="New ones with third campaigns, as far as you may see them.")
    told = serializers.ListField(child=serializers.CharField(), help_text="Full names of who gets a mail.")


class PreviewedSerializer(StrictSerializer):
    orders = serializers.ListField(child=serializers.CharField(), help_text="The operations in words.")
    effect = EffectSerializer()
    facts = serializers.CharField(help_text="What the effect was computed from; send it with the decision.")


class RulingSerializer(RowSerializer):
    case = serializers.IntegerField(source="case_id", read_only=True)
    source = serializers.ChoiceField(RulingSource.choices, read_only=True)
    terms = serializers.IntegerField(source="terms_id", read_only=True, allow_null=True, help_text="Id, if agreed.")
    decided_by = PersonField(read_only=True, help_text="The mediator, or who accepted last.")
    operations = OperationsField(read_only=True)
    orders = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="In words.")
    effect = EffectSerializer(read_only=True)
    standing_rule = serializers.IntegerField(
        allow_null=True, read_only=True, help_text="Id of the standing rule that decided it; null: a mediator did."
    )
    citations = SaidSerializer(
        many=True, read_only=True, source="said", help_text="What it says of similar decisions."
    )

    class Meta:
        model = Ruling
        fields = [
            "case",
            "source",
            "terms",
            "decided_by",
            "decided_at",
            "reason",
            "operations",
            "orders",
            "effect",
            "standing_rule",
            "citations",
        ]
        read_only_fields = fields
