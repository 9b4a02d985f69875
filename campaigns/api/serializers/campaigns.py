from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.actions import signatures
from campaigns.choices import ActivityKind, CampaignStatus, JourneyStage, RaciLetter
from campaigns.models import Campaign, Department
from campaigns.permissions import can_appoint, can_change, is_lead, steps_now
from campaigns.queries.content import content_hashes
from campaigns.queries.plan import Card
from campaigns.rules.lifecycle import EDITABLE, STEPS
from customers.models import Segment
from customers.rest.fields import CodeField, DayField, PersonField, ProseField, StrictCharField
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
    "journey_stage",
    "control_group",
]

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
    ends_on = DayField(read_only=True)
    journey_stage = serializers.ChoiceField(JourneyStage.choices, allow_blank=True, read_only=True)
    content_hash = serializers.SerializerMethodField(
        help_text="Of brief and offers as they are: who approves or resumes sends it back."
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
            "joint_group",
            "content_hash",
            "is_signed",
            "steps",
            "may_change",
            "may_appoint",
        ]
        read_only_fields = fields

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


class SigningCampaignStepSerializer(CampaignStepSerializer):
    content_hash = StrictCharField(
        source="posted_hash", max_length=64, help_text="Of the campaign as it was read; another one is refused."
    )


class GapsSerializer(StrictSerializer):
    gaps = serializers.ListField(
        child=serializers.CharField(), help_text="What misses before it can be submitted; nothing = it can."
    )


LETTERS = {
    "type": "object",
    "additionalProperties": {"type": "string", "enum": RaciLetter.values},
    "description": "Code of the department: R, C or I.",
}


class PersonRoleSerializer(StrictSerializer):
    person = PersonField(source="user", read_only=True)
    department = CodeField(read_only=True)
    letter = serializers.ChoiceField(RaciLetter.choices)


class ActivitySerializer(StrictSerializer):
    activity = serializers.ChoiceField(ActivityKind.choices, source="kind")
    accountable = PersonField(read_only=True, allow_null=True, help_text="Empty: the A of the campaign.")
    roles = serializers.SerializerMethodField()
    people = serializers.SerializerMethodField(help_text="Single people with a letter.")

    @extend_schema_field(LETTERS)
    def get_roles(self, activity: Any) -> dict[str, str]:
        rows = [role for role in activity.roles.all() if role.user_id is None]
        return {role.department.code: role.letter for role in sorted(rows, key=lambda role: role.department.code)}

    @extend_schema_field(PersonRoleSerializer(many=True))
    def get_people(self, activity: Any) -> Any:
        rows = [role for role in activity.roles.all() if role.user_id is not None]
        return PersonRoleSerializer(sorted(rows, key=lambda role: role.user.username), many=True).data


class RaciSerializer(StrictSerializer):
    """The matrix of a campaign: who answers for each of the seven activities, and which department does what."""

    campaign = serializers.CharField(source="code", help_text="Code.")
    activities = serializers.SerializerMethodField()

    @extend_schema_field(ActivitySerializer(many=True))
    def get_activities(self, campaign: Campaign) -> Any:
        rows = campaign.activities.select_related("accountable").prefetch_related("roles__department", "roles__user")
        return ActivitySerializer(rows.order_by("id"), many=True).data


@extend_schema_field(LETTERS | {"additionalProperties": {"type": "string", "enum": ["", *RaciLetter.values]}})
class LettersField(serializers.DictField):
    """`{code of the department: letter}`; an empty letter takes the department's part away."""

    child = serializers.ChoiceField(["", *RaciLetter.values])


class ChangedActivitySerializer(StrictSerializer):
    activity = serializers.ChoiceField(ActivityKind.choices)
    accountable = PersonField(required=False, allow_null=True)
    roles = LettersField(required=False)


class ChangedRaciSerializer(StrictSerializer):
    """The cells to change; what is not named stays."""

    activities = ChangedActivitySerializer(many=True, max_length=len(ActivityKind))

    def validate_activities(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        kinds = [row["activity"] for row in rows]
        if len(set(kinds)) < len(kinds):
            raise serializers.ValidationError(_("An activity stands here twice."))
        codes = {code for row in rows for code in row.get("roles", {})}
        known = Department.objects.visible(self.context["request"].user).filter(code__in=codes)
        self.departments = dict(known.values_list("code", "pk"))
        wrong = {}
        for place, row in enumerate(rows):
            if unknown := [code for code in row.get("roles", {}) if code not in self.departments]:
                text = _("There is no department with this code.")
                wrong[place] = {"roles": {code: [serializers.ErrorDetail(text, "does_not_exist")] for code in unknown}}
        if wrong:
            raise serializers.ValidationError(wrong)
        return rows

    def cells(self, campaign: Campaign) -> tuple[dict[int, Any], dict[tuple[int, int], str]]:
        """What campaigns.actions.planning.set_raci takes, of a body that is valid."""
        activities = dict(campaign.activities.values_list("kind", "pk"))
        accountable, roles = {}, {}
        for row in self.validated_data["activities"]:
            pk = activities[row["activity"]]
            if "accountable" in row:
                accountable[pk] = row["accountable"]
            for code, letter in row.get("roles", {}).items():
                roles[pk, self.departments[code]] = letter
        return accountable, roles


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

    @extend_schema_field(str)
    def get_code(self, card: Card) -> str:
        return card.campaign.code if card.is_named else ""

    @extend_schema_field(str)
    def get_name(self, card: Card) -> str:
        return card.campaign.name if card.is_named else ""

    @extend_schema_field({"type": "array", "items": {"type": "string"}, "nullable": True})
    def get_channels(self, card: Card) -> list[str] | None:
        return None if card.channels is None else [code for code, _name in card.channels]
