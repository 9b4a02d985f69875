"""What people fill in about the conversation of a case: a statement, and a meeting."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from approvals.actions.statements import File
from approvals.choices import StatementKind
from approvals.models import Meeting
from approvals.models.comments import LONGEST_COMMENT
from approvals.models.meetings import LONGEST_AGENDA, LONGEST_PLACE
from approvals.models.statements import LONGEST_SOURCE
from approvals.rules.attachments import LARGEST, LONGEST_NAME, MOST, FileKind
from approvals.rules.meetings import LONGEST, SHORTEST
from campaigns.models import Campaign
from customers.form_fields import DayField, FilesField, LineField, ProseField, WholeNumberField

# What each kind is, for who has to choose.
_KINDS = {
    StatementKind.FACT: _("Fact: the other side can check it"),
    StatementKind.CLAIM: _("Claim: what we think or fear"),
    StatementKind.COMMENT: _("Comment: a question or an answer"),
}


class StatementForm(forms.Form):
    """`sides` are those in whose name the reader speaks: without one they only comment.

    `token` is of one form as it was shown: sent twice, it says its text once.
    """

    token = LineField(max_length=64, required=False, widget=forms.HiddenInput, initial=lambda: uuid.uuid4().hex)
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[(kind.value, label) for kind, label in _KINDS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is.")},
    )
    side = forms.ModelChoiceField(
        Campaign.objects.none(), label=_("In whose name?"), to_field_name="code", empty_label="—"
    )
    text = ProseField(
        label=_("What do you say?"),
        widget=forms.Textarea({"rows": 3}),
        max_length=LONGEST_COMMENT,
        help_text=_("Both sides and the mediator read it. @username tells somebody by name."),
        error_messages={"required": _("Write something first.")},
    )
    source = LineField(
        label=_("Where can it be checked?"),
        max_length=LONGEST_SOURCE,
        required=False,
        help_text=_("For a fact: a report, a link, a page of a file."),
    )
    files = FilesField(
        label=_("Files"),
        required=False,
        accept=",".join(f".{kind}" for kind in FileKind),
        max_length=LONGEST_NAME * 2,
        # The action says it with the name of the file.
        allow_empty_file=True,
    )

    def __init__(self, sides: Sequence[Campaign], *args: Any, **kwargs: Any) -> None:
        # It stands on the page of the case, which has other forms.
        super().__init__(*args, auto_id="say_%s", **kwargs)
        self.fields["files"].help_text = gettext("At most %(most)d of %(size)d MB each: %(kinds)s.") % {
            "most": MOST,
            "size": LARGEST // 2**20,
            "kinds": ", ".join(FileKind),
        }
        if not sides:
            del self.fields["kind"], self.fields["source"]
        if len(sides) > 1:
            self.fields["side"].queryset = Campaign.objects.filter(pk__in=[side.pk for side in sides])
            self.fields["side"].label_from_instance = lambda side: side.department.name
        else:
            del self.fields["side"]

    def asked(self) -> dict[str, Any]:
        """What approvals.actions.statements.state takes. A file that is too large is not read further than that."""
        cleaned = dict(self.cleaned_data)
        files: list[File] = [(one.name, one.read(LARGEST + 1)) for one in cleaned.pop("files")[: MOST + 1]]
        return {"kind": StatementKind.COMMENT, "files": files} | cleaned


class MeetingForm(forms.Form):
    """In the company's time. `key` is of one form as it was shown, `sequence` the version of the meeting that it shows."""

    key = LineField(max_length=64, required=False, widget=forms.HiddenInput, initial=lambda: uuid.uuid4().hex)
    sequence = WholeNumberField(required=False, min_value=0, widget=forms.HiddenInput)
    day = DayField(label=_("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(label=_("Begins at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    minutes = WholeNumberField(label=_("How many minutes?"), min_value=SHORTEST, max_value=LONGEST, initial=45)
    place = LineField(
        label=_("Where?"),
        max_length=LONGEST_PLACE,
        help_text=_("A room, or the link of a call."),
        error_messages={"required": _("Say where: a room, or the link of a call.")},
    )
    agenda = ProseField(
        label=_("What is it about?"), max_length=LONGEST_AGENDA, required=False, widget=forms.Textarea({"rows": 4})
    )

    @classmethod
    def of(cls, meeting: Meeting | None) -> "MeetingForm":
        """As it stands."""
        if meeting is None:
            return cls()
        local = timezone.localtime(meeting.starts_at, timezone.get_default_timezone())
        kept = {name: getattr(meeting, name) for name in ("sequence", "minutes", "place", "agenda")}
        return cls(initial=kept | {"day": local.date(), "time": local.time()})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        day, time = cleaned.pop("day", None), cleaned.pop("time", None)
        if day and time:
            try:
                # A time that the clock leaves out or passes twice is refused.
                cleaned["starts_at"] = from_current_timezone(datetime.combine(day, time))
            except ValidationError as error:
                self.add_error("time", error)
        return cleaned
