"""A step with its reason, and what an action refuses as errors of a form."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.form_fields import ProseField


class ReasonForm(forms.Form):
    """One step of a campaign or offer, with the reason that everybody concerned reads."""

    reason = ProseField(label=gettext_lazy("reason"), widget=forms.Textarea({"rows": 3}), max_length=2000)

    def __init__(self, *args: Any, needs_reason: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = needs_reason
        self.fields["reason"].help_text = (
            _("Everybody concerned reads it.") if needs_reason else _("Optional; everybody concerned reads it.")
        )


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Put what an action refused where the reader can mend it; what has no field goes on top."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    names: Mapping[str, str] = {"ends_before": "last_day"}
    rows: Mapping[str, Any] = getattr(form, "rows", {})
    for field, errors in error.error_dict.items():
        name = names.get(field, field)
        if name in rows and rows[name].is_bound:
            rows[name].refuse(errors)
        else:
            form.add_error(name if name in form.fields else None, errors)


def stamp(values: Iterable[Any]) -> str:
    """A short sign of what the reader was shown, to notice that somebody else saved in between."""
    return hashlib.sha256(repr(list(values)).encode()).hexdigest()[:16]
