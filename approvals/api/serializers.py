from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from approvals.models import EscalationPolicy, Mail, Mediator
from approvals.queries.people import roles_of
from approvals.rules.deadlines import LIMITS
from campaigns import wording
from campaigns.models import Category, Department
from customers.permissions import ANALYSTS
from customers.rest.fields import CodeField, PersonField, StrictBooleanField, StrictCharField
from customers.rest.serializers import RowSerializer, StrictSerializer


class MailSerializer(RowSerializer):
    recipient = PersonField(read_only=True)
    case = serializers.IntegerField(source="case_id", read_only=True, allow_null=True, help_text="Id.")
    campaign = serializers.CharField(
        source="campaign.code", read_only=True, default=None, allow_null=True, help_text="Code."
    )

    class Meta:
        model = Mail
        fields = [
            "id",
            "event",
            "recipient",
            "case",
            "campaign",
            "language",
            "subject",
            "state",
            "created_at",
            "not_before",
            "sent_at",
            "tries",
            "unsure",
            "error",
        ]
        read_only_fields = fields


class MailDetailSerializer(MailSerializer):
    class Meta(MailSerializer.Meta):
        fields = [*MailSerializer.Meta.fields, "message_id", "text", "html"]
        read_only_fields = fields


class MediatorSerializer(RowSerializer):
    """With nothing of department, category and business unit it is for every case."""

    user = PersonField(help_text="User name.")
    department = CodeField(
        queryset=Department.objects.all(), allow_null=True, required=False, help_text="Code: cases that touch it."
    )
    other_department = CodeField(
        queryset=Department.objects.all(),
        allow_null=True,
        required=False,
        help_text="Code: only cases between the two departments.",
    )
    category = CodeField(
        queryset=Category.objects.all(),
        allow_null=True,
        required=False,
        help_text="Code: cases in which both sides have products of it on offer.",
    )
    stand_in = PersonField(allow_null=True, required=False, help_text="User name.")

    class Meta:
        model = Mediator
        fields = [
            "id",
            "user",
            "department",
            "other_department",
            "category",
            "business_unit",
            "from_level",
            "most_cases",
            "stand_in",
        ]
        # The action judges these, with words of its own.
        validators: list[Any] = []


class EscalationPolicySerializer(RowSerializer):
    class Meta:
        model = EscalationPolicy
        fields = ["opens_at_level", *LIMITS]
        validators: list[Any] = []


class LanguageField(serializers.ChoiceField):
    """A language of the house."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[code for code, _name in settings.LANGUAGES], allow_null=True, **kwargs)

    def validate_empty_values(self, data: Any) -> Any:
        """It is null until somebody chooses; nobody chooses null."""
        if data is None:
            self.fail("null")
        return super().validate_empty_values(data)


class ColleagueSerializer(RowSerializer):
    """What everybody knows of everybody."""

    name = serializers.SerializerMethodField(help_text="First and last name, or the user name.")

    class Meta:
        model = User
        fields = ["id", "username", "name"]

    @extend_schema_field(str)
    def get_name(self, person: User) -> str:
        return wording.person(person)


class PersonSerializer(ColleagueSerializer):
    """A colleague. What stands beside the name is for administrators to read and write."""

    is_active = StrictBooleanField(required=False)
    is_administrator = StrictBooleanField(required=False)
    is_analyst = StrictBooleanField(required=False)
    language = LanguageField(required=False, help_text="Null as long as they have chosen none.")

    class Meta(ColleagueSerializer.Meta):
        fields = [
            *ColleagueSerializer.Meta.fields,
            "first_name",
            "last_name",
            "email",
            "is_active",
            "is_administrator",
            "is_analyst",
            "language",
        ]

    def to_representation(self, person: Any) -> Any:
        person.is_administrator = person.is_superuser
        person.is_analyst = any(group.name == ANALYSTS for group in person.groups.all())
        person.language = getattr(getattr(person, "staff_profile", None), "language", None)
        return super().to_representation(person)


class NewPersonSerializer(PersonSerializer):
    """A colleague to add."""

    password = StrictCharField(
        required=False,
        write_only=True,
        max_length=4096,
        trim_whitespace=False,
        help_text="Without one they cannot sign in until they are given one.",
    )

    class Meta(PersonSerializer.Meta):
        fields = [*PersonSerializer.Meta.fields, "password"]


class PasswordSerializer(StrictSerializer):
    password = StrictCharField(max_length=4096, trim_whitespace=False)


class MembershipSerializer(StrictSerializer):
    code = serializers.CharField(source="department.code", read_only=True)
    name = serializers.CharField(source="department.name", read_only=True)
    is_lead = serializers.BooleanField(read_only=True)


class MeSerializer(ColleagueSerializer):
    """Oneself."""

    roles = serializers.SerializerMethodField(help_text="Of administrator, analyst, lead, mediator, member.")
    departments = MembershipSerializer(source="memberships", many=True, read_only=True)
    language = LanguageField(help_text="Of pages and mails; null as long as you have chosen none.")
    gets_briefings = serializers.BooleanField(help_text="Whether every briefing comes by mail.")

    class Meta(ColleagueSerializer.Meta):
        fields = [*ColleagueSerializer.Meta.fields, "email", "roles", "departments", "language", "gets_briefings"]
        read_only_fields = ["username", "email"]

    def to_representation(self, person: Any) -> Any:
        profile = getattr(person, "staff_profile", None)
        person.language = getattr(profile, "language", None)
        person.gets_briefings = bool(getattr(profile, "gets_briefings", False))
        return super().to_representation(person)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_roles(self, person: User) -> list[str]:
        return roles_of(person)
