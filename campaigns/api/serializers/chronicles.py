from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns import chronicle
from customers.models import HistoryEntry
from customers.rest.serializers import RowSerializer, StrictSerializer


class ChangeSerializer(StrictSerializer):
    field = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class HistorySerializer(RowSerializer):
    """An entry as the page of its campaign or offer tells it."""

    what = serializers.SerializerMethodField(help_text="The verb in words.")
    changes = serializers.SerializerMethodField(help_text="In words; a case tells its own changes.")

    class Meta:
        model = HistoryEntry
        fields = ["id", "at", "actor", "verb", "what", "subject", "changes", "reason"]
        read_only_fields = fields

    @extend_schema_field(str)
    def get_what(self, entry: HistoryEntry) -> str:
        return chronicle.what(entry)

    @extend_schema_field(ChangeSerializer(many=True))
    def get_changes(self, entry: HistoryEntry) -> Any:
        return list(chronicle.changes(entry))
