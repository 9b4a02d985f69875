"""Calendar feeds: what each shows, and its address once."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.models import CalendarFeed
from campaigns.queries.plan import STATES
from campaigns.rules.calendar import Filters
from customers.rest.fields import PersonField, StrictBooleanField, StrictCharField
from customers.rest.serializers import RowSerializer, StrictSerializer

STATUSES = [(status.value, status.label) for status in STATES]


class FiltersSerializer(StrictSerializer):
    """Nothing chosen is everything."""

    departments = serializers.ListField(child=StrictCharField(max_length=64), default=list, help_text="Codes.")
    channels = serializers.ListField(child=StrictCharField(max_length=64), default=list, help_text="Codes.")
    statuses = serializers.ListField(child=serializers.ChoiceField(STATUSES), default=list)
    mine = StrictBooleanField(default=False)
    collisions = StrictBooleanField(default=False)


class NewFeedSerializer(FiltersSerializer):
    name = StrictCharField(max_length=100)

    def filters(self) -> Filters:
        """What was chosen, each value once."""
        kept = {name: value for name, value in self.validated_data.items() if name != "name"}
        return Filters.of({name: dict.fromkeys(v) if isinstance(v, list) else v for name, v in kept.items()})


class FeedSerializer(RowSerializer):
    user = PersonField(read_only=True)
    filters = serializers.SerializerMethodField()
    is_valid = serializers.SerializerMethodField(help_text="Whether its address can be read.")

    class Meta:
        model = CalendarFeed
        fields = ["id", "user", "name", "start", "filters", "created_at", "last_used_at", "revoked_at", "is_valid"]

    @extend_schema_field(FiltersSerializer)
    def get_filters(self, feed: CalendarFeed) -> dict[str, Any]:
        return feed.chosen.kept()

    @extend_schema_field(bool)
    def get_is_valid(self, feed: CalendarFeed) -> bool:
        return feed.revoked_at is None and feed.user.is_active and feed.user.is_staff


class MadeFeedSerializer(FeedSerializer):
    address = serializers.SerializerMethodField(help_text="Shown this once. Empty when the request is repeated.")

    class Meta(FeedSerializer.Meta):
        fields = [*FeedSerializer.Meta.fields, "address"]

    @extend_schema_field(str)
    def get_address(self, feed: CalendarFeed) -> Any:
        return self.context["address"]
