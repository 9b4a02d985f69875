"""What administrators fill in about a mandate: who decides which cases."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from approvals.actions.policy import MANDATE, refusals_of_mediator
from approvals.models import Mediator
from approvals.rules.mandates import MOST_CASES
from campaigns import wording
from campaigns.models import Department
from customers.form_fields import formfield


class MediatorForm(forms.ModelForm):
    class Meta:
        model = Mediator
        formfield_callback = formfield
        fields = MANDATE

    business_unit = forms.ChoiceField(
        label=capfirst(_("business unit")),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=Mediator._meta.get_field("business_unit").help_text,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("user", "stand_in"):
            if name in self.fields:  # none for those who only read
                self.fields[name].label_from_instance = wording.person
        if "business_unit" in self.fields:
            units = Department.objects.exclude(business_unit="").order_by("business_unit")
            known = set(units.values_list("business_unit", flat=True)) | {self.instance.business_unit} - {""}
            self.fields["business_unit"].choices = [("", "—"), *((unit, unit) for unit in sorted(known))]
        if "most_cases" in self.fields:
            self.fields["most_cases"].min_value, self.fields["most_cases"].max_value = MOST_CASES

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        values = {name: cleaned.get(name) for name in MANDATE}
        for field, refusals in refusals_of_mediator(**values).items():
            self.add_error(field, refusals)
        return cleaned
