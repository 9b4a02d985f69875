from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customers.actions.tokens import MOST_DAYS
from customers.models import ApiToken, Channel, Customer, HistoryEntry, Segment
from customers.rest.fields import PersonField, StrictCharField, StrictIntegerField
from customers.rest.serializers import RowSerializer, StrictSerializer


class ChannelSerializer(RowSerializer):
    class Meta:
        model = Channel
        fields = ["id", "code", "name", "capacity_per_day", "quiet_from", "quiet_to"]


class CustomerSerializer(RowSerializer):
    class Meta:
        model = Customer
        fields = ["id", "code", "household", "email", "language", "attributes"]


class SegmentSerializer(RowSerializer):
    class Meta:
        model = Segment
        fields = ["id", "code", "name", "size", "version"]


class HistoryEntrySerializer(RowSerializer):
    class Meta:
        model = HistoryEntry
        fields = ["id", "at", "actor", "verb", "subject", "scope", "changes", "reason"]


class TokenSerializer(RowSerializer):
    user = PersonField(read_only=True)
    is_valid = serializers.SerializerMethodField()

    class Meta:
        model = ApiToken
        fields = [
            "id",
            "user",
            "name",
            "start",
            "scope",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
            "is_valid",
        ]

    @extend_schema_field(bool)
    def get_is_valid(self, token: ApiToken) -> bool:
        return token.revoked_at is None and token.expires_at > self.context["now"]


class NewTokenSerializer(StrictSerializer):
    name = StrictCharField(max_length=100)
    scope = serializers.ChoiceField(ApiToken.Scope.choices, default=ApiToken.Scope.READ)
    days = StrictIntegerField(min_value=1, max_value=MOST_DAYS, default=90)


class MadeTokenSerializer(TokenSerializer):
    token = serializers.SerializerMethodField(help_text="Shown this once. Empty when the request is repeated.")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]

    @extend_schema_field(str)
    def get_token(self, token: ApiToken) -> Any:
        return self.context["secret"]
