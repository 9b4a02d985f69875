"""What the house has settled, as forms. They translate; campaigns.actions.ground_rules judges and writes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.forms.models import construct_instance
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.actions.ground_rules import KINDS
from campaigns.choices import Combination
from campaigns.forms.briefs import DayInput, LastDayMixin
from campaigns.forms.reasons import stamp
from campaigns.models import (
    AddedActivity,
    AnnouncedPrice,
    BrandRules,
    CombinationClass,
    CombinationPolicy,
    Department,
    DepartmentGoal,
    Fund,
    JointGroup,
    Membership,
    Placement,
    ProtectedScope,
    RaciTemplate,
    Substitution,
    Tactic,
    Tool,
    WordToAvoid,
)
from customers.form_fields import DecimalNumberField, LineField, formfield
from customers.permissions import is_administrator


class GroundRuleForm(forms.ModelForm):
    """A row of one kind. What names a stored row is no field any more; `searched` fields find their row by typing."""

    seen = LineField(widget=forms.HiddenInput, required=False)
    searched: tuple[str, ...] = ()

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.stored = ""
        if self.instance.pk:
            for name in KINDS[self._meta.model].fixed:
                self.fields.pop(name, None)
            columns = self.instance._meta.concrete_fields
            several = [getattr(self.instance, column.name) for column in self.instance._meta.many_to_many]
            named = [sorted(rows.values_list("pk", flat=True)) for rows in several]
            self.stored = stamp([*(getattr(self.instance, column.attname) for column in columns), *named])
            self.fields["seen"].initial = self.stored
        if "code" in self.fields:
            self.fields["code"].help_text = _("Short and unique; other systems name it by this.")
        for name in self.searched:
            if (field := self.fields.get(name)) is not None:
                field.widget = AutocompleteSelect(self._meta.model._meta.get_field(name), admin.site)
                field.widget.choices = field.choices
        for field in self.fields.values():
            if isinstance(field, DecimalNumberField):
                field.widget.attrs |= {"inputmode": "decimal", "step": "any"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.stored and cleaned.get("seen") not in ("", self.stored):
            self.data = self.data.copy()
            self.data["seen"] = self.stored
            raise ValidationError(
                _("Somebody else saved this while you were writing. Compare with the list, then save again.")
            )
        return cleaned

    def _post_clean(self) -> None:
        """Fill the row and leave it to the action to judge it, in words of the house."""
        self.instance = construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)

    def row(self) -> Any:
        """The row for campaigns.actions.ground_rules."""
        if "ends_before" in self.cleaned_data:
            self.instance.ends_before = self.cleaned_data["ends_before"]
        return self.instance

    def many(self) -> dict[str, list[Any]]:
        """What columns of several refer to."""
        names = [column.name for column in self._meta.model._meta.many_to_many]
        return {name: list(self.cleaned_data[name]) for name in names if name in self.cleaned_data}


class OwnedForm(GroundRuleForm):
    """What a department says of itself: who writes it chooses among the departments that they lead."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "department" in self.fields and not is_administrator(self.by):
            led = Membership.objects.filter(user=self.by, is_lead=True).values("department")
            self.fields["department"].queryset = Department.objects.filter(pk__in=led)


class DatedForm(LastDayMixin, GroundRuleForm):
    """A row that holds for some days, also for decades."""

    longest = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["last_day"].initial = self.instance.ends_on


class CombinationClassForm(GroundRuleForm):
    class Meta:
        model = CombinationClass
        formfield_callback = formfield
        fields = ["code", "name"]


class CombinationPolicyForm(GroundRuleForm):
    decision = forms.ChoiceField(
        label=gettext_lazy("their offers"), choices=Combination, widget=forms.RadioSelect, initial=Combination.DENY
    )

    class Meta:
        model = CombinationPolicy
        formfield_callback = formfield
        fields = ["low", "high", "decision"]
        labels = {"low": gettext_lazy("one class"), "high": gettext_lazy("the other class")}
        help_texts = {"high": gettext_lazy("The same one again: whether its offers combine with each other.")}


class AddedActivityForm(GroundRuleForm):
    class Meta:
        model = AddedActivity
        formfield_callback = formfield
        fields = ["code", "name", "is_retired"]


class RaciTemplateForm(GroundRuleForm):
    class Meta:
        model = RaciTemplate
        formfield_callback = formfield
        fields = ["name"]


class TacticForm(OwnedForm):
    class Meta:
        model = Tactic
        formfield_callback = formfield
        fields = ["code", "name", "department", "since", "profits", "how_told"]
        widgets = {"since": DayInput, "profits": forms.CheckboxSelectMultiple, "how_told": forms.Textarea({"rows": 3})}


class ToolForm(OwnedForm):
    class Meta:
        model = Tool
        formfield_callback = formfield
        fields = ["name", "department", "purpose", "note"]
        widgets = {"note": forms.Textarea({"rows": 3})}


class DepartmentGoalForm(OwnedForm):
    class Meta:
        model = DepartmentGoal
        formfield_callback = formfield
        fields = ["code", "name", "department", "note", "is_retired"]
        widgets = {"note": forms.Textarea({"rows": 3})}


class BrandRulesForm(OwnedForm):
    class Meta:
        model = BrandRules
        formfield_callback = formfield
        fields = ["department", "deepest_discount", "protected_brands", "never_words"]
        widgets = dict.fromkeys(("protected_brands", "never_words"), forms.Textarea({"rows": 6}))


class WordToAvoidForm(GroundRuleForm):
    class Meta:
        model = WordToAvoid
        formfield_callback = formfield
        fields = ["language", "phrase", "kind", "advice"]


class JointGroupForm(GroundRuleForm):
    class Meta:
        model = JointGroup
        formfield_callback = formfield
        fields = ["code", "name"]


class PlacementForm(GroundRuleForm):
    class Meta:
        model = Placement
        formfield_callback = formfield
        fields = ["code", "name", "page", "slots"]
        help_texts = {
            "page": gettext_lazy("Placements with the same page are seen together by one customer."),
            "slots": gettext_lazy("How many offers it shows at once, from 1 to 100."),
        }


class FundForm(DatedForm):
    field_order = ["code", "name", "amount", "starts_on", "last_day"]

    class Meta:
        model = Fund
        formfield_callback = formfield
        fields = ["code", "name", "amount", "starts_on"]
        widgets = {"starts_on": DayInput}
        help_texts = {"starts_on": gettext_lazy("For offers that start from this day on.")}


class SubstitutionForm(GroundRuleForm):
    searched = ("product", "substitute")

    class Meta:
        model = Substitution
        formfield_callback = formfield
        fields = ["product", "substitute", "rate", "source"]
        help_texts = {
            "substitute": gettext_lazy("What is bought less when the product is bought more."),
            "rate": gettext_lazy("From 0 to 1: 0.3 means that of ten more sold, three are missing here."),
            "source": gettext_lazy("Where the number is from; estimates that use it name it."),
        }


class ProtectedScopeForm(DatedForm):
    searched = ("category", "product")
    field_order = ["name", "kind", "brand", "category", "product", "starts_on", "last_day", "department"]

    class Meta:
        model = ProtectedScope
        formfield_callback = formfield
        fields = [
            "name",
            "kind",
            "brand",
            "category",
            "product",
            "starts_on",
            "department",
            "min_price",
            "is_hard",
            "reason",
        ]
        widgets = {"starts_on": DayInput, "reason": forms.Textarea({"rows": 3})}
        help_texts = {
            "brand": gettext_lazy("Name one: a brand, a category or a product."),
            "min_price": gettext_lazy("For the kind “Minimum price”, and for no other."),
        }


class AnnouncedPriceForm(DatedForm):
    searched = ("product",)
    field_order = ["product", "price", "starts_on", "last_day", "department"]

    class Meta:
        model = AnnouncedPrice
        formfield_callback = formfield
        fields = ["product", "price", "starts_on", "department"]
        widgets = {"starts_on": DayInput}
        labels = {"department": gettext_lazy("announced by")}
        help_texts = {"department": gettext_lazy("Empty: by the house.")}


class CampaignGroupForm(forms.Form):
    group = forms.ModelChoiceField(
        JointGroup.objects.all(),
        label=gettext_lazy("joint group"),
        required=False,
        empty_label=gettext_lazy("no group"),
        help_text=gettext_lazy("Offers of campaigns in the same group do not collide."),
    )
