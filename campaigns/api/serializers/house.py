"""Departments and who works in them, the catalogue, and what the machine did."""

from typing import Any, ClassVar

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.actions.dataset.runs import RESUME
from campaigns.models import Category, Department, DetectionRun, ImportRun, Membership, Product
from customers.permissions import is_administrator
from customers.rest.fields import CodeField, PersonField, StrictBooleanField
from customers.rest.serializers import RowSerializer, StrictSerializer


class DepartmentSerializer(RowSerializer):
    """Everybody knows what departments are called; the rest of their rows stands on a page of administrators."""

    class Meta:
        model = Department
        fields = ["id", "code", "name", "business_unit", "value_proposition"]

    def to_representation(self, department: Department) -> dict[str, Any]:
        found = super().to_representation(department)
        if not is_administrator(self.context["request"].user):
            for name in ("business_unit", "value_proposition"):
                found.pop(name, None)
        return found


class MemberSerializer(RowSerializer):
    person = PersonField(source="user", read_only=True)
    name = serializers.CharField(source="user.get_full_name", read_only=True)

    class Meta:
        model = Membership
        fields = ["person", "name", "is_lead"]
        read_only_fields = fields


class JoinSerializer(StrictSerializer):
    person = PersonField()
    is_lead = StrictBooleanField(default=False)


class MemberField(PersonField):
    """Whoever works in the department, also if they can no longer sign in."""

    def get_queryset(self) -> Any:
        return User.objects.filter(memberships__department=self.context["department"])


class LeaveSerializer(StrictSerializer):
    person = MemberField()


class CategorySerializer(RowSerializer):
    products = serializers.IntegerField(source="size", read_only=True, help_text="How many products it has.")

    class Meta:
        model = Category
        fields = ["id", "code", "products"]


class ProductSerializer(RowSerializer):
    category = CodeField(read_only=True)
    department = CodeField(read_only=True, allow_null=True)

    class Meta:
        model = Product
        fields = ["id", "code", "name", "category", "brand", "department", "price", "stock"]
        read_only_fields = fields


class DetectionRunSerializer(RowSerializer):
    requested_by = PersonField(read_only=True, allow_null=True, help_text="Empty: the schedule.")

    class Meta:
        model = DetectionRun
        fields = [
            "id",
            "requested_at",
            "requested_by",
            "with_past",
            "started_at",
            "finished_at",
            "shards",
            "shards_done",
            "offers",
            "collisions",
        ]
        read_only_fields = fields
        extra_kwargs: ClassVar = {
            "shards": {
                "help_text": "Into how many parts it was cut when it started, for several workers; 1 = not cut."
            },
            "shards_done": {"help_text": "How many of them are done; it has finished when all are stored."},
        }

    collisions = serializers.IntegerField(source="pairs", read_only=True)


class ImportRunSerializer(RowSerializer):
    requested_by = PersonField(read_only=True, allow_null=True)
    at = serializers.SerializerMethodField(help_text="How far the present step is.")
    problems = serializers.SerializerMethodField(help_text="The first of them.")
    warnings = serializers.SerializerMethodField()
    tables_done = serializers.SerializerMethodField()
    rows = serializers.SerializerMethodField(help_text="Per table: how many rows were created, updated, unchanged.")

    class Meta:
        model = ImportRun
        fields = [
            "id",
            "source",
            "state",
            "dry_run",
            "requested_by",
            "started_at",
            "finished_at",
            "at",
            "problem_count",
            "problems",
            "warnings",
            "tables_done",
            "rows",
        ]
        read_only_fields = fields

    @extend_schema_field(
        {
            "type": "object",
            "properties": {"step": {"type": "string"}, "done": {"type": "integer"}, "of": {"type": "integer"}},
        }
    )
    def get_at(self, run: ImportRun) -> Any:
        return run.at

    @extend_schema_field(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "table": {"type": "string"},
                    "row": {"type": "integer", "minimum": 0},
                    "column": {"type": "string"},
                    "text": {"type": "string"},
                },
                "required": ["table", "row", "column", "text"],
            },
        }
    )
    def get_problems(self, run: ImportRun) -> Any:
        return [dict(zip(("table", "row", "column", "text"), one, strict=True)) for one in run.read_problems()]

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_warnings(self, run: ImportRun) -> Any:
        return run.read_warnings()

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_tables_done(self, run: ImportRun) -> Any:
        return run.tables_done

    @extend_schema_field(
        {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": {"type": "integer"}},
        }
    )
    def get_rows(self, run: ImportRun) -> Any:
        return {table: counts for table, counts in run.rows.items() if table != RESUME}


class FormBooleanField(serializers.BooleanField):
    """In a form everything is text: `true` or `false`."""

    default_empty_html = serializers.empty  # what is not sent is not false, but the default

    def to_internal_value(self, data: Any) -> bool:
        if data not in ("true", "false"):
            self.fail("invalid", input=data)
        return data == "true"


class NewImportSerializer(StrictSerializer):
    files = serializers.ListField(
        child=serializers.FileField(max_length=255), allow_empty=False, max_length=50, help_text="One ZIP, or tables."
    )
    dry_run = FormBooleanField(default=False, help_text="Only check.")
