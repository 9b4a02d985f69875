from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns import wording
from campaigns.choices import CampaignStatus, Certainty, Level, Mechanic
from campaigns.models import Collision
from campaigns.queries.arithmetic import Arithmetic, Side, arithmetic_of
from campaigns.queries.drafts import AheadOfTime
from campaigns.queries.explanation import explain
from campaigns.queries.parties import told_of
from customers.models import Channel, Customer, Segment
from customers.rest.fields import CodeField, CodesField, DayField, ProseField, StrictCharField
from customers.rest.serializers import RowSerializer, StrictSerializer


class CollidingOfferSerializer(StrictSerializer):
    """One side in the list."""

    code = serializers.CharField()
    name = serializers.CharField()
    department = serializers.CharField(source="department.code", help_text="Code.")
    campaign = serializers.CharField(source="campaign.code", help_text="Code.")
    campaign_name = serializers.CharField(source="campaign.name")


class SeveritySerializer(StrictSerializer):
    """The score: base + 30 × impact + 20 × exposure, rounded, at most 79 if estimated and 59 if presumed."""

    base_points = serializers.IntegerField()
    impact_points = serializers.DecimalField(max_digits=4, decimal_places=1, help_text="30 × how bad it is.")
    exposure_points = serializers.DecimalField(max_digits=4, decimal_places=1, help_text="20 × on how much.")
    score = serializers.IntegerField()


class CollisionLineSerializer(RowSerializer):
    rule = serializers.CharField(read_only=True, help_text="Code of the rule that found it.")
    rule_name = serializers.CharField(source="found.name", read_only=True)
    sentence = serializers.CharField(
        source="found.sentence", read_only=True, help_text="Why it is one, in a sentence with its numbers."
    )
    severity = SeveritySerializer(
        source="terms", read_only=True, allow_null=True, help_text="The terms of the score; null = not known any more."
    )
    ends_on = DayField(read_only=True, help_text="The last shared day.")
    days = serializers.IntegerField(read_only=True, help_text="Shared days.")
    offer_a = CollidingOfferSerializer(read_only=True)
    offer_b = CollidingOfferSerializer(read_only=True)
    offers = CollidingOfferSerializer(many=True, read_only=True, help_text="All of them; the first two are a and b.")

    class Meta:
        model = Collision
        fields = [
            "id",
            "rule",
            "rule_name",
            "sentence",
            "certainty",
            "state",
            "level",
            "score",
            "severity",
            "offer_a",
            "offer_b",
            "offers",
            "starts_on",
            "ends_on",
            "days",
            "shared_products",
            "shared_customers",
            "first_seen_at",
            "changed_at",
        ]
        read_only_fields = fields

    def to_representation(self, row: Collision) -> dict[str, Any]:
        """A row that CollisionViewSet took the sides of."""
        row.offers = [side.offer for side in row.sides]
        row.found = explain(row, self.context["reader"])
        row.arithmetic = arithmetic_of(row, *row.sides[:2])
        row.terms = row.arithmetic.severity if row.arithmetic else row.found.severity
        return super().to_representation(row)


class CollisionSideSerializer(StrictSerializer):
    """A party as the other reads it: its terms, never its budget or margin floor."""

    code = serializers.CharField(source="offer.code")
    name = serializers.CharField(source="offer.name")
    department = CodeField(source="offer.department", read_only=True)
    campaign = CodeField(source="offer.campaign", read_only=True)
    campaign_name = serializers.CharField(source="offer.campaign.name")
    campaign_status = serializers.ChoiceField(CampaignStatus.choices, source="offer.campaign.status")
    starts_on = DayField(source="offer.starts_on")
    ends_on = DayField(source="offer.ends_on")
    days = serializers.IntegerField()
    mechanic = serializers.ChoiceField(Mechanic.choices, source="offer.mechanic", allow_blank=True)
    terms = serializers.SerializerMethodField(help_text="What it promises, in words.")
    channels = CodesField(
        Channel.objects.all(), source="offer.channels", read_only=True, help_text="None = every one."
    )
    customers = serializers.IntegerField(help_text="How many it addresses.")
    is_for_everybody = serializers.BooleanField()
    products = serializers.IntegerField(help_text="How many it has on offer.")
    held = serializers.BooleanField(source="offer.held")
    live_since = serializers.DateTimeField(source="offer.live_since", allow_null=True)
    withdrawn_at = serializers.DateTimeField(source="offer.withdrawn_at", allow_null=True)

    @extend_schema_field(str)
    def get_terms(self, side: Side) -> str:
        return wording.terms(side.offer)


class PartSerializer(StrictSerializer):
    what = serializers.ChoiceField(["products", "customers", "days"])
    shared = serializers.IntegerField()
    whole = serializers.IntegerField(help_text="Of the smaller side.")


class ArithmeticSerializer(StrictSerializer):
    """The score: 15 + 30 × the shared part of the products + 20 × the geometric mean of the three parts."""

    parts = PartSerializer(many=True)
    base_points = serializers.IntegerField(source="severity.base_points")
    impact_points = serializers.SerializerMethodField()
    exposure_points = serializers.SerializerMethodField()
    score = serializers.IntegerField(source="severity.score")
    is_current = serializers.BooleanField(
        help_text="False: an offer changed since; it is counted again within a minute."
    )

    @extend_schema_field({"type": "string", "format": "decimal"})
    def get_impact_points(self, found: Arithmetic) -> str:
        return _one_decimal(found.severity.impact_points)

    @extend_schema_field({"type": "string", "format": "decimal"})
    def get_exposure_points(self, found: Arithmetic) -> str:
        return _one_decimal(found.severity.exposure_points)


def _one_decimal(points: float) -> str:
    return str(Decimal(points).quantize(Decimal("0.1")))


class CollisionSerializer(CollisionLineSerializer):
    sides = CollisionSideSerializer(
        many=True,
        source="told",
        read_only=True,
        help_text="The offers as they are now; of a larger collision those whose terms you may read.",
    )
    arithmetic = ArithmeticSerializer(
        read_only=True,
        allow_null=True,
        help_text="How the score of an overlap comes about; null = nothing is shared now.",
    )

    class Meta(CollisionLineSerializer.Meta):
        fields = [*CollisionLineSerializer.Meta.fields, "sides", "arithmetic"]

    def to_representation(self, row: Collision) -> dict[str, Any]:
        told = told_of([side.offer for side in row.sides], self.context["request"].user, self.context["reader"])
        row.told = [side for side in row.sides if side.offer.pk in told]
        return super().to_representation(row)


class UnstoredCollisionSerializer(StrictSerializer):
    """What a rule says of a draft, or of offers of one department: computed when asked, never stored."""

    rule = serializers.CharField(source="why.rule", help_text="Code of the rule.")
    rule_name = serializers.CharField(source="why.name")
    sentence = serializers.CharField(source="why.sentence", help_text="Why it is one, in a sentence with its numbers.")
    certainty = serializers.ChoiceField(Certainty.choices, source="why.certainty")
    own = CollidingOfferSerializer()
    other = CollidingOfferSerializer(help_text="The first of the others.")
    offers = CollidingOfferSerializer(many=True, help_text="All of them.")
    level = serializers.ChoiceField(Level.choices, source="found.level")
    score = serializers.IntegerField(source="found.severity.score")
    severity = SeveritySerializer(source="why.severity", help_text="The terms of the score.")
    starts_on = DayField(source="found.starts_on")
    ends_on = serializers.SerializerMethodField(help_text="The last shared day.")
    shared_products = serializers.IntegerField(source="found.products")
    shared_customers = serializers.IntegerField(source="found.customers")

    @extend_schema_field(date)
    def get_ends_on(self, one: AheadOfTime) -> str:
        return (one.found.ends_before - timedelta(days=1)).isoformat()


class SharedBySegmentSerializer(StrictSerializer):
    segment = serializers.CharField(help_text="Code.")
    name = serializers.CharField()
    customers = serializers.IntegerField()
    shared = serializers.IntegerField()

    def to_representation(self, pair: tuple[Segment, int]) -> dict[str, Any]:
        segment, shared = pair
        return {"segment": segment.code, "name": segment.name, "customers": segment.size, "shared": shared}


class SharedSideSerializer(StrictSerializer):
    offer = serializers.CharField(help_text="Code.")
    customers = serializers.IntegerField()
    is_for_everybody = serializers.BooleanField()
    segments = SharedBySegmentSerializer(many=True)


class SharedAudiencesSerializer(StrictSerializer):
    shared = serializers.IntegerField(help_text="Customers that both offers address, counted exactly.")
    sides = SharedSideSerializer(many=True)


class SharedCustomerSerializer(RowSerializer):
    class Meta:
        model = Customer
        fields = ["id", "code", "household"]
        read_only_fields = fields


class CausedCollisionSerializer(StrictSerializer):
    rule = serializers.CharField(help_text="Code of the rule.")
    rule_name = serializers.CharField(source="name")
    level = serializers.ChoiceField(Level.choices)
    offers = serializers.ListField(
        child=serializers.CharField(), help_text="Names; none = you read neither plan, and none is yours."
    )


class RemedySerializer(StrictSerializer):
    """One change that would clear the collision, and its price."""

    key = serializers.CharField(source="suggestion.key", help_text="Stays the same as long as the change does.")
    lever = serializers.CharField(source="suggestion.remedy.lever", help_text="The kind of change.")
    sentence = serializers.CharField(
        source="suggestion.sentence", help_text="What to do, with exact days and numbers."
    )
    offer = serializers.CharField(source="suggestion.offer.code", help_text="Code of the one that gives way.")
    offers = serializers.ListField(
        child=serializers.CharField(), source="suggestion.codes", help_text="Codes of all that would change."
    )
    days = serializers.IntegerField(source="suggestion.days", help_text="That it moves; below 0 = earlier.")
    customers = serializers.IntegerField(source="suggestion.customers", help_text="Whom it reaches no more.")
    products = serializers.IntegerField(source="suggestion.products", help_text="That are no longer in it.")
    new = CausedCollisionSerializer(many=True, help_text="Collisions that it would cause.")
    may_apply = serializers.BooleanField(help_text="You may change all that it touches, and all of it can be changed.")


class ChosenRemedySerializer(StrictSerializer):
    key = StrictCharField(max_length=200, help_text="Of the remedy as it was read.")
    reason = ProseField(max_length=2000, required=False, allow_blank=True, help_text="Everybody concerned reads it.")


class AppliedRemedySerializer(StrictSerializer):
    key = serializers.CharField()
    sentence = serializers.CharField(help_text="What was done. The collision is looked at again within a minute.")
    offers = serializers.ListField(
        child=serializers.CharField(), source="codes", help_text="Codes of those that changed."
    )
