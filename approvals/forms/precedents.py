"""What people fill in about precedents and standing rules."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from approvals.actions.reasons import SHORTEST_REASON
from approvals.choices import Stance
from approvals.models.precedents import LONGEST_WHY
from approvals.models.standing_rules import LONGEST_REASON
from approvals.queries.precedents import Shown
from approvals.rules.precedents import Cited
from approvals.rules.standing_rule_machine import STEPS
from customers.form_fields import LineField, ProseField


class CitationForm(forms.Form):
    """What a mediator says of each similar decision, or once for all. `said` holds it once the form is valid."""

    none_applies = forms.BooleanField(
        label=_("None of them applies"),
        required=False,
        help_text=_("This case is different from all of them."),
    )

    def __init__(self, shown: Sequence[Shown], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown = shown
        self.said: tuple[Cited, ...] = ()
        for one in shown:
            self.fields[f"stance_{one.pk}"] = forms.ChoiceField(
                label=gettext("What do you say to %(case)s?") % {"case": one.label},
                required=False,
                choices=[
                    (Stance.FOLLOWS, _("I follow it")),
                    (Stance.DISTINGUISHES, _("This is another matter")),
                    (Stance.UNFIT, _("It does not apply")),
                ],
                widget=forms.RadioSelect,
            )
            self.fields[f"why_{one.pk}"] = LineField(
                label=gettext("Why %(case)s is another matter") % {"case": one.label},
                required=False,
                max_length=LONGEST_WHY,
                help_text=_("Shortly; whoever may read that decision reads it."),
            )

    def per_precedent(self) -> list[tuple[Shown, forms.BoundField, forms.BoundField]]:
        return [(one, self[f"stance_{one.pk}"], self[f"why_{one.pk}"]) for one in self.shown]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        said = []
        for one in self.shown:
            stance = cleaned.get(f"stance_{one.pk}") or (Stance.UNFIT if cleaned.get("none_applies") else "")
            why = cleaned.get(f"why_{one.pk}") or ""
            if not stance:
                self.add_error(f"stance_{one.pk}", gettext("Say it of each of them, or tick that none applies."))
            elif stance == Stance.DISTINGUISHES and not why:
                self.add_error(f"why_{one.pk}", gettext("Say shortly why the other decision is another matter."))
            said.append(Cited(one.pk, stance, why if stance == Stance.DISTINGUISHES else ""))
        self.said = () if self.errors else tuple(said)
        return cleaned


class ObjectionForm(forms.Form):
    reason = ProseField(
        label=_("Why should it not be applied here?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_REASON,
        help_text=_("The other department reads it, and whoever decides on the rule."),
        error_messages={"required": _("Say why: the other department reads it.")},
    )


class RuleStepForm(forms.Form):
    """What becomes of a standing rule, by one of several buttons."""

    step = forms.ChoiceField(choices=[(step, step) for step in STEPS])
    reason = ProseField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        help_text=_("Both departments read it, together with your name."),
        error_messages={
            "required": _("Give a reason: both departments read it, and it has to hold."),
            "min_length": _("A few words more: both departments read the reason, and it has to hold."),
        },
    )
