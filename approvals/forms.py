"""What people fill in: a decision, the end of a negotiation, a comment, a policy, a language."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES

from approvals.actions.reasons import SHORTEST_REASON
from approvals.actions.working_time import check_somebody_works
from approvals.choices import Delivery, NewsKind
from approvals.models import ApprovalRule, EscalationPolicy, ReviewPolicy, SpecialDay, WorkingHours
from approvals.models.comments import LONGEST_COMMENT
from approvals.models.proposals import LONGEST_TEXT
from approvals.models.recusals import LONGEST_REASON
from approvals.models.reviews import LONGEST_REMARK
from approvals.news_words import ABOUT
from approvals.queries.working_time import house_clock
from approvals.rules import operations, routing
from approvals.rules.deadlines import LIMITS
from approvals.rules.notification import CHOOSABLE, choices_of
from approvals.rules.operations import AllowBoth, ExcludeProducts, Operation, OperationError, ShiftDates, Withdraw
from approvals.rules.working_time import MIDNIGHT
from campaigns import wording
from campaigns.models import Campaign
from customers.actions.tokens import MOST_DAYS
from customers.form_fields import DayField, LineField, ProseField, WholeNumberField, formfield
from customers.models import ApiToken

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


class SettingsForm(forms.Form):
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("Of the pages you see and the mails you get.")
    )
    gets_briefings = forms.BooleanField(
        label=_("Every briefing by mail"),
        required=False,
        help_text=_(
            "What is approved, changed or stopped. Who sells or serves customers in a campaign gets its mails anyway."
        ),
    )


class NewsForm(forms.Form):
    """A field for each kind of news that may be chosen; empty is as recommended."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in CHOOSABLE:
            self.fields[kind] = forms.ChoiceField(
                label=kind.label, required=False, choices=_ways_of(kind), help_text=ABOUT[kind]
            )


def _ways_of(kind: NewsKind) -> list[tuple[str, Any]]:
    if kind == NewsKind.DIGEST:
        return [("", _("Send it")), (Delivery.NONE.value, _("Do not send it: its news stays in my inbox"))]
    return [("", _("As recommended")), *((way.value, way.label) for way in choices_of(kind))]


class TokenForm(forms.Form):
    name = LineField(
        label=_("Name"),
        max_length=100,
        help_text=_("What will use it, such as “till in Sevilla”: you revoke it by this name."),
    )
    scope = forms.ChoiceField(
        label=_("What may it do?"),
        choices=[
            (ApiToken.Scope.READ, _("Read what you may read")),
            (ApiToken.Scope.WRITE, _("Read and write, as you may yourself")),
        ],
        initial=ApiToken.Scope.READ,
        widget=forms.RadioSelect,
    )
    days = WholeNumberField(
        label=_("Days until it ends"),
        initial=90,
        min_value=1,
        max_value=MOST_DAYS,
        help_text=_("A token that ends by itself is one you cannot forget. Make a new one before."),
    )


class CodeForm(forms.Form):
    """A code of an app, or a recovery code."""

    code = LineField(label=_("Code"), max_length=40)

    def refuse(self) -> None:
        """One text for every reason, so that guessing teaches nothing."""
        text = gettext("This code does not fit: it is wrong, was used before, or came too soon after a wrong one.")
        self.add_error("code", text)


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


class SubmitForm(forms.Form):
    """What the A submits is what they were shown: `posted_hash`."""

    reason = ProseField(
        label=_("Note"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        max_length=LONGEST_REMARK,
        help_text=_("Optional; everybody concerned reads it."),
    )
    posted_hash = LineField(widget=forms.HiddenInput, required=False)


class VoteForm(forms.Form):
    """What somebody says to sections of a plan. `offered` are {section: (name, hash that is shown, asked of them)}.

    The hashes travel with the page: what was shown is what is voted on. `shown` holds them once the form is valid.
    """

    decision = forms.ChoiceField(
        label=_("Your answer"),
        choices=[
            (routing.APPROVE, _("Approve")),
            (routing.CHANGES, _("Ask for changes")),
            (routing.COMMENT, _("Comment only")),
        ],
        initial=routing.APPROVE,
        widget=forms.RadioSelect,
    )
    comment = ProseField(
        label=_("Comment"),
        required=False,
        max_length=LONGEST_REMARK,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Everybody who reads the campaign reads it. Say what should change when you ask for changes."),
    )

    def __init__(self, offered: Mapping[str, tuple[str, str, bool]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        self.shown: dict[str, str] = {}
        self.fields["sections"] = forms.MultipleChoiceField(
            label=gettext("What you speak about"),
            choices=[(section, name) for section, (name, _hash, _asked) in offered.items()],
            initial=[section for section, (_name, _hash, asked) in offered.items() if asked],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": gettext("Choose at least one section.")},
        )
        self.order_fields(["sections", "decision", "comment"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        # A section that is chosen without what was shown of it was not shown at all.
        self.shown = {section: self.data.get(f"shown {section}", "") for section in cleaned.get("sections", [])}
        return cleaned


class RevokeForm(forms.Form):
    reason = ProseField(
        label=_("Why do you take it back?"),
        widget=forms.Textarea({"rows": 3}),
        max_length=LONGEST_REMARK,
        help_text=_("Everybody who reads the campaign reads it."),
    )


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


class CommentForm(forms.Form):
    """`token` is of one form as it was shown: sent twice, it says its text once."""

    token = LineField(max_length=64, required=False, widget=forms.HiddenInput, initial=lambda: uuid.uuid4().hex)
    text = ProseField(
        label=_("Your comment"),
        widget=forms.Textarea(attrs={"rows": 3, "class": "c-input"}),
        max_length=LONGEST_COMMENT,
        help_text=_("@username tells a colleague by name. Everybody who may read the campaign reads it."),
        error_messages={"required": _("Write something first.")},
    )
