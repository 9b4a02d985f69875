"""What people fill in about customers' requests."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from approvals.choices import RequestChannel
from approvals.models import Answer
from approvals.models.requests import LONGEST_ANSWER, LONGEST_REASON, LONGEST_REQUEST
from campaigns.models import Department
from customers.form_fields import DayField, LineField, ProseField, WholeNumberField


class _Once(forms.Form):
    """`key` is of one form as it was shown: sent twice, it takes its step once."""

    key = LineField(max_length=64, required=False, widget=forms.HiddenInput, initial=lambda: uuid.uuid4().hex)


class RecordForm(_Once):
    """What a customer asks. Once it is valid, `received_at` is None where nothing was said about when it came."""

    channel = forms.ChoiceField(
        label=_("How did it come?"), choices=RequestChannel.choices, widget=forms.RadioSelect, initial="phone"
    )
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label=_("Department that owns it"),
        help_text=_("One of yours. If another should answer, hand it over from the next page."),
        empty_label="—",
        required=False,
    )
    asked = ProseField(
        label=_("What does the customer ask?"),
        widget=forms.Textarea({"rows": 5}),
        max_length=LONGEST_REQUEST,
        help_text=_("In their words. Whoever gets it reads it; no mail repeats it."),
        error_messages={"required": _("Write what the customer asks.")},
    )
    customer = LineField(
        label=_("Customer's code"),
        max_length=64,
        required=False,
        help_text=_("Optional. Names, numbers and addresses stay with the customer's own record."),
    )
    campaign = LineField(
        label=_("Campaign's code"),
        max_length=64,
        required=False,
        help_text=_("Optional; as its briefing has it."),
    )
    received_on = DayField(
        label=_("Received on"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: now. The time to answer runs from here."),
    )
    received_time = forms.TimeField(
        label=_("Time of that day"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )

    def __init__(self, departments: QuerySet[Department], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if departments.count() > 1:
            self.fields["department"].queryset = departments
        else:
            del self.fields["department"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        day, time = cleaned.pop("received_on", None), cleaned.pop("received_time", None)
        if time and not day and "received_on" not in self.errors:
            self.add_error("received_on", gettext("On which day?"))
        if day and not time and "received_time" not in self.errors:
            self.add_error("received_time", gettext("At what time?"))
        moment = datetime.combine(day, time) if day and time else None
        cleaned["received_at"] = timezone.make_aware(moment) if moment else None
        return cleaned


class HandOverForm(_Once):
    department = forms.ModelChoiceField(Department.objects.none(), label=_("To which department?"), empty_label="—")
    reason = ProseField(
        label=_("Why is it theirs?"),
        widget=forms.Textarea({"rows": 3}),
        max_length=LONGEST_REASON,
        help_text=_("Everybody who reads the request reads it."),
        error_messages={"required": _("Say why: they have to understand what you want of them.")},
    )

    def __init__(self, departments: QuerySet[Department], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments


class AnswerRequestForm(_Once):
    text = ProseField(
        label=_("What was the customer answered?"),
        widget=forms.Textarea({"rows": 5}),
        max_length=LONGEST_ANSWER,
        help_text=_("As the customer heard or read it. It cannot be changed afterwards."),
        error_messages={"required": _("Write what the customer was answered.")},
    )


class SettleForm(_Once):
    answer = forms.ModelChoiceField(
        Answer.objects.none(),
        label=_("Which answer stands?"),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Choose the answer that stands.")},
    )
    reason = ProseField(
        label=_("Why this one?"),
        widget=forms.Textarea({"rows": 3}),
        max_length=LONGEST_REASON,
        help_text=_("Both departments read it."),
        error_messages={"required": _("Say why: both departments read it.")},
    )

    def __init__(self, answers: QuerySet[Answer], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].queryset = answers
        self.fields["answer"].label_from_instance = lambda answer: (
            gettext("That of %(department)s") % {"department": answer.department.name}
        )


class NoAnswerForm(_Once):
    reason = ProseField(
        label=_("Why does nobody wait for an answer?"),
        widget=forms.Textarea({"rows": 2}),
        max_length=LONGEST_REASON,
        help_text=_("Such as: taken back, asked twice (name the other request), no question at all."),
        error_messages={"required": _("Say why nobody waits for an answer.")},
    )


class TakeForm(_Once):
    """`owner` is the id of whom the page named as owner."""

    owner = WholeNumberField(widget=forms.HiddenInput, min_value=1)


class CloseForm(_Once):
    pass
