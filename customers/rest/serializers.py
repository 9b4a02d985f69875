"""Serializers that refuse what they do not know."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations
from django.utils.translation import gettext as _
from rest_framework import serializers

from customers.rest import fields
from customers.rest.problems import ParameterError

# Comments, because drf-spectacular shows docstrings to the users of the API, also inherited ones.


# Unknown names and names that only the server writes are errors, not silence; `?fields=` chooses what is read.
class StrictMixin(serializers.Serializer):
    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            wrong = {}
            for name in data:
                field = self.fields.get(name)
                if field is None:
                    wrong[name] = [serializers.ErrorDetail(_("There is no such field."), code="unknown")]
                elif field.read_only:
                    wrong[name] = [serializers.ErrorDetail(_("Only the server sets this."), code="read_only")]
            if wrong:
                raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)

    def get_fields(self) -> dict[str, serializers.Field]:
        found = super().get_fields()
        request = self.context.get("request")
        is_nested = self.parent is not None and not (
            isinstance(self.parent, serializers.ListSerializer) and self.parent.parent is None
        )
        if request is None or request.method != "GET" or is_nested or self.context.get("whole"):
            return found
        if (wanted := request.query_params.get("fields")) is None:
            return found
        names = wanted.split(",")
        if unknown := sorted(set(names) - found.keys()):
            text = _("There is no field %(unknown)s; there are %(known)s.")
            text %= {"unknown": ", ".join(unknown)[:200], "known": ", ".join(found)}
            raise ParameterError({"fields": [text]})
        return {name: field for name, field in found.items() if name in names}


# For what is no row: decisions, steps, answers.
class StrictSerializer(StrictMixin, serializers.Serializer):
    pass


# A row of a model, with strict fields.
class RowSerializer(StrictMixin, serializers.ModelSerializer):
    serializer_field_mapping: ClassVar[dict[type[models.Field], type[serializers.Field]]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: fields.StrictCharField,
        models.TextField: fields.ProseField,
        models.IntegerField: fields.StrictIntegerField,
        models.SmallIntegerField: fields.StrictIntegerField,
        models.PositiveIntegerField: fields.StrictIntegerField,
        models.PositiveSmallIntegerField: fields.StrictIntegerField,
        models.PositiveBigIntegerField: fields.StrictIntegerField,
        models.BigIntegerField: fields.StrictIntegerField,
        models.DecimalField: fields.StrictDecimalField,
        models.BooleanField: fields.StrictBooleanField,
        models.DateField: fields.DayField,
        models.TimeField: fields.ClockField,
    }
    serializer_related_field = fields.CodeField

    def build_standard_field(
        self, field_name: str, model_field: Any
    ) -> tuple[type[serializers.Field], dict[str, Any]]:
        """Whole numbers as both databases hold them: SQLite alone would take larger ones."""
        found, kwargs = super().build_standard_field(field_name, model_field)
        bounds = BaseDatabaseOperations.integer_field_ranges.get(model_field.get_internal_type())
        if bounds and issubclass(found, fields.StrictIntegerField) and not kwargs.get("read_only"):
            kwargs["min_value"] = max(bounds[0], kwargs.get("min_value", bounds[0]))
            kwargs["max_value"] = min(bounds[1], kwargs.get("max_value", bounds[1]))
        return found, kwargs
