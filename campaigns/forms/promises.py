"""What an offer says beside its terms, as rows of a form: claims, terms on channels, bookings, draws."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from campaigns.actions.promises import MOST_ROWS
from campaigns.forms.briefs import DayInput, LastDayMixin
from campaigns.forms.codes import CodeField
from campaigns.models import Fund, FundDraw, Offer, OfferChannelTerms, OfferClaim, Placement, PlacementBooking, Product
from campaigns.queries.promises import columns_of, stored_rows
from campaigns.rules.claims import CLAIM_COLUMNS, CLAIMS, superfluous_columns, wrong_claim
from campaigns.rules.claims import columns_of as columns_of_kind
from customers.form_fields import DayField, formfield
from customers.models import Channel, Segment

EMPTY_ROWS = 2


class Choices:
    """Rows to choose from, read once for all the selects that offer them."""

    def __init__(self, rows: QuerySet) -> None:
        self.rows = rows
        self.pairs = [("", "—"), *((row.pk, str(row)) for row in rows)]


class RowForm(forms.ModelForm):
    """A row; one in which nothing is filled is no row."""

    wide: tuple[str, ...] = ()

    def __init__(self, *args: Any, choices: dict[str, Choices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not what the model has by itself: a row that shows it would not be empty.
        self.initial = kwargs.get("initial") or {}
        for name, field in self.fields.items():
            field.initial = None
            if isinstance(field, forms.ModelChoiceField):
                field.queryset, field.choices = choices[name].rows, choices[name].pairs
            if isinstance(field, forms.DecimalField):
                field.widget.attrs |= {"inputmode": "decimal", "step": "any"}

    def row(self) -> Any:
        """The row as campaigns.actions.promises takes it."""
        return self.instance


class ChannelTermsForm(RowForm):
    wide = ("reason",)

    class Meta:
        model = OfferChannelTerms
        formfield_callback = formfield
        fields = ["channel", "percent_off", "amount_off", "fixed_price", "reason", "is_exclusive"]


class ClaimForm(RowForm):
    wide = ("text",)
    product = CodeField(
        Product.objects.all(),
        label=gettext_lazy("product code"),
        missing=gettext_lazy("There is no product with the code “%(code)s”."),
    )
    segment = CodeField(
        Segment.objects.filter(kind=Segment.Kind.NAMED),
        label=gettext_lazy("segment code"),
        missing=gettext_lazy("There is no segment with the code “%(code)s”."),
        widget=forms.TextInput({"list": "segment-codes"}),
    )

    class Meta:
        model = OfferClaim
        formfield_callback = formfield
        fields = ["kind", "text", *CLAIM_COLUMNS, "is_legal"]
        widgets = {"until": DayInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column in CLAIM_COLUMNS:
            kinds = [kind for kind in CLAIMS if column in columns_of_kind(kind)]
            self.fields[column].widget.attrs["data-kinds"] = " ".join(kinds)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind") or ""
        # The page hides what the kind has no use for: what was typed there before is not meant.
        for column in superfluous_columns(kind, cleaned):
            cleaned[column] = "" if column == "brand" else None
        for column, text in wrong_claim(kind, cleaned).items():
            if column not in self.errors:
                self.add_error(column, text)
        return cleaned


class BookingForm(LastDayMixin, RowForm):
    field_order = ("placement", "starts_on", "last_day", "share", "goal")
    last_day = DayField(
        label=gettext_lazy("last day"), widget=DayInput, required=False, help_text=gettext_lazy("Included.")
    )

    class Meta:
        model = PlacementBooking
        formfield_callback = formfield
        fields = ["placement", "starts_on", "share", "goal"]
        widgets = {"starts_on": DayInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].required = self.fields["share"].required = False
        self.fields["starts_on"].help_text = gettext_lazy("Without days: as long as the offer runs.")
        self.fields["share"].help_text = gettext_lazy("Empty = all of it.")

    def clean_share(self) -> Any:
        share = self.cleaned_data["share"]
        return PlacementBooking._meta.get_field("share").get_default() if share is None else share

    def row(self) -> Any:
        self.instance.ends_before = self.cleaned_data.get("ends_before")
        return self.instance


class DrawForm(RowForm):
    class Meta:
        model = FundDraw
        formfield_callback = formfield
        fields = ["fund", "amount"]


class Rows(forms.BaseFormSet):
    """The rows of one part of an offer, with empty ones at the end for what comes."""

    # Names of a row and of all of them, and what adds one.
    title, row_title, add_title = "", "", ""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"empty_permitted": True}

    def add_fields(self, form: RowForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = gettext_lazy("take this row out")

    def shown(self) -> list[RowForm]:
        """The rows and two empty ones, also where the last ones have been filled and something else was wrong."""
        filled = max((place for place, row in enumerate(self.forms, start=1) if row.has_changed()), default=0)
        more = range(len(self.forms), filled + EMPTY_ROWS)
        return [*self.forms, *(self._construct_form(place, **self.get_form_kwargs(place)) for place in more)]

    def is_filled(self) -> bool:
        return any(form.has_changed() for form in self.forms)

    def rows(self) -> list[Any]:
        """What was sent, if it is valid, less what is to be taken out."""
        return [form.row() for form in self.forms if form.has_changed() and not self._should_delete_form(form)]

    def refuse(self, errors: Iterable[ValidationError]) -> None:
        """Show what an action refused."""
        self.non_form_errors().extend(errors)

    def problems(self) -> list[tuple[str, str, str]]:
        """(id of the field or "", row and field in words, text) of everything that is wrong."""
        if not self.is_bound:
            return []
        found = [("", str(self.title), text) for text in self.non_form_errors()]
        for number, (form, errors) in enumerate(zip(self.forms, self.errors, strict=True), start=1):
            name = f"{self.row_title} {number}"
            for field, texts in errors.items():
                is_of_all = field == NON_FIELD_ERRORS
                label = name if is_of_all else f"{name} · {capfirst(form[field].label)}"
                found += [("" if is_of_all else form[field].id_for_label, label, text) for text in texts]
        return found


class Claims(Rows):
    title, row_title, add_title = gettext_lazy("Claims"), gettext_lazy("Claim"), gettext_lazy("Add a claim")


class ChannelTerms(Rows):
    title, row_title = gettext_lazy("Other terms on single channels"), gettext_lazy("Terms on a channel")
    add_title = gettext_lazy("Add terms on a channel")


class Bookings(Rows):
    title, row_title = gettext_lazy("Placements it books"), gettext_lazy("Booking")
    add_title = gettext_lazy("Add a booking")


class Draws(Rows):
    title, row_title = gettext_lazy("Money it takes from funds"), gettext_lazy("Draw")
    add_title = gettext_lazy("Add a draw")


ROWS: dict[str, type[Rows]] = {
    part: forms.formset_factory(
        form, formset=rows, extra=EMPTY_ROWS, can_delete=True, max_num=MOST_ROWS, absolute_max=2 * MOST_ROWS
    )
    for part, form, rows in (
        ("claims", ClaimForm, Claims),
        ("channel_terms", ChannelTermsForm, ChannelTerms),
        ("bookings", BookingForm, Bookings),
        ("draws", DrawForm, Draws),
    )
}


def rows_of(offer: Offer, data: Any, user: Any) -> dict[str, Rows]:
    """The rows of an offer by part: as sent, or as stored where the part was not sent at all."""
    choices = {
        "channel": Choices(Channel.objects.visible(user)),
        "placement": Choices(Placement.objects.visible(user)),
        "fund": Choices(Fund.objects.visible(user)),
    }
    found = {}
    for part, rows in ROWS.items():
        sent = data if data and f"{part}-TOTAL_FORMS" in data else None
        stored = stored_rows(part, offer=offer) if offer.pk and sent is None else ()
        initial = [_typed(row, offer) for row in stored]
        found[part] = rows(sent, prefix=part, initial=initial, form_kwargs={"choices": choices})
    return found


def _typed(row: Model, offer: Offer) -> dict[str, Any]:
    """A stored row as it would be typed."""
    typed = {column.name: getattr(row, column.attname) for column in columns_of(row)}
    if isinstance(row, OfferClaim):
        typed |= {name: thing.code for name in ("product", "segment") if (thing := getattr(row, name))}
    if isinstance(row, PlacementBooking):
        days: tuple[date | None, date | None] = (row.starts_on, row.ends_on)
        if days == (offer.starts_on, offer.ends_on):
            days = (None, None)
        typed |= dict(zip(("starts_on", "last_day"), days, strict=True))
    return typed
