"""What a case looks like to its parties, its mediator and administrators: what its page shows them, and no more."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from approvals.api.precedents import RuleNoticeSerializer
from approvals.choices import CaseOutcome, ReopenedBecause
from approvals.models import Case, RuleNotice
from approvals.queries.cases import evidence, facts_hash
from approvals.queries.meetings import sides_of
from approvals.queries.reach import reach_of
from approvals.rules.timeline import why_passed_over
from campaigns.choices import CampaignStatus, Certainty, CollisionState, Level
from customers.rest.fields import PersonField
from customers.rest.serializers import RowSerializer, StrictSerializer


class PartySerializer(StrictSerializer):
    campaign = serializers.CharField(source="code", help_text="Code.")
    name = serializers.CharField()
    department = serializers.CharField(source="department.code", help_text="Code.")


class CaseSerializer(RowSerializer):
    label = serializers.CharField(read_only=True)
    mediator = PersonField(read_only=True, allow_null=True)
    outcome = serializers.ChoiceField(CaseOutcome.choices, allow_blank=True, read_only=True)
    reopened_from = serializers.IntegerField(
        source="reopened_from_id", allow_null=True, read_only=True, help_text="Id of the case that this one takes up."
    )
    reopened_because = serializers.ChoiceField(ReopenedBecause.choices, allow_blank=True, read_only=True)
    sides = serializers.SerializerMethodField(help_text="Alphabetically by department.")

    class Meta:
        model = Case
        fields = [
            "id",
            "label",
            "state",
            "level",
            "sides",
            "detected_at",
            "opened_at",
            "reopened_from",
            "reopened_because",
            "hours_to_agree",
            "hours_before_start",
            "hours_to_extend",
            "hours_extended",
            "hours_to_decide",
            "settle_before",
            "agree_by",
            "escalated_at",
            "mediator",
            "hours_to_appeal",
            "takes_effect_at",
            "assigned_at",
            "decide_by",
            "outcome",
            "closed_at",
        ]
        read_only_fields = fields

    @extend_schema_field(PartySerializer(many=True))
    def get_sides(self, case: Case) -> Any:
        return PartySerializer(sides_of(case), many=True).data


class SideSerializer(StrictSerializer):
    campaign = serializers.CharField(source="campaign.code", help_text="Code.")
    name = serializers.CharField(source="campaign.name")
    department = serializers.CharField(source="campaign.department.code", help_text="Code.")
    status = serializers.ChoiceField(CampaignStatus.choices, source="campaign.status")
    starts_on = serializers.DateField(source="campaign.starts_on")
    ends_on = serializers.DateField(source="campaign.ends_on")
    accountable = PersonField(read_only=True, source="campaign.accountable", allow_null=True)
    contact_person = PersonField(read_only=True, source="campaign.contact_person", allow_null=True)
    offers = serializers.IntegerField(help_text="How many offers of it are in the case.")
    customers = serializers.IntegerField(source="reach.customers", help_text="How many different ones they address.")
    products = serializers.IntegerField(source="reach.products", help_text="How many different ones they hold.")


class TotalsSerializer(StrictSerializer):
    """Over the collisions that are open, else those allowed by decision; everybody and everything counted once."""

    collisions = serializers.IntegerField()
    customers = serializers.IntegerField()
    products = serializers.IntegerField()
    days = serializers.IntegerField()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)


class PassedOverSerializer(StrictSerializer):
    user = serializers.CharField(help_text="User name.")
    why = serializers.CharField()
    words = serializers.SerializerMethodField()

    @extend_schema_field(str)
    def get_words(self, passed: dict[str, str]) -> str:
        return why_passed_over(passed["why"])


class CaseDetailSerializer(CaseSerializer):
    # The short form of the list is replaced by the whole one.
    sides = SideSerializer(many=True, read_only=True, help_text="Alphabetically by department.")
    totals = TotalsSerializer(source="found.totals", read_only=True)
    mediator_trail = PassedOverSerializer(many=True, read_only=True, help_text="Who was passed over as mediator.")
    mediator_why = serializers.CharField(
        source="found.mediator_why",
        read_only=True,
        help_text="For what they have a mandate, or whom they stand in for.",
    )
    because = serializers.CharField(source="found.because", read_only=True, help_text="Why it closed without ruling.")
    may_open = serializers.BooleanField(source="found.may_open", read_only=True)
    may_escalate = serializers.BooleanField(source="found.may_escalate", read_only=True)
    may_negotiate = serializers.BooleanField(source="found.may_negotiate", read_only=True)
    may_propose = serializers.BooleanField(source="found.may_propose", read_only=True)
    may_step_aside = serializers.BooleanField(source="found.may_step_aside", read_only=True)
    may_challenge = serializers.BooleanField(source="found.may_challenge", read_only=True)
    may_appeal = serializers.BooleanField(source="found.may_appeal", read_only=True)
    may_decide = serializers.BooleanField(source="found.may_decide", read_only=True)
    facts = serializers.CharField(
        allow_null=True, read_only=True, help_text="For whoever may decide: names what they were shown."
    )
    rule_notice = RuleNoticeSerializer(
        source="notice", allow_null=True, read_only=True, help_text="The standing rule that was announced in it."
    )

    class Meta(CaseSerializer.Meta):
        fields = [
            *CaseSerializer.Meta.fields,
            "totals",
            "mediator_why",
            "mediator_trail",
            "because",
            "may_open",
            "may_escalate",
            "may_negotiate",
            "may_propose",
            "may_step_aside",
            "may_challenge",
            "may_appeal",
            "may_decide",
            "facts",
            "rule_notice",
        ]
        read_only_fields = fields

    def to_representation(self, case: Any) -> Any:
        reader = self.context["request"].user
        case.found = evidence(case, reader)
        case.notice = RuleNotice.objects.filter(case=case).select_related("rule", "objected_by").first()
        # Others could try out what they guess of a plan against the hash of it.
        case.facts = facts_hash(case) if case.found.may_decide else None
        case.sides = [
            {"campaign": campaign, "offers": len(side.offers), "reach": reach}
            for campaign, side, reach in zip(sides_of(case), case.found.sides, reach_of(case.found.sides), strict=True)
        ]
        return super().to_representation(case)


class OfferInCaseSerializer(StrictSerializer):
    campaign = serializers.CharField(help_text="Code.")
    code = serializers.CharField(source="offer.code")
    name = serializers.CharField(source="offer.name")
    terms = serializers.CharField(source="offer.terms", help_text="In words.")
    starts_on = serializers.DateField(source="offer.starts_on")
    ends_on = serializers.DateField(source="offer.ends_on")
    audience = serializers.CharField(source="offer.audience", help_text="Empty: every customer.")
    customers = serializers.IntegerField(source="offer.customers")
    products = serializers.IntegerField(source="offer.products")
    channels = serializers.ListField(child=serializers.CharField(), source="offer.channels", help_text="Empty: all.")
    held = serializers.BooleanField(source="offer.held")
    live = serializers.BooleanField(source="offer.live")
    withdrawn = serializers.BooleanField(source="offer.withdrawn")


class TermsOfScoreSerializer(StrictSerializer):
    """The score: base + 30 × impact + 20 × exposure, rounded, at most 79 if estimated and 59 if presumed."""

    base_points = serializers.IntegerField()
    impact_points = serializers.DecimalField(max_digits=4, decimal_places=1, help_text="30 × how bad it is.")
    exposure_points = serializers.DecimalField(max_digits=4, decimal_places=1, help_text="20 × on how much.")
    score = serializers.IntegerField()


class ThirdOfferSerializer(StrictSerializer):
    name = serializers.CharField()
    department = serializers.CharField(help_text="Name.")


class CollisionInCaseSerializer(StrictSerializer):
    id = serializers.IntegerField(source="pk")
    rule = serializers.CharField(source="why.rule", help_text="Code of the rule that found it.")
    rule_name = serializers.CharField(source="why.name")
    sentence = serializers.CharField(source="why.sentence", help_text="Why it is one, in a sentence with its numbers.")
    certainty = serializers.ChoiceField(Certainty.choices, source="why.certainty")
    offers = serializers.SerializerMethodField(help_text="Codes of those of both sides, in the order of the sides.")
    other_offers = ThirdOfferSerializer(many=True, source="others", help_text="Offers of third campaigns in it.")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    days = serializers.IntegerField()
    customers = serializers.IntegerField()
    products = serializers.IntegerField()
    score = serializers.IntegerField()
    level = serializers.ChoiceField(Level.choices)
    severity = TermsOfScoreSerializer(allow_null=True, help_text="The terms of the score; null = not known any more.")
    state = serializers.ChoiceField(CollisionState.choices)

    @extend_schema_field(serializers.ListField(child=serializers.CharField(), min_length=2))
    def get_offers(self, fact: Any) -> list[str]:
        return [line.code for line in (*fact.lefts, *fact.rights)]


class SharedProductSerializer(StrictSerializer):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    category = serializers.CharField(source="category.code", help_text="Code.")
    brand = serializers.CharField()


_PAIRS_OF_OFFERS = serializers.ListField(
    child=serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2)
)


class SharedAudienceSerializer(StrictSerializer):
    """Two audiences that meet, in the order of the sides: how many customers each has, and how many both."""

    audiences = serializers.SerializerMethodField(help_text="Names; empty: every customer.")
    sizes = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
    shared = serializers.IntegerField()
    offers = serializers.SerializerMethodField(help_text="Codes of the pairs of offers that address them.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2))
    def get_audiences(self, pair: Any) -> list[str]:
        return [segment.name if segment else "" for segment in pair.audiences]

    @extend_schema_field(_PAIRS_OF_OFFERS)
    def get_offers(self, pair: Any) -> list[list[str]]:
        return [list(codes) for codes in pair.offers]


class SharedPeriodSerializer(StrictSerializer):
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    days = serializers.IntegerField()
    offers = serializers.SerializerMethodField(help_text="Codes of the pairs of offers, in the order of the sides.")

    @extend_schema_field(_PAIRS_OF_OFFERS)
    def get_offers(self, period: Any) -> list[list[str]]:
        return [[left.code, right.code] for left, right in period.offers]


class StepSerializer(StrictSerializer):
    at = serializers.DateTimeField()
    who = serializers.CharField(help_text="Full name; empty: the system.")
    verb = serializers.CharField()
    words = serializers.CharField()
    what = serializers.CharField(help_text="The proposal that it is about, in words.")
    reason = serializers.CharField()
    changes = serializers.DictField(
        child=serializers.ListField(child=serializers.JSONField(), min_length=2, max_length=2),
        help_text="Name of a field: before and after.",
    )


__all__ = [
    "CaseDetailSerializer",
    "CaseSerializer",
    "CollisionInCaseSerializer",
    "OfferInCaseSerializer",
    "SharedAudienceSerializer",
    "SharedPeriodSerializer",
    "SharedProductSerializer",
    "StepSerializer",
]
