"""How a collision rule is set, as a form with a field for each of its numbers."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.actions.rule_settings import text_of
from campaigns.choices import CASE_LEVELS, RuleMode
from campaigns.forms.reasons import stamp
from campaigns.queries.rule_settings import BASE, Setting
from campaigns.rules.collisions.findings import Option
from customers.form_fields import DecimalNumberField, LineField, WholeNumberField


class RuleForm(forms.Form):
    """`rule` is the module of the rule, `setting` how it is set now. A number that is emptied is as delivered again."""

    mode = forms.ChoiceField(
        label=gettext_lazy("mode"),
        choices=RuleMode,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "In observation: what it finds is shown as a note and opens no case. Off: it is not looked for."
        ),
    )
    base = WholeNumberField(label=gettext_lazy("base points"), min_value=0, max_value=100, required=False)
    opens_from = forms.ChoiceField(
        label=gettext_lazy("opens a case from"),
        choices=[("", gettext_lazy("the level of the escalation policy")), *reversed(CASE_LEVELS)],
        required=False,
    )
    seen = LineField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, rule: Any, setting: Setting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule = rule
        self.fields["base"].help_text = _range(0, 100, rule.BASE)
        self.stored = stamp([setting.mode, sorted(setting.options.items()), setting.opens_from])
        self.initial |= {
            "mode": setting.mode,
            "base": int(setting.options[BASE]),
            "opens_from": setting.opens_from,
            "seen": self.stored,
        }
        for option in rule.OPTIONS:
            self.fields[_name(option)] = _field(option)
            self.initial[_name(option)] = text_of(setting.options[option.name])
        self.order_fields(["mode", "base", *map(_name, rule.OPTIONS), "opens_from"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("seen") not in ("", self.stored):
            self.data = self.data.copy()
            self.data["seen"] = self.stored
            raise ValidationError(
                _("Somebody else saved this while you were writing. Compare with the list, then save again.")
            )
        return cleaned

    def values(self) -> dict[str, Any]:
        """What campaigns.actions.rule_settings.set_rule takes."""
        data = self.cleaned_data
        options = {option.name: data[_name(option)] for option in self.rule.OPTIONS}
        return {"options": options, **{name: data[name] for name in ("mode", "base", "opens_from")}}


def _name(option: Option) -> str:
    return f"option_{option.name}"


def _field(option: Option) -> DecimalNumberField:
    label = format_lazy("{label} ({unit})", label=option.label, unit=option.unit) if option.unit else option.label
    return DecimalNumberField(
        label=label,
        help_text=_range(option.lowest, option.highest, option.default),
        min_value=option.lowest,
        max_value=option.highest,
        max_digits=16,
        decimal_places=option.places,
        required=False,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "any"}),
    )


def _range(lowest: Decimal | int, highest: Decimal | int, default: Decimal | int) -> str:
    ends = {"lowest": lowest, "highest": highest, "default": default}
    shown = {name: number_format(text_of(Decimal(number))) for name, number in ends.items()}
    return _("From %(lowest)s to %(highest)s. As delivered: %(default)s, also when left empty.") % shown
