"""What the house has settled for all plans, and how its collision rules are set."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.actions.rule_settings import refusals_of_options, text_of
from campaigns.choices import CASE_LEVELS, RuleMode, TemplateLetter
from campaigns.models import (
    AddedActivity,
    AnnouncedPrice,
    BrandRules,
    Category,
    CombinationClass,
    CombinationPolicy,
    Department,
    DepartmentGoal,
    Fund,
    JointGroup,
    Placement,
    Product,
    ProtectedScope,
    RaciTemplate,
    Substitution,
    Tactic,
    Tool,
    WordToAvoid,
)
from campaigns.models.strategy import LONGEST_LINE, MOST_LINES, lines_of
from campaigns.queries.register import overlapping
from customers.rest.fields import CodeField, CodesField, DayField, StrictCharField, StrictIntegerField
from customers.rest.serializers import RowSerializer, StrictSerializer


class SettledSerializer(RowSerializer):
    class Meta:
        # The action judges the rows, with words of its own.
        validators: list[Any] = []


class CombinationClassSerializer(SettledSerializer):
    class Meta(SettledSerializer.Meta):
        model = CombinationClass
        fields = ["id", "code", "name"]


class CombinationPolicySerializer(SettledSerializer):
    class_a = CodeField(source="low", queryset=CombinationClass.objects.all(), help_text="In any order.")
    class_b = CodeField(source="high", queryset=CombinationClass.objects.all(), help_text="May be the same one.")

    class Meta(SettledSerializer.Meta):
        model = CombinationPolicy
        fields = ["id", "class_a", "class_b", "decision"]


class JointGroupSerializer(SettledSerializer):
    class Meta(SettledSerializer.Meta):
        model = JointGroup
        fields = ["id", "code", "name"]


class AddedActivitySerializer(SettledSerializer):
    class Meta(SettledSerializer.Meta):
        model = AddedActivity
        fields = ["id", "code", "name", "is_retired"]


class TemplateCellSerializer(StrictSerializer):
    activity = serializers.CharField(source="code", help_text="Code.")
    letter = serializers.ChoiceField(TemplateLetter.choices, help_text="The A is whoever leads the department.")
    department = CodeField(read_only=True, allow_null=True, help_text="Null: the department that owns the campaign.")


class RaciTemplateSerializer(SettledSerializer):
    cells = TemplateCellSerializer(source="roles", many=True, read_only=True)

    class Meta(SettledSerializer.Meta):
        model = RaciTemplate
        fields = ["id", "name", "cells"]


class TacticSerializer(SettledSerializer):
    department = CodeField(queryset=Department.objects.all(), help_text="The owner.")
    profits = CodesField(Department.objects.all(), required=False, help_text="Codes of other departments.")

    class Meta(SettledSerializer.Meta):
        model = Tactic
        fields = ["id", "code", "name", "department", "profits", "since", "how_told"]


class ToolSerializer(SettledSerializer):
    department = CodeField(queryset=Department.objects.all())
    overlaps = serializers.SerializerMethodField(help_text="Tools of other departments for the same purpose.")

    class Meta(SettledSerializer.Meta):
        model = Tool
        fields = ["id", "name", "department", "purpose", "note", "overlaps"]

    def get_overlaps(self, tool: Tool) -> int:
        return tool.overlaps if hasattr(tool, "overlaps") else overlapping(tool).count()


class DepartmentGoalSerializer(SettledSerializer):
    department = CodeField(queryset=Department.objects.all())

    class Meta(SettledSerializer.Meta):
        model = DepartmentGoal
        fields = ["id", "code", "name", "department", "note", "is_retired"]


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class LinesField(serializers.ListField):
    """A column with a line per entry."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=StrictCharField(max_length=LONGEST_LINE), max_length=MOST_LINES, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return "\n".join(super().to_internal_value(data))

    def to_representation(self, value: str) -> list[str]:
        return lines_of(value)


class BrandRulesSerializer(SettledSerializer):
    department = CodeField(queryset=Department.objects.all())
    protected_brands = LinesField(required=False, help_text="Whoever reduces them is warned.")
    never_words = LinesField(required=False, help_text="Words and phrases; with * at its end all that begins so.")

    class Meta(SettledSerializer.Meta):
        model = BrandRules
        fields = ["id", "department", "deepest_discount", "protected_brands", "never_words"]


class WordToAvoidSerializer(SettledSerializer):
    language = serializers.ChoiceField([code for code, _name in settings.LANGUAGES])

    class Meta(SettledSerializer.Meta):
        model = WordToAvoid
        fields = ["id", "language", "phrase", "kind", "advice"]


class PlacementSerializer(SettledSerializer):
    class Meta(SettledSerializer.Meta):
        model = Placement
        fields = ["id", "code", "name", "page", "slots"]


class FundSerializer(SettledSerializer):
    ends_on = DayField(help_text="Included.")

    class Meta(SettledSerializer.Meta):
        model = Fund
        fields = ["id", "code", "name", "amount", "starts_on", "ends_on"]


class SubstitutionSerializer(SettledSerializer):
    product = CodeField(queryset=Product.objects.all())
    substitute = CodeField(queryset=Product.objects.all())

    class Meta(SettledSerializer.Meta):
        model = Substitution
        fields = ["id", "product", "substitute", "rate", "source"]


class ProtectedScopeSerializer(SettledSerializer):
    category = CodeField(queryset=Category.objects.all(), allow_null=True, required=False)
    product = CodeField(queryset=Product.objects.all(), allow_null=True, required=False)
    department = CodeField(
        queryset=Department.objects.all(), allow_null=True, required=False, help_text="Null: for nobody."
    )
    ends_on = DayField(help_text="Included.")

    class Meta(SettledSerializer.Meta):
        model = ProtectedScope
        fields = [
            "id",
            "name",
            "kind",
            "brand",
            "category",
            "product",
            "starts_on",
            "ends_on",
            "department",
            "min_price",
            "is_hard",
            "reason",
        ]


class AnnouncedPriceSerializer(SettledSerializer):
    product = CodeField(queryset=Product.objects.all())
    department = CodeField(
        queryset=Department.objects.all(), allow_null=True, required=False, help_text="Null: the house."
    )
    ends_on = DayField(help_text="Included.")

    class Meta(SettledSerializer.Meta):
        model = AnnouncedPrice
        fields = ["id", "product", "price", "starts_on", "ends_on", "department"]


class JoinGroupSerializer(StrictSerializer):
    group = CodeField(queryset=JointGroup.objects.all(), allow_null=True, help_text="Null: with no others.")


NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"


@extend_schema_field(
    {"type": "object", "additionalProperties": {"type": "string", "pattern": NUMBER, "nullable": True}}
)
class NumbersField(serializers.Field):
    """The numbers of a rule by name; null is as delivered, and what is not named stays."""

    default_error_messages = {"invalid": _("Give an object with names and numbers.")}

    def to_internal_value(self, data: Any) -> dict[str, Decimal | None]:
        if not isinstance(data, Mapping):
            self.fail("invalid")
        if refusals := refusals_of_options(self.parent.instance.rule, data):
            raise serializers.ValidationError({name: [text] for name, text in refusals.items()})
        return {name: None if number is None else Decimal(number) for name, number in data.items()}

    def to_representation(self, options: Mapping[str, Decimal]) -> dict[str, str]:
        return {name: text_of(number) for name, number in options.items()}


class OptionSerializer(StrictSerializer):
    name = serializers.CharField(read_only=True)
    label = serializers.CharField(read_only=True)
    unit = serializers.CharField(read_only=True)
    default = serializers.SerializerMethodField(help_text="As delivered.")
    lowest = serializers.SerializerMethodField()
    highest = serializers.SerializerMethodField()
    places = serializers.IntegerField(read_only=True, help_text="Digits behind the point.")

    def get_default(self, option: Any) -> str:
        return text_of(option.default)

    def get_lowest(self, option: Any) -> str:
        return text_of(option.lowest)

    def get_highest(self, option: Any) -> str:
        return text_of(option.highest)


class CollisionRuleSerializer(StrictSerializer):
    code = serializers.CharField(source="rule.CODE", read_only=True)
    name = serializers.CharField(source="rule.NAME", read_only=True)
    summary = serializers.CharField(source="rule.SUMMARY", read_only=True, help_text="What it finds.")
    mode = serializers.ChoiceField(RuleMode.choices, help_text="“report”: in observation, it opens no case.")
    base = StrictIntegerField(
        min_value=0, max_value=100, allow_null=True, help_text="Base points of the severity; null is as delivered."
    )
    default_base = serializers.IntegerField(source="rule.BASE", read_only=True, help_text="As delivered.")
    numbers = NumbersField(help_text="By name; null is as delivered, and what is not named stays.")
    options = OptionSerializer(source="rule.OPTIONS", many=True, read_only=True, help_text="What the numbers may be.")
    opens_from = serializers.ChoiceField(
        CASE_LEVELS,
        allow_null=True,
        help_text="The lowest level at which it opens a case; null: as the escalation policy says.",
    )
