"""The brief of a campaign as a form. Forms check and translate; campaigns.actions writes."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import wording
from campaigns.forms.reasons import stamp
from campaigns.models import Campaign, Department, DepartmentGoal
from campaigns.rules.kpis import KPIS
from customers.form_fields import DayField, LineField, formfield
from customers.models import Segment
from customers.rules import days
from customers.visible_admin import visible

DayInput = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class PersonField(forms.ModelChoiceField):
    """A colleague, by name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(visible(User, None), empty_label="—", **kwargs)

    def label_from_instance(self, person: User) -> str:
        return wording.person(person)


class LastDayMixin(forms.Form):
    """Dates as people say them: the last day belongs to the plan; `ends_before` is the day after it."""

    # None = as long as it likes.
    longest: int | None = days.LONGEST_PLAN_DAYS
    last_day = DayField(label=gettext_lazy("last day"), widget=DayInput, help_text=gettext_lazy("Included."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts_on, last_day = cleaned.get("starts_on"), cleaned.get("last_day")
        if last_day and starts_on and last_day < starts_on:
            self.add_error("last_day", _("The last day is before the first."))
        elif last_day and starts_on and self.longest and (last_day - starts_on).days >= self.longest:
            self.add_error("last_day", days.too_long(starts_on, last_day))
        elif last_day:
            cleaned["ends_before"] = last_day + timedelta(days=1)
        return cleaned


class BriefForm(LastDayMixin, forms.ModelForm):
    """The seven questions."""

    field_order = ["name", "what", "who", "where", "starts_on", "last_day", "how", "budget", "goal"]
    accountable = PersonField(
        label=gettext_lazy("accountable (A)"),
        required=False,
        help_text=gettext_lazy("Approves the campaign and answers for it."),
    )
    contact_person = PersonField(
        label=gettext_lazy("contact person"),
        required=False,
        help_text=gettext_lazy("Links the departments; other teams ask here first."),
    )
    serves = forms.ModelMultipleChoiceField(
        DepartmentGoal.objects.none(),
        label=gettext_lazy("goals it serves"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    seen = LineField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Campaign
        formfield_callback = formfield
        fields = [
            "name",
            "accountable",
            "contact_person",
            "what",
            "who",
            "where",
            "starts_on",
            "how",
            "journey_stage",
            "budget",
            "goal",
            "kpi",
            "kpi_target",
            "control_group",
        ]
        widgets = {"starts_on": DayInput} | {
            field: forms.Textarea({"rows": 3}) for field in ("what", "who", "where", "how", "goal")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = None
        if self.instance.pk:
            self.fields["last_day"].initial = self.instance.ends_on
            served = sorted(self.instance.serves.values_list("pk", flat=True))
            columns = [getattr(self.instance, field) for field in (*self.Meta.fields, "ends_before")]
            self.stored = stamp([*columns, served])
            self.fields["seen"].initial = self.stored
            self._offer_goals({self.instance.department_id}, served)
        group = self.fields["control_group"]
        group.queryset = Segment.objects.filter(kind=Segment.Kind.NAMED)
        group.widget = AutocompleteSelect(Campaign._meta.get_field("control_group"), admin.site)
        group.widget.choices = group.choices
        # Somebody who left stays selectable where they are named, or saving would quietly drop them.
        for field in ("accountable", "contact_person"):
            if current := getattr(self.instance, f"{field}_id"):
                self.fields[field].queryset = self.fields[field].queryset | User.objects.filter(pk=current)
        # Its label is the question beside it.
        self.fields["budget"].help_text = _("In %(currency)s.") % {"currency": settings.CURRENCY}
        for field in ("budget", "kpi_target"):
            self.fields[field].widget.attrs |= {"inputmode": "decimal", "step": "any"}
        self.fields["kpi"].widget.attrs["list"] = "kpis"
        self.kpis = [one for one in KPIS if not one.is_vanity]
        self.vanity = [one for one in KPIS if one.is_vanity]

    def _offer_goals(self, own: Collection[int], served: Collection[int]) -> None:
        """Those that hold, and those served already, by department, one's own first."""
        goals = self.fields["serves"]
        goals.initial = list(served)
        goals.queryset = DepartmentGoal.objects.filter(Q(is_retired=False) | Q(pk__in=served))
        groups: dict[tuple[bool, str], list[tuple[int, str]]] = {}
        for goal in goals.queryset.select_related("department").order_by("name", "pk"):
            group = goal.department_id not in own, goal.department.name
            groups.setdefault(group, []).append((goal.pk, goal.name))
        goals.choices = [(name, groups[is_foreign, name]) for is_foreign, name in sorted(groups)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.stored and cleaned.get("seen") not in ("", self.stored):
            self.data = self.data.copy()
            self.data["seen"] = self.stored
            raise ValidationError(
                _("Somebody else saved this brief while you were writing. Compare with the page, then save again.")
            )
        return cleaned

    def brief(self) -> dict[str, Any]:
        """The values for campaigns.actions.planning."""
        return {
            field: self.cleaned_data[field]
            for field in (*self._meta.fields, "ends_before", "serves")
            if field in self.cleaned_data
        }


class NewCampaignForm(BriefForm):
    """A first draft: the department, a code and the brief as far as it is known."""

    class Meta(BriefForm.Meta):
        fields = ["department", "code", *BriefForm.Meta.fields]
        widgets = BriefForm.Meta.widgets

    field_order = ["department", "code", *BriefForm.field_order]

    def __init__(self, *args: Any, departments: Iterable[Department], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        departments = list(departments)
        chosen = self.fields["department"]
        chosen.queryset = Department.objects.filter(pk__in=[department.pk for department in departments])
        if len(departments) == 1:
            chosen.empty_label, chosen.initial = None, departments[0]
        self.fields["code"].help_text = _("Short and unique; other systems name the campaign by it.")
        self.fields["code"].initial = _free_code(departments[0]) if departments else ""
        self._offer_goals({department.pk for department in departments}, ())
        self.fields["accountable"].help_text = _("Empty: the lead of the department.")


def _free_code(department: Department) -> str:
    prefix = slugify(department.code).upper() or "C"
    taken = set(Campaign.objects.filter(code__startswith=f"{prefix}-").values_list("code", flat=True))
    return next(code for number in range(1, len(taken) + 2) if (code := f"{prefix}-{number}") not in taken)
