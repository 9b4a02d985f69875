"""Fields that take exactly what they say: a number is no text, a text is no number, and no digit is guessed."""

import re
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customers.permissions import colleagues
from customers.queries.codes import by_code
from customers.rules import days, numbers, text

_CLOCK = re.compile(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z")


def _refused(error: text.WrongText | numbers.WrongNumber | days.WrongDay) -> serializers.ValidationError:
    return serializers.ValidationError(error.message, code=error.code)


class StrictCharField(serializers.CharField):
    """One line of text, as customers.rules.text reads it; with `trim_whitespace=False` every character counts."""

    read = staticmethod(text.one_line)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if not self.trim_whitespace:
            return super().to_internal_value(data)
        try:
            found: str = self.read(data, size=self.max_length or text.LONGEST_PROSE)
        except text.WrongText as error:
            raise _refused(error) from error
        if not found and not self.allow_blank:
            self.fail("blank")
        return found


class ProseField(StrictCharField):
    """Text of several lines."""

    read = staticmethod(text.prose)


class StrictIntegerField(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(data)


class StrictDecimalField(serializers.DecimalField):
    """Takes `"12.50"` or `12.50`; answers with text, which no reader rounds."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, str | int | Decimal):
            self.fail("invalid")
        most = numbers.largest(digits=self.max_digits, places=self.decimal_places)
        low = -most if self.min_value is None else self.min_value
        high = most if self.max_value is None else self.max_value
        try:
            return numbers.decimal(data, low=Decimal(low), high=Decimal(high), places=self.decimal_places)
        except numbers.WrongNumber as error:
            raise _refused(error) from error


class StrictBooleanField(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> Any:
        if data is None and self.allow_null:
            return None
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class DayField(serializers.DateField):
    """A day as `2026-11-26`, in a year to plan in."""

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str):
            self.fail("invalid", format="YYYY-MM-DD")
        try:
            return days.day(data)
        except days.WrongDay as error:
            raise _refused(error) from error


@extend_schema_field({"type": "string", "pattern": _CLOCK.pattern.replace("\\Z", "$"), "example": "22:00"})
class ClockField(serializers.TimeField):
    """A time of day of the company, as `22:00`."""

    default_error_messages = {"invalid": _("Write the time as HH:MM, such as 22:00.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", **kwargs)

    def to_internal_value(self, data: Any) -> time:
        if not isinstance(data, str) or not _CLOCK.match(data):
            self.fail("invalid")
        hours, minutes = data.split(":")
        return time(int(hours), int(minutes))


@extend_schema_field(str)
class CodeField(serializers.SlugRelatedField):
    """A row named by its code (or what `slug_field` says), among those the reader may see.

    What they may not see and what does not exist are refused in the same words.
    """

    default_error_messages = {
        "does_not_exist": _("There is no such “{value}” that you may see."),
        "invalid": _("Give a code."),
    }

    def __init__(self, slug_field: str = "code", **kwargs: Any) -> None:
        super().__init__(slug_field=slug_field, **kwargs)

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows.visible(self.context["request"].user) if hasattr(rows, "visible") else rows

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        if "\x00" in data:
            self.fail("does_not_exist", value="")
        return super().to_internal_value(data)


class PersonField(CodeField):
    """A colleague who can sign in, by username."""

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("read_only"):
            kwargs.setdefault("queryset", colleagues())
        super().__init__(slug_field="username", **kwargs)


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class CodesField(serializers.Field):
    """Rows named by their codes, each once, among those the reader may see.

    Represented as the sorted codes of whatever has `all()`.
    """

    default_error_messages = {
        "not_a_list": _("Give a list of codes."),
        "max_length": _("Give at most {most} codes at a time."),
        "twice": _("“{value}” stands here twice."),
        **CodeField.default_error_messages,
    }

    def __init__(self, queryset: Any, *, most: int = 1000, **kwargs: Any) -> None:
        self.queryset, self.most = queryset, most
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list")
        if len(data) > self.most:
            self.fail("max_length", most=self.most)
        texts = [code for code in data if isinstance(code, str) and "\x00" not in code]
        found = self._found(texts)
        if wrong := {place: error for place, code in enumerate(data) if (error := self._error(code, found))}:
            raise serializers.ValidationError(wrong)
        if len(found) < len(data):
            self.fail("twice", value=next(code for code in texts if texts.count(code) > 1))
        return [found[code] for code in texts]

    def _found(self, codes: list[str]) -> dict[str, Any]:
        rows = self.queryset.all()
        return by_code(rows.visible(self.context["request"].user) if hasattr(rows, "visible") else rows, codes)

    def _error(self, code: Any, found: dict[str, Any]) -> list[serializers.ErrorDetail]:
        if not isinstance(code, str):
            return [serializers.ErrorDetail(self.error_messages["invalid"], code="invalid")]
        if code in found:
            return []
        text = str(self.error_messages["does_not_exist"]).format(value=code.replace("\x00", "")[:100])
        return [serializers.ErrorDetail(text, code="does_not_exist")]

    def to_representation(self, rows: Any) -> list[str]:
        return sorted(row.code for row in rows.all())
