"""What people choose for themselves, and prove."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from approvals.choices import Delivery, NewsKind
from approvals.news_words import ABOUT
from approvals.rules.notification import CHOOSABLE, choices_of
from customers.actions.tokens import MOST_DAYS
from customers.form_fields import LineField, WholeNumberField
from customers.models import ApiToken


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
