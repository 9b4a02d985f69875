"""Trying an offer, or changes of one: what is sent, and what it would bring."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.api.serializers.collisions import CollidingOfferSerializer, UnstoredCollisionSerializer
from campaigns.api.serializers.offers import ChangedOfferSerializer, NewOfferSerializer
from campaigns.choices import Level
from campaigns.models import Offer
from campaigns.permissions import can_change
from campaigns.queries.what_if import ToldGone
from campaigns.rules.self_checks import CONFIRM, ERROR, WARN, SelfCheck
from customers.rest.fields import CodeField, DayField
from customers.rest.serializers import StrictSerializer

# What fields of the form are called here.
NAMES = {"last_day": "ends_on"}


class TriedChangeSerializer(ChangedOfferSerializer):
    """Any fields of PATCH /offers/{id}/."""

    def get_fields(self) -> dict[str, serializers.Field]:
        found = super().get_fields()
        for field in found.values():
            field.required = False
        return found


class TrySerializer(StrictSerializer):
    """An offer with changes, or a new one."""

    offer = CodeField(queryset=Offer.objects.all(), required=False, help_text="Code of the one that is changed.")
    change = TriedChangeSerializer(required=False, help_text="As for PATCH /offers/{id}/; none = as it is.")
    new_offer = NewOfferSerializer(required=False, help_text="As for POST /offers/.")

    def validate_offer(self, offer: Offer) -> Offer:
        # Asked here, as the rest of the body is nobody's business who cannot change the campaign.
        if not can_change(self.context["request"].user, offer.campaign):
            raise PermissionDenied
        return offer

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if ("offer" in values) == ("new_offer" in values) or ("change" in values and "offer" not in values):
            raise serializers.ValidationError(_("Give an offer and what changes on it, or a new offer."))
        return values


class SelfCheckSerializer(StrictSerializer):
    code = serializers.CharField()
    severity = serializers.ChoiceField(
        [ERROR, CONFIRM, WARN],
        help_text="error: is not saved; confirm: only with its code in `confirmed`; warn: worth a second look.",
    )
    about = serializers.SerializerMethodField(help_text="The fields of the offer in question.")
    text = serializers.CharField()
    quote = serializers.CharField(
        help_text="The words in question, as they stand there; empty when it is not about words."
    )
    advice = serializers.CharField(help_text="What to write instead.")

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_about(self, check: SelfCheck) -> list[str]:
        return [NAMES.get(name, name) for name in check.fields]


class SelfChecksSerializer(StrictSerializer):
    self_checks = SelfCheckSerializer(many=True)


class SimulatedCollisionSerializer(UnstoredCollisionSerializer):
    """A collision that the offer would have."""

    is_new = serializers.BooleanField(
        allow_null=True,
        help_text="Whether it does not have it now; null = nothing is stored to compare with: of a draft, or internal.",
    )
    is_internal = serializers.BooleanField(help_text="All its offers are of one department: no case comes of it.")


class GoneCollisionSerializer(StrictSerializer):
    """A stored collision that would be over."""

    id = serializers.IntegerField(source="row.pk")
    rule = serializers.CharField(source="why.rule", help_text="Code of the rule.")
    rule_name = serializers.CharField(source="why.name")
    sentence = serializers.CharField(source="why.sentence")
    level = serializers.ChoiceField(Level.choices, source="row.level")
    score = serializers.IntegerField(source="row.score")
    offers = CollidingOfferSerializer(source="others", many=True, help_text="The others.")
    starts_on = DayField(source="row.starts_on")
    ends_on = serializers.SerializerMethodField(help_text="The last shared day.")

    @extend_schema_field({"type": "string", "format": "date"})
    def get_ends_on(self, one: ToldGone) -> str:
        return (one.row.ends_before - timedelta(days=1)).isoformat()


class SimulationSerializer(StrictSerializer):
    collisions = SimulatedCollisionSerializer(
        many=True, help_text="With other departments and, for its own people, within its own: the most severe first."
    )
    collision_count = serializers.IntegerField(help_text="How many there are; at most 100 of either kind are told.")
    gone = GoneCollisionSerializer(many=True, help_text="Stored collisions that it would no longer have.")
    gone_count = serializers.IntegerField(help_text="Also those that are others' business.")
    self_checks = SelfCheckSerializer(many=True)
