"""What the sides and the mediator of a case fill in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from approvals.actions.reasons import SHORTEST_REASON
from approvals.models.proposals import LONGEST_TEXT
from approvals.models.recusals import LONGEST_REASON
from approvals.rules import operations
from approvals.rules.operations import AllowBoth, ExcludeProducts, Operation, OperationError, ShiftDates, Withdraw
from campaigns.models import Campaign
from customers.form_fields import LineField, ProseField, WholeNumberField

KEEP, SHIFT, EXCLUDE, WITHDRAW = "keep", "shift", "exclude", "withdraw"


class DecisionForm(forms.Form):
    """What happens to each side, or "allow both", and why. `sides` are the two campaigns in the order of the page.

    `operations` holds the typed operations once the form is valid.
    """

    allow_both = forms.BooleanField(
        label=_("Allow both: the two campaigns run as planned"),
        required=False,
        help_text=_("The collisions of this case then count as allowed until one of the offers changes."),
    )
    reason = ProseField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 5}),
        min_length=SHORTEST_REASON,
        max_length=4000,
        help_text=_("Both departments read it, together with your name."),
        error_messages={
            "required": _("Give a reason: both departments read it, and it has to hold."),
            "min_length": _("A few words more: both departments read the reason, and it has to hold."),
        },
    )

    def __init__(self, sides: Sequence[Campaign], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sides = sides
        self.operations: tuple[Operation, ...] = ()
        for place in range(len(sides)):
            self.fields[f"what_{place}"] = forms.ChoiceField(
                label=_("What happens to its offers in this case?"),
                choices=[
                    (KEEP, _("Keep as planned")),
                    (SHIFT, _("Shift by a number of days")),
                    (EXCLUDE, _("Exclude the shared products")),
                    (WITHDRAW, _("Withdraw")),
                ],
                initial=KEEP,
                widget=forms.RadioSelect,
            )
            self.fields[f"days_{place}"] = WholeNumberField(
                label=_("Days, when shifting"),
                required=False,
                min_value=-operations.MOST_DAYS,
                max_value=operations.MOST_DAYS,
                help_text=_("7 is a week later, -7 a week earlier."),
            )

    def per_side(self) -> list[tuple[Campaign, forms.BoundField, forms.BoundField]]:
        """Campaign, choice and days of each side, for the template."""
        return [(side, self[f"what_{place}"], self[f"days_{place}"]) for place, side in enumerate(self.sides)]

    def add_refusal(self, error: ValidationError) -> None:
        """Put what an action refused where whoever filled this in can mend it."""
        shifted = [operation.campaign for operation in self.operations if isinstance(operation, ShiftDates)]
        for field, texts in getattr(error, "message_dict", {"": error.messages}).items():
            name = field if field in self.fields else None
            if field == "days" and len(shifted) == 1:
                name = f"days_{[side.code for side in self.sides].index(shifted[0])}"
            self.add_error(name, texts)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        ordered: list[Operation] = [AllowBoth()] if cleaned.get("allow_both") else []
        for place, side in enumerate(self.sides):
            ordered += self._of_side(place, side, cleaned)
        if self.errors:
            return cleaned
        if not ordered:
            self.add_error(None, gettext("Change at least one side, or allow both."))
            return cleaned
        try:
            operations.check(ordered, campaigns=[side.code for side in self.sides])
        except OperationError as error:
            self.add_error(None, str(error))
        else:
            self.operations = tuple(ordered)
        return cleaned

    def _of_side(self, place: int, side: Campaign, cleaned: dict[str, Any]) -> list[Operation]:
        match cleaned.get(f"what_{place}"):
            case "shift":
                days = cleaned.get(f"days_{place}")
                if not days and f"days_{place}" not in self.errors:
                    self.add_error(f"days_{place}", gettext("By how many days? Use a minus sign for earlier."))
                return [ShiftDates(campaign=side.code, days=days or 0)]
            case "exclude":
                return [ExcludeProducts(campaign=side.code)]
            case "withdraw":
                return [Withdraw(campaign=side.code)]
        return []


def why_another_decides(label: str) -> ProseField:
    return ProseField(
        label=label,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST_REASON,
        help_text=_("The other department and the next mediator read it."),
        error_messages={"required": _("Say why: the other department and the next mediator read it.")},
    )


class ChallengeForm(forms.Form):
    reason = why_another_decides(_("Why should this person not decide?"))


class AppealForm(forms.Form):
    reason = why_another_decides(_("What is wrong with the decision?"))


class NoAgreementForm(forms.Form):
    reason = ProseField(
        label=_("Why do you not agree?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text=_("The mediator and the other department read it."),
        error_messages={"required": _("Say why: the mediator and the other department read it.")},
    )


class ProposalForm(forms.Form):
    """Which change is proposed, as the page names it, and what is said with it."""

    collision = WholeNumberField(min_value=1)
    key = LineField(max_length=200)
    message = ProseField(label=_("Message"), required=False, max_length=LONGEST_TEXT)


class AnswerForm(forms.Form):
    """What becomes of a proposal, by one of three buttons."""

    proposal = WholeNumberField(min_value=1)
    step = forms.ChoiceField(choices=[(step, step) for step in ("accept", "decline", "withdraw")])
    reason = ProseField(label=_("Reason"), required=False, max_length=LONGEST_TEXT)
