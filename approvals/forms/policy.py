"""What administrators settle, and who is away when."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES

from approvals.actions.working_time import check_somebody_works
from approvals.models import ApprovalRule, EscalationPolicy, ReviewPolicy, SpecialDay, WorkingHours
from approvals.queries.working_time import house_clock
from approvals.rules.deadlines import LIMITS
from approvals.rules.working_time import MIDNIGHT
from campaigns import wording
from customers.form_fields import DayField, formfield


class PolicyForm(forms.ModelForm):
    class Meta:
        model = EscalationPolicy
        formfield_callback = formfield
        fields = ["opens_at_level", *LIMITS]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, limits in LIMITS.items():
            if name in self.fields:  # none for those who only read
                self.fields[name].min_value, self.fields[name].max_value = limits

    def clean_hours_to_agree(self) -> int:
        return hours_that_come(self.cleaned_data["hours_to_agree"])

    def clean_hours_to_object(self) -> int:
        return hours_that_come(self.cleaned_data["hours_to_object"])

    def clean_hours_to_decide(self) -> int:
        return hours_that_come(self.cleaned_data["hours_to_decide"])


def hours_that_come(hours: int) -> int:
    """So many working hours, if the calendar of the house has them within a year."""
    check_somebody_works(now=timezone.now(), hours=hours)
    return hours


class ApprovalRuleForm(forms.ModelForm):
    class Meta:
        model = ApprovalRule
        formfield_callback = formfield
        fields = ["department", "measure", "above", "approver"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "approver" in self.fields:  # none for those who only read
            self.fields["approver"].label_from_instance = wording.person
            self.fields["above"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("above") is None:
            cleaned["above"] = Decimal(0)
        return cleaned


class ReviewPolicyForm(forms.ModelForm):
    class Meta:
        model = ReviewPolicy
        formfield_callback = formfield
        fields = ["hours_to_review", "hours_to_answer"]

    def clean_hours_to_review(self) -> int:
        return hours_that_come(self.cleaned_data["hours_to_review"])

    def clean_hours_to_answer(self) -> int:
        return hours_that_come(self.cleaned_data["hours_to_answer"])


class WorkingHoursForm(forms.ModelForm):
    class Meta:
        model = WorkingHours
        formfield_callback = formfield
        fields = ["opens_at", "closes_at"]
        widgets = {
            name: forms.TimeInput({"type": "time", "class": " ".join(INPUT_CLASSES)}, format="%H:%M")
            for name in ("opens_at", "closes_at")
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        opens, closes = cleaned.get("opens_at"), cleaned.get("closes_at")
        if opens and closes is not None and (opens < closes or closes == MIDNIGHT):
            clock = replace(house_clock(), opens_at=opens, closes_at=closes)
            check_somebody_works(now=timezone.now(), clock=clock)
        return cleaned


class SpecialDayForm(forms.ModelForm):
    class Meta:
        model = SpecialDay
        formfield_callback = formfield
        fields = ["day", "name", "is_worked"]


class AbsenceForm(forms.Form):
    """When somebody is away, both days included, and who approves for them."""

    starts_on = DayField(label=_("first day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    last_day = DayField(label=_("last day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    stand_in = forms.ModelChoiceField(
        User.objects.none(),
        label=_("stand-in"),
        help_text=_("A colleague of one of your departments, who approves for you in these days."),
        empty_label="—",
    )

    def __init__(self, colleagues: QuerySet[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stand_in"].queryset = colleagues
        self.fields["stand_in"].label_from_instance = wording.person

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("last_day"):
            cleaned["ends_before"] = cleaned["last_day"] + timedelta(days=1)
        return cleaned
