"""What is said of a plan: submitted, voted on, discussed."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from approvals.models.comments import LONGEST_COMMENT
from approvals.models.reviews import LONGEST_REMARK
from approvals.rules import routing
from customers.form_fields import LineField, ProseField


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
