"""What the two sides of a case fill in: terms for the whole of it, an answer, a request for more time."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from approvals.forms.cases import EXCLUDE, SHIFT, WITHDRAW, DecisionForm
from approvals.models.terms import LONGEST_MESSAGE
from approvals.rules.operations import AllowBoth, ExcludeProducts, Operation, ShiftDates
from campaigns.models import Campaign
from customers.form_fields import LineField, ProseField, WholeNumberField


class TermsForm(DecisionForm):
    """What happens to each side, as a mediator decides it, with a message in place of the reason."""

    reason = None
    message = ProseField(
        label=_("Message"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=LONGEST_MESSAGE,
        help_text=_("The other department reads it. Needed when both run as planned: say why that is right."),
    )


class TermsAnswerForm(forms.Form):
    """What becomes of terms, by one of three buttons; `terms_hash` is of what was shown."""

    terms = WholeNumberField(min_value=1)
    step = forms.ChoiceField(choices=[(step, step) for step in ("accept", "decline", "withdraw")])
    terms_hash = LineField(max_length=64, required=False)
    reason = ProseField(label=_("Reason"), required=False, max_length=LONGEST_MESSAGE)


class MoreTimeForm(forms.Form):
    """More working hours, at most `most`."""

    hours = WholeNumberField(label=_("More working hours"), min_value=1)
    reason = ProseField(
        label=_("Why do you need them?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=LONGEST_MESSAGE,
        help_text=_("The other department reads it."),
        error_messages={"required": _("Say why: the other department reads it.")},
    )

    def __init__(self, most: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_time_%s", **kwargs)
        self.fields["hours"].max_value = most
        self.fields["hours"].initial = most
        self.fields["hours"].help_text = _("At most %(most)s, once in a case.") % {"most": most}


class TimeAnswerForm(forms.Form):
    step = forms.ChoiceField(choices=[(step, step) for step in ("grant", "decline")])
    reason = ProseField(required=False, max_length=LONGEST_MESSAGE)


def filled_in(orders: Sequence[Operation], sides: Sequence[Campaign]) -> Mapping[str, Any]:
    """The fields of a TermsForm that say these orders; of several for one side the last, as a side has one choice."""
    places = {side.code: place for place, side in enumerate(sides)}
    fields: dict[str, Any] = {}
    for order in orders:
        if isinstance(order, AllowBoth):
            fields["allow_both"] = True
            continue
        place = places[order.campaign]
        kind = SHIFT if isinstance(order, ShiftDates) else EXCLUDE if isinstance(order, ExcludeProducts) else WITHDRAW
        fields[f"what_{place}"] = kind
        if isinstance(order, ShiftDates):
            fields[f"days_{place}"] = order.days
    return fields
