"""Fields that take exactly what they say: a number is no text, a text is no number, and no digit is guessed."""

import re
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)

_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?\Z")
_CLOCK = re.compile(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


class StrictCharField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


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
        text = format(data, "f") if isinstance(data, Decimal) and abs(data.adjusted()) < 40 else str(data)
        if not _DECIMAL.match(text):
            self.fail("invalid")
        return super().to_internal_value(text)


class StrictBooleanField(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> Any:
        if data is None and self.allow_null:
            return None
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class DayField(serializers.DateField):
    """A day as `2026-11-26`, between 2000 and 2100."""

    default_error_messages = {
        "invalid": _("Write the day as YYYY-MM-DD, such as 2026-11-26."),
        "range": _("Days are between %(first)s and %(last)s.") % {"first": FIRST_DAY, "last": LAST_DAY},
    }

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not _DAY.match(data):
            self.fail("invalid")
        day: date = super().to_internal_value(data)
        if not FIRST_DAY <= day <= LAST_DAY:
            self.fail("range")
        return day


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
