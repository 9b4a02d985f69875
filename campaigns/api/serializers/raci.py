"""Who does what in a campaign, and who carries how much."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.choices import ActivityKind, RaciLetter
from campaigns.models import AddedActivity, Campaign, Department, Membership
from campaigns.queries.raci import Row, matrix_of
from campaigns.queries.workload import Load
from campaigns.rules.raci import MANY_C, NO_A, NO_R
from customers.rest.fields import CodeField, CodesField, PersonField, StrictCharField
from customers.rest.serializers import StrictSerializer

LETTERS = {
    "type": "object",
    "additionalProperties": {"type": "string", "enum": RaciLetter.values},
    "description": "Code of the department: R, C or I.",
}
NO_LETTER = ["", *RaciLetter.values]


class PersonRoleSerializer(StrictSerializer):
    person = PersonField(source="user", read_only=True)
    department = CodeField(read_only=True)
    letter = serializers.ChoiceField(RaciLetter.choices)
    counts = serializers.SerializerMethodField(help_text="False: the person has left the department or the house.")

    @extend_schema_field(bool)
    def get_counts(self, role: Any) -> bool:
        return bool(role.is_member and role.user.is_active)


class ActivitySerializer(StrictSerializer):
    activity = serializers.CharField(source="activity.code", help_text="Code.")
    name = serializers.CharField(source="activity.label", help_text="In the reader's language.")
    is_added = serializers.SerializerMethodField(help_text="Whether it stands beside the seven.")
    accountable = PersonField(
        source="activity.accountable", read_only=True, allow_null=True, help_text="Empty: the A of the campaign."
    )
    roles = serializers.SerializerMethodField()
    people = serializers.SerializerMethodField(help_text="Single people with a letter.")
    flaws = serializers.ListField(
        child=serializers.ChoiceField([NO_A, NO_R, MANY_C]),
        help_text="no_a and no_r keep the campaign from being submitted; many_c = more than five opinions.",
    )

    @extend_schema_field(bool)
    def get_is_added(self, row: Row) -> bool:
        return row.activity.added_id is not None

    @extend_schema_field(LETTERS)
    def get_roles(self, row: Row) -> dict[str, str]:
        return dict(sorted((role.department.code, role.letter) for role in row.departments.values()))

    @extend_schema_field(PersonRoleSerializer(many=True))
    def get_people(self, row: Row) -> Any:
        people = sorted((*row.people, *row.left), key=lambda role: role.user.username)
        return PersonRoleSerializer(people, many=True).data


class RaciSerializer(StrictSerializer):
    """The matrix of a campaign: who answers for each activity, and which departments and people do what."""

    campaign = serializers.CharField(source="code", help_text="Code.")
    activities = serializers.SerializerMethodField()

    @extend_schema_field(ActivitySerializer(many=True))
    def get_activities(self, campaign: Campaign) -> Any:
        return ActivitySerializer(matrix_of(campaign), many=True).data


@extend_schema_field(LETTERS | {"additionalProperties": {"type": "string", "enum": NO_LETTER}})
class LettersField(serializers.DictField):
    """`{code of the department: letter}`; an empty letter takes the department's part away."""

    child = serializers.ChoiceField(NO_LETTER)


class ChangedPersonSerializer(StrictSerializer):
    person = PersonField()
    department = CodeField(queryset=Department.objects.all())
    letter = serializers.ChoiceField(NO_LETTER, help_text="Empty: takes the part away.")


class ChangedActivitySerializer(StrictSerializer):
    activity = StrictCharField(max_length=64, help_text="Code.")
    accountable = PersonField(required=False, allow_null=True)
    roles = LettersField(required=False)
    people = ChangedPersonSerializer(many=True, required=False, max_length=200)

    def validate_people(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Whoever gets a letter works in the department that it is for; whoever loses one need not."""
        people = [row["person"].pk for row in rows]
        if len(set(people)) < len(people):
            raise serializers.ValidationError(_("A person stands here twice."))
        pairs = set(Membership.objects.filter(user__in=people).values_list("user", "department"))
        wrong = {
            place: {"department": [_("This person does not work there.")]}
            for place, row in enumerate(rows)
            if row["letter"] and (row["person"].pk, row["department"].pk) not in pairs
        }
        if wrong:
            raise serializers.ValidationError(wrong)
        return rows


class ChangedRaciSerializer(StrictSerializer):
    """The cells to change; what is not named stays."""

    activities = ChangedActivitySerializer(many=True, max_length=200)
    added = CodesField(
        AddedActivity.objects.all(),
        required=False,
        help_text="Codes of all the activities that the campaign has beside the seven; others are taken out.",
    )

    def validate_activities(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        codes = [row["activity"] for row in rows]
        if len(set(codes)) < len(codes):
            raise serializers.ValidationError(_("An activity stands here twice."))
        named = {code for row in rows for code in row.get("roles", {}) if "\x00" not in code}
        known = Department.objects.visible(self.context["request"].user).filter(code__in=named)
        self.departments = dict(known.values_list("code", "pk"))
        wrong = {}
        for place, row in enumerate(rows):
            if unknown := [code for code in row.get("roles", {}) if code not in self.departments]:
                text = _("There is no department with this code.")
                wrong[place] = {"roles": {code: [serializers.ErrorDetail(text, "does_not_exist")] for code in unknown}}
        if wrong:
            raise serializers.ValidationError(wrong)
        return rows

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Activities that the campaign has, or gets by this change."""
        campaign: Campaign = self.context["campaign"]
        if "added" in attrs:
            has = {one.code for one in attrs["added"]}
        else:
            has = set(campaign.activities.exclude(added=None).values_list("added__code", flat=True))
        text = _("This campaign has no such activity.")
        wrong = {
            place: {"activity": [serializers.ErrorDetail(text, "does_not_exist")]}
            for place, row in enumerate(attrs["activities"])
            if row["activity"] not in has and row["activity"] not in ActivityKind.values
        }
        if wrong:
            raise serializers.ValidationError({"activities": wrong})
        return attrs

    def cells(self) -> dict[str, Any]:
        """What campaigns.actions.raci.set_matrix takes, of a body that is valid."""
        rows = self.validated_data["activities"]
        added = self.validated_data.get("added")
        return {
            "accountable": {row["activity"]: row["accountable"] for row in rows if "accountable" in row},
            "roles": {
                (row["activity"], self.departments[code]): letter
                for row in rows
                for code, letter in row.get("roles", {}).items()
            },
            "people": {
                (row["activity"], one["person"].pk, one["department"].pk): one["letter"]
                for row in rows
                for one in row.get("people", [])
            },
            "added": None if added is None else [one.code for one in added],
        }


class LoadSerializer(StrictSerializer):
    r = serializers.SerializerMethodField(help_text="Activities that they do.")
    c = serializers.SerializerMethodField(help_text="Activities in which they give an opinion.")
    i = serializers.SerializerMethodField(help_text="Activities of which they are told.")
    against_average = serializers.IntegerField(
        source="more", allow_null=True, help_text="How far above (or, negative, below) the average, in percent."
    )

    @extend_schema_field(int)
    def get_r(self, load: Load) -> int:
        return load.letters.get("R", 0)

    @extend_schema_field(int)
    def get_c(self, load: Load) -> int:
        return load.letters.get("C", 0)

    @extend_schema_field(int)
    def get_i(self, load: Load) -> int:
        return load.letters.get("I", 0)


class DepartmentLoadSerializer(LoadSerializer):
    department = serializers.CharField(source="of.code", help_text="Code.")


class PersonLoadSerializer(LoadSerializer):
    person = serializers.CharField(source="of.username")
    a = serializers.SerializerMethodField(help_text="Activities for which they answer.")

    @extend_schema_field(int)
    def get_a(self, load: Load) -> int:
        return load.letters.get("A", 0)


class WorkloadSerializer(StrictSerializer):
    """Activities of all campaigns that are not over, by letter; those who carry most come first."""

    departments = DepartmentLoadSerializer(many=True)
    people = PersonLoadSerializer(many=True)


class KeepTemplateSerializer(StrictSerializer):
    name = StrictCharField(max_length=200)
    campaign = CodeField(queryset=Campaign.objects.all(), help_text="Whose matrix it is made of.")
