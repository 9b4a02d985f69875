from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.actions import signatures
from campaigns.choices import CampaignStatus, JourneyStage
from campaigns.models import Campaign, Department, DepartmentGoal
from campaigns.permissions import can_appoint, can_change, is_lead, steps_now
from campaigns.queries.brief import Warned
from campaigns.queries.content import content_hashes
from campaigns.queries.plan import Card
from campaigns.rules.kpis import KPIS, recognised
from campaigns.rules.lifecycle import EDITABLE, STEPS
from customers.models import Segment
from customers.rest.fields import CodeField, CodesField, DayField, PersonField, ProseField
from customers.rest.serializers import RowSerializer, StrictSerializer

BRIEF = [
    "name",
    "accountable",
    "contact_person",
    "starts_on",
    "ends_on",
    "what",
    "who",
    "where",
    "how",
    "budget",
    "goal",
    "kpi",
    "kpi_target",
    "serves",
    "journey_stage",
    "control_group",
]

GOALS = "Goals of departments, by code."
LIMITS = {"budget": {"min_value": 0}}


def columns_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, with the last day as plans store it."""
    columns = dict(values)
    if (last := columns.pop("ends_on", None)) is not None:
        columns["ends_before"] = last + timedelta(days=1)
    return columns


class CampaignLineSerializer(RowSerializer):
    """A campaign in the list, with what is the reader's in it."""

    department = CodeField(read_only=True)
    accountable = PersonField(read_only=True, allow_null=True)
    contact_person = PersonField(read_only=True, allow_null=True)
    control_group = CodeField(read_only=True, allow_null=True)
    serves = CodesField(DepartmentGoal.objects.all(), read_only=True, help_text=GOALS)
    ends_on = DayField(read_only=True)
    journey_stage = serializers.ChoiceField(JourneyStage.choices, allow_blank=True, read_only=True)
    my_parts = serializers.SerializerMethodField(help_text="What the reader is in it: A, R, C, I.")
    open_collisions = serializers.IntegerField(read_only=True, help_text="That the reader sees.")

    class Meta:
        model = Campaign
        fields = ["id", "code", "department", "status", *BRIEF, "my_parts", "open_collisions"]
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": ["A", "R", "C", "I"]}})
    def get_my_parts(self, campaign: Campaign) -> list[str]:
        return [letter for letter in "ARCI" if getattr(campaign, f"my_{letter.lower()}")]


class CampaignSerializer(RowSerializer):
    department = CodeField(read_only=True)
    accountable = PersonField(read_only=True, allow_null=True)
    contact_person = PersonField(read_only=True, allow_null=True)
    control_group = CodeField(read_only=True, allow_null=True)
    joint_group = CodeField(read_only=True, allow_null=True, help_text="Within a group nothing is a collision.")
    serves = CodesField(DepartmentGoal.objects.all(), read_only=True, help_text=GOALS)
    ends_on = DayField(read_only=True)
    journey_stage = serializers.ChoiceField(JourneyStage.choices, allow_blank=True, read_only=True)
    known_kpi = serializers.SerializerMethodField(
        help_text="Code of the KPI that `kpi` means, as in /kpis/; null = none that is known here."
    )
    content_hash = serializers.SerializerMethodField(
        help_text="Of brief and offers as they are: who submits sends it back."
    )
    is_signed = serializers.SerializerMethodField(help_text="Whether the content is what was approved.")
    steps = serializers.SerializerMethodField(help_text="Steps that the reader can take now.")
    may_change = serializers.SerializerMethodField(help_text="Whether the reader can change brief and offers now.")
    may_appoint = serializers.SerializerMethodField(help_text="Whether the reader can write the RACI matrix now.")

    class Meta:
        model = Campaign
        fields = [
            "id",
            "code",
            "department",
            "status",
            *BRIEF,
            "known_kpi",
            "joint_group",
            "content_hash",
            "is_signed",
            "steps",
            "may_change",
            "may_appoint",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "string", "enum": [one.code for one in KPIS], "nullable": True})
    def get_known_kpi(self, campaign: Campaign) -> str | None:
        kpi = recognised(campaign.kpi)
        return kpi.code if kpi else None

    @extend_schema_field(str)
    def get_content_hash(self, campaign: Campaign) -> str:
        return content_hashes([campaign.pk])[campaign.pk]

    @extend_schema_field(bool)
    def get_is_signed(self, campaign: Campaign) -> bool:
        return bool(campaign.approved_hash) and signatures.is_signed(campaign)

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(STEPS)}})
    def get_steps(self, campaign: Campaign) -> list[str]:
        return steps_now(self.context["request"].user, campaign)

    @extend_schema_field(bool)
    def get_may_change(self, campaign: Campaign) -> bool:
        return campaign.status in EDITABLE and can_change(self.context["request"].user, campaign)

    @extend_schema_field(bool)
    def get_may_appoint(self, campaign: Campaign) -> bool:
        return campaign.status in EDITABLE and can_appoint(self.context["request"].user, campaign)


class NewCampaignSerializer(RowSerializer):
    """The department, a code, and the brief as far as it is known."""

    department = CodeField(queryset=Department.objects.all())
    accountable = PersonField(required=False, allow_null=True, help_text="Empty: the lead of the department.")
    contact_person = PersonField(required=False, allow_null=True)
    control_group = CodeField(queryset=Segment.objects.all(), required=False, allow_null=True)
    serves = CodesField(DepartmentGoal.objects.all(), required=False, help_text=GOALS)
    ends_on = DayField(help_text="Included.")

    class Meta:
        model = Campaign
        fields = ["code", "department", *BRIEF]
        extra_kwargs = LIMITS

    def validate_department(self, department: Department) -> Department:
        # Asked here, as the rest of the body is nobody's business who cannot plan for the department.
        if not is_lead(self.context["request"].user, department):
            raise PermissionDenied(_("Campaigns are planned by whoever leads their department."))
        return department


class BriefSerializer(RowSerializer):
    accountable = PersonField(required=False, allow_null=True)
    contact_person = PersonField(required=False, allow_null=True)
    control_group = CodeField(queryset=Segment.objects.all(), required=False, allow_null=True)
    serves = CodesField(DepartmentGoal.objects.all(), required=False, help_text=GOALS)
    ends_on = DayField(help_text="Included.")
    reason = ProseField(required=False, allow_blank=True, max_length=2000, help_text="Everybody concerned reads it.")

    class Meta:
        model = Campaign
        fields = [*BRIEF, "reason"]
        extra_kwargs = LIMITS


class CampaignStepSerializer(StrictSerializer):
    reason = ProseField(default="", allow_blank=True, max_length=2000, help_text="Everybody concerned reads it.")


class ReasonedCampaignStepSerializer(StrictSerializer):
    reason = ProseField(max_length=2000, help_text="Everybody concerned reads it.")


class WarningSerializer(StrictSerializer):
    """Something worth a second look, which keeps nobody from submitting."""

    code = serializers.CharField(source="check.code", help_text="Such as “exaggeration” or “too_deep_for_brand”.")
    offer = serializers.SerializerMethodField(help_text="Code; null = the campaign itself.")
    about = serializers.SerializerMethodField(help_text="The fields of the campaign or the offer in question.")
    text = serializers.CharField(source="check.text")
    quote = serializers.CharField(source="check.quote", help_text="The words in question, as they stand there.")
    advice = serializers.CharField(source="check.advice", help_text="What to write instead.")

    @extend_schema_field({"type": "string", "nullable": True})
    def get_offer(self, one: Warned) -> str | None:
        return one.offer.code if one.offer else None

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_about(self, one: Warned) -> list[str]:
        return list(one.check.fields)


class GapsSerializer(StrictSerializer):
    gaps = serializers.ListField(
        child=serializers.CharField(), help_text="What misses before it can be submitted; nothing = it can."
    )
    warnings = WarningSerializer(many=True, help_text="What is worth a second look in the brief and its offers.")


class KpiSerializer(StrictSerializer):
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")
    is_vanity = serializers.BooleanField(help_text="Cannot be the goal of a campaign.")


class KpisSerializer(StrictSerializer):
    kpis = KpiSerializer(many=True)


class CardSerializer(StrictSerializer):
    """What everybody who plans may know of a campaign; of others' drafts neither name nor code."""

    id = serializers.IntegerField(source="campaign.pk")
    department = serializers.CharField(source="campaign.department.code", help_text="Code.")
    code = serializers.SerializerMethodField(help_text="Empty for a draft of others.")
    name = serializers.SerializerMethodField(help_text="Empty for a draft of others.")
    status = serializers.ChoiceField(CampaignStatus.choices, source="campaign.status")
    starts_on = DayField(source="campaign.starts_on")
    ends_on = DayField(source="campaign.ends_on")
    channels = serializers.SerializerMethodField(help_text="Codes; null = every channel.")
    is_readable = serializers.BooleanField(help_text="Whether the reader may read the campaign itself.")
    open_collisions = serializers.SerializerMethodField(help_text="That the reader sees.")

    @extend_schema_field(str)
    def get_code(self, card: Card) -> str:
        return card.campaign.code if card.is_named else ""

    @extend_schema_field(str)
    def get_name(self, card: Card) -> str:
        return card.campaign.name if card.is_named else ""

    @extend_schema_field(int)
    def get_open_collisions(self, card: Card) -> int:
        return self.context["open_collisions"].get(card.campaign.pk, 0)

    @extend_schema_field({"type": "array", "items": {"type": "string"}, "nullable": True})
    def get_channels(self, card: Card) -> list[str] | None:
        return None if card.channels is None else [code for code, _name in card.channels]
