"""Similar decisions of a case, and standing rules: read by whom they bind, approved and rejected by who may."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.actions import standing_rules
from approvals.choices import NoticeState, Stance
from approvals.models import RuleNotice, StandingRule
from approvals.models.precedents import LONGEST_WHY
from approvals.models.standing_rules import LONGEST_REASON
from approvals.permissions import can_judge_rule
from approvals.queries import standing_rules as queries
from approvals.rules.operations import describe, parse
from approvals.rules.precedents import Cited
from approvals.rules.standing_rule_machine import STEPS, steps_from
from customers.rest.etags import EtagMixin
from customers.rest.fields import PersonField, ProseField, StrictCharField, StrictIntegerField
from customers.rest.filters import FilterSet
from customers.rest.idempotency import idempotent
from customers.rest.serializers import RowSerializer, StrictSerializer
from customers.rest.viewsets import VisibleViewSet


class FactSerializer(StrictSerializer):
    name = serializers.CharField()
    value = serializers.CharField(help_text="In words.")


class PrecedentSerializer(StrictSerializer):
    """A decision on a case like this one. Of one that is hidden from you only its outcome and how much is alike is told."""

    id = serializers.IntegerField(source="pk")
    is_hidden = serializers.BooleanField(help_text="One of its campaigns has not started, and its case is not yours.")
    is_superseded = serializers.BooleanField(help_text="A later decision replaced it.")
    outcome = serializers.CharField(help_text="In words.")
    facts_alike = serializers.IntegerField(source="number")
    facts_compared = serializers.IntegerField(source="facts")
    label = serializers.CharField(help_text="Of its case.")
    case = serializers.IntegerField(allow_null=True, help_text="Id of its case, if you may read it.")
    between = serializers.ListField(child=serializers.CharField(), help_text="Campaigns and departments.")
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(help_text="Full name.")
    reason = serializers.CharField()
    alike = serializers.SerializerMethodField(help_text="The facts that are the same.")
    differ = serializers.SerializerMethodField(help_text="The facts that are not, as they were there.")

    @extend_schema_field(FactSerializer(many=True))
    def get_alike(self, shown: Any) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in shown.alike]

    @extend_schema_field(FactSerializer(many=True))
    def get_differ(self, shown: Any) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in shown.differ]


class CitedSerializer(StrictSerializer):
    precedent = StrictIntegerField(min_value=1, help_text="Id, as /cases/{id}/precedents/ gives it.")
    stance = serializers.ChoiceField(Stance.choices)
    why = ProseField(
        required=False, allow_blank=True, max_length=LONGEST_WHY, help_text="Why it is another matter (distinguishes)."
    )

    def to_internal_value(self, data: Any) -> Any:
        read = super().to_internal_value(data)
        return Cited(read["precedent"], read["stance"], read.get("why", ""))


class SaidSerializer(StrictSerializer):
    """What a decision says of an earlier one."""

    precedent = PrecedentSerializer()
    stance = serializers.ChoiceField(Stance.choices)
    why = serializers.CharField()


class RuleNoticeSerializer(RowSerializer):
    """A standing rule that was announced in a case."""

    rule = serializers.IntegerField(source="rule_id", help_text="Id.")
    label = serializers.CharField(source="rule.label")
    state = serializers.ChoiceField(NoticeState.choices)
    orders = serializers.SerializerMethodField(help_text="What it would change, in words.")
    objected_by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = RuleNotice
        fields = [
            "rule",
            "label",
            "state",
            "announced_at",
            "apply_at",
            "orders",
            "ended_at",
            "objected_by",
            "objection",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_orders(self, notice: RuleNotice) -> list[str]:
        return [describe(order) for order in parse(notice.operations)]


class ObjectSerializer(StrictSerializer):
    reason = ProseField(max_length=LONGEST_REASON, help_text="The other department reads it.")


class StandingRuleLineSerializer(RowSerializer):
    label = serializers.CharField(read_only=True)
    departments = serializers.SerializerMethodField(help_text="Codes.")
    outcome = serializers.SerializerMethodField(help_text="What it orders, in words.")
    decided_by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = StandingRule
        fields = [
            "id",
            "label",
            "state",
            "departments",
            "outcome",
            "suggested_at",
            "approved_at",
            "decided_by",
            "reason",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2))
    def get_departments(self, rule: StandingRule) -> list[str]:
        return sorted((rule.department_a.code, rule.department_b.code))

    def get_outcome(self, rule: StandingRule) -> str:
        return queries.sentence(rule)


class StandingRuleSerializer(StandingRuleLineSerializer):
    facts = serializers.SerializerMethodField(help_text="On which it is applied.")
    steps = serializers.SerializerMethodField(help_text="What you may do with it now.")

    class Meta(StandingRuleLineSerializer.Meta):
        fields = [*StandingRuleLineSerializer.Meta.fields, "facts", "steps"]
        read_only_fields = fields

    @extend_schema_field(FactSerializer(many=True))
    def get_facts(self, rule: StandingRule) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in queries.facts_in_words(rule)]

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField([(step, step) for step in STEPS])))
    def get_steps(self, rule: StandingRule) -> list[str]:
        return steps_from(rule.state) if can_judge_rule(self.context["request"].user, rule) else []


class RuleStepSerializer(StrictSerializer):
    step = StrictCharField(max_length=20, help_text="approve, reject, suspend, resume or withdraw.")
    reason = ProseField(max_length=LONGEST_REASON, help_text="Both departments read it, at least 10 characters.")


class StandingRuleFilters(FilterSet):
    class Meta:
        model = StandingRule
        fields = ["state"]


class StandingRuleViewSet(EtagMixin, VisibleViewSet):
    """What mediators decided again and again on the same facts: for its two departments, mediators and administrators."""

    model = StandingRule
    serializer_class = StandingRuleSerializer
    filterset_class = StandingRuleFilters
    ordering_fields = ("id", "suggested_at")
    ordering = ("-id",)

    def rows(self) -> QuerySet:
        return queries.joined(super().rows())

    def get_serializer_class(self) -> Any:
        return StandingRuleLineSerializer if self.action == "list" else super().get_serializer_class()

    @extend_schema(request=RuleStepSerializer, responses=StandingRuleSerializer, filters=False)
    @action(detail=True, methods=["post"])
    @idempotent
    def take(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Approve, reject, suspend, resume or withdraw it. For administrators and designated mediators of neither side."""
        rule = self.get_object()
        StandingRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
        rule = self.get_object()
        self.check_match(rule)
        if not can_judge_rule(request.user, rule):
            raise PermissionDenied(
                _(
                    "Administrators and designated mediators decide on a standing rule, and nobody of its two departments."
                )
            )
        asked = RuleStepSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        standing_rules.take(rule=rule, **asked.validated_data, by=request.user, now=timezone.now())
        return self.tagged(self.get_object())
