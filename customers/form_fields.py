"""Fields of forms that read text, numbers and days by the rules of the house; every form is made of these."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.utils.text import format_lazy

from customers.rules import days, numbers, text
from customers.validators import Between


def refused(error: text.WrongText | numbers.WrongNumber | days.WrongDay) -> ValidationError:
    return ValidationError(error.message, code=error.code)


class LineField(forms.CharField):
    """One line of text."""

    def to_python(self, value: Any) -> str:
        try:
            return text.one_line(super().to_python(value) or "", size=self.max_length or text.LONGEST_PROSE)
        except text.WrongText as error:
            raise refused(error) from error


class ProseField(forms.CharField):
    """Text of several lines, at most text.LONGEST_PROSE characters unless it says less."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        try:
            return text.prose(super().to_python(value) or "", size=self.max_length or text.LONGEST_PROSE)
        except text.WrongText as error:
            raise refused(error) from error


class AddressField(forms.EmailField):
    """An e-mail address."""

    def to_python(self, value: Any) -> str:
        try:
            return text.one_line(super().to_python(value) or "", size=self.max_length or 254)
        except text.WrongText as error:
            raise refused(error) from error


class WholeNumberField(forms.IntegerField):
    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        low = -numbers.LARGEST_INTEGER if self.min_value is None else self.min_value
        high = numbers.LARGEST_INTEGER if self.max_value is None else self.max_value
        try:
            return numbers.integer(value, low=low, high=high)
        except numbers.WrongNumber as error:
            raise refused(error) from error


class DecimalNumberField(forms.DecimalField):
    """`max_digits` and `decimal_places` must be given, as columns have them."""

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values:
            return None
        places = self.decimal_places or 0
        most = numbers.largest(digits=self.max_digits or 0, places=places)
        low = -most if self.min_value is None else self.min_value
        high = most if self.max_value is None else self.max_value
        try:
            return numbers.decimal(value, low=Decimal(low), high=Decimal(high), places=places)
        except numbers.WrongNumber as error:
            raise refused(error) from error

    def prepare_value(self, value: Any) -> Any:
        """Without the zeros that a column of four places adds: 40, 0.50, 0.125."""
        if not isinstance(value, Decimal) or not value.is_finite():
            return value
        plain = f"{value.normalize():f}"
        return f"{value:.2f}" if plain[-2:-1] == "." and (self.decimal_places or 0) > 1 else plain


class DayField(forms.DateField):
    """A day in the form that date inputs send, whatever the language."""

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        try:
            return days.day(value)
        except days.WrongDay as error:
            raise refused(error) from error


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files of these endings (".csv,.xlsx"), as a list."""

    def __init__(self, *, accept: str, **kwargs: Any) -> None:
        super().__init__(widget=_ManyFiles({"accept": accept}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        several = data if isinstance(data, list | tuple) else [data]
        found = [super(FilesField, self).clean(one, initial) for one in several or [None]]
        return [one for one in found if one]


# The form field of each kind of column, the more special kinds first.
_FIELDS: list[tuple[type[models.Field], type[forms.Field]]] = [
    (models.EmailField, AddressField),
    (models.CharField, LineField),
    (models.TextField, ProseField),
    (models.DecimalField, DecimalNumberField),
    (models.IntegerField, WholeNumberField),
    (models.DateField, DayField),
]


def arguments(column: models.Field) -> dict[str, Any]:
    """What `column.formfield()` is to be called with, so that its field reads by the rules of the house."""
    kind = next((field for model, field in _FIELDS if isinstance(column, model)), None)
    if kind is None or isinstance(column, models.DateTimeField) or column.choices:
        return {}
    if kind not in {WholeNumberField, DecimalNumberField}:
        return {"form_class": kind}
    most = numbers.LARGEST_SMALL if isinstance(column, models.SmallIntegerField) else numbers.LARGEST_INTEGER
    low = 0 if isinstance(column, models.PositiveIntegerField) else -most
    limits = next((v for v in column.validators if isinstance(v, Between)), None)
    if limits:
        return {"form_class": kind, "min_value": limits.low, "max_value": limits.high}
    return {"form_class": kind} | ({"min_value": low, "max_value": most} if kind is WholeNumberField else {})


def formfield(column: models.Field, **kwargs: Any) -> forms.Field | None:
    """For `Meta.formfield_callback` of a model form."""
    field = column.formfield(**arguments(column) | kwargs)
    if isinstance(field, DecimalNumberField) and field.max_value == numbers.LARGEST_MONEY:
        field.label = format_lazy("{label} ({currency})", label=field.label, currency=settings.CURRENCY)
    # Where nothing is chosen a dash stands, as everywhere else.
    if isinstance(field, forms.TypedChoiceField) and column.choices:
        field.choices = [(value, label if value != "" else "—") for value, label in field.choices]
    elif isinstance(field, forms.ModelChoiceField) and field.empty_label is not None:
        field.empty_label = "—"
    return field
