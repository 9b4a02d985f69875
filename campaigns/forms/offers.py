"""An offer as a form: terms, days, whom it reaches, where and on what."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.actions.offer_terms import OFFER_FIELDS
from campaigns.actions.promises import Promises
from campaigns.actions.reach import Reach
from campaigns.choices import AppliesTo, Mechanic, Mode, ScopeRole
from campaigns.forms.briefs import DayInput, LastDayMixin
from campaigns.forms.codes import ProductCodesField
from campaigns.forms.promises import rows_of
from campaigns.models import (
    Campaign,
    Category,
    CombinationClass,
    Offer,
    OfferAudience,
    OfferCategory,
    Placement,
    Product,
)
from campaigns.rules.terms import (
    DISCOUNTS,
    TERM_COLUMNS,
    TERMS,
    bears_a_price,
    missing_terms,
    superfluous_terms,
)
from customers.form_fields import LineField, formfield
from customers.models import Channel, Segment

# Parts of the page that are closed until something stands in them: {name: (fields, rows)}.
SECTIONS = {
    "combines": (["only_one_of_its_kind", "combination_class", "accepts", "discount_base", "item_reuse"], []),
    "says": (
        [
            "message",
            "why_suggested",
            "redemption_code",
            "per_customer_limit",
            "eligibility",
            "returns",
            "redemption_place",
            "reference_price",
            "reference_price_policy",
        ],
        ["claims", "channel_terms"],
    ),
    "takes": (["contacts"], ["bookings", "draws"]),
    "moves": (
        [
            "expected_units",
            "forecast_source",
            "triggers",
            "recommended",
            "recommendation_placement",
            "max_recommendations",
        ],
        [],
    ),
}
DETAILS = [field for fields, _rows in SECTIONS.values() for field in fields]
# Segments that the browser offers while one is typed; more would weigh more than the page.
SUGGESTED = 500


class _SelectMany(AutocompleteSelectMultiple):
    """Without the cross that empties the whole field: it is no list item of the list it stands in."""

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        return super().build_attrs(base_attrs, extra_attrs) | {"data-allow-clear": "false"}


def _many(relation: Any, queryset: Any, label: Any, help_text: Any = "") -> forms.ModelMultipleChoiceField:
    """Rows found by typing; the search is that of the model's own admin, so it shows what the reader may see."""
    widget = _SelectMany(relation, admin.site)
    return forms.ModelMultipleChoiceField(queryset, required=False, label=label, help_text=help_text, widget=widget)


class OfferForm(LastDayMixin, forms.ModelForm):
    channels = forms.ModelMultipleChoiceField(
        Channel.objects.none(),
        required=False,
        label=gettext_lazy("channels"),
        help_text=gettext_lazy("None = every channel."),
        widget=forms.CheckboxSelectMultiple,
    )
    accepts = forms.ModelMultipleChoiceField(
        CombinationClass.objects.none(),
        required=False,
        label=gettext_lazy("combines with"),
        help_text=gettext_lazy("None = with every class, if it combines at all."),
        widget=forms.CheckboxSelectMultiple,
    )
    triggers = ProductCodesField(
        label=gettext_lazy("trigger products"),
        help_text=gettext_lazy("Who buys one of these is shown the recommended ones. Product codes, one per line."),
    )
    recommended = ProductCodesField(
        label=gettext_lazy("recommended products"), help_text=gettext_lazy("Product codes, one per line.")
    )
    add_products = ProductCodesField(
        label=gettext_lazy("add products"), help_text=gettext_lazy("Product codes, one per line.")
    )
    drop_products = ProductCodesField(
        label=gettext_lazy("take products out"),
        help_text=gettext_lazy("Product codes, one per line; also takes them out of a whole category."),
    )
    # Codes of the self-checks that were shown and are meant, one after the other.
    confirmed = LineField(label=gettext_lazy("has to be meant"), widget=forms.HiddenInput, required=False)
    seen = LineField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Offer
        formfield_callback = formfield
        fields = [
            "name",
            "department",
            "starts_on",
            "mechanic",
            *TERM_COLUMNS,
            "applies_to",
            "max_discount",
            "stackable",
            "margin_floor_pct",
            "priority",
            *(field for field in DETAILS if field not in ("accepts", "triggers", "recommended")),
        ]
        widgets = {"starts_on": DayInput, "message": forms.Textarea({"rows": 3})}

    def __init__(self, *args: Any, user: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        segments, categories = Segment.objects.visible(user).filter(kind="named"), Category.objects.visible(user)
        segment, category = OfferAudience._meta.get_field("segment"), OfferCategory._meta.get_field("category")
        self.fields |= {
            "include": _many(segment, segments, _("segments"), _("None = every customer.")),
            "exclude": _many(segment, segments, _("without segments")),
            "categories": _many(category, categories, _("whole categories")),
            "without_categories": _many(category, categories, _("without categories")),
        }
        self.fields["channels"].queryset = Channel.objects.visible(user)
        gift = self.fields["gift_product"]
        gift.queryset = Product.objects.visible(user)
        gift.widget = AutocompleteSelect(Offer._meta.get_field("gift_product"), admin.site)
        gift.widget.choices = gift.choices
        for column in TERM_COLUMNS:
            uses = [name for name, (needs, may) in TERMS.items() if column in needs + may]
            self.fields[column].widget.attrs["data-mechanics"] = " ".join(uses)
        for column in ("applies_to", "max_discount"):
            self.fields[column].widget.attrs["data-mechanics"] = " ".join(sorted(DISCOUNTS))
        # What has a value by itself need not be sent.
        self.fields["applies_to"].required = self.fields["max_recommendations"].required = False
        self.fields["accepts"].queryset = CombinationClass.objects.visible(user)
        self.fields["combination_class"].queryset = CombinationClass.objects.visible(user)
        self.fields["recommendation_placement"].queryset = Placement.objects.visible(user)
        for column in ("combination_class", "recommendation_placement"):
            self.fields[column].empty_label = "—"
        self.suggested = segments.order_by("name", "id")[:SUGGESTED]
        self.rows = rows_of(self.instance, self.data if self.is_bound else None, user)
        # “Unknown”, says Django, which nobody chooses for what is simply not decided.
        undecided = self.fields["stackable"].widget
        undecided.choices = [("unknown", _("not stated yet")), *list(undecided.choices)[1:]]
        self.fields["mechanic"].choices = [("", _("not stated yet")), *Mechanic.choices]
        self._fill()

    def _fill(self) -> None:
        offer = self.instance
        if not offer.pk:
            self.initial |= {
                "department": self.campaign.department_id,
                "starts_on": self.campaign.starts_on,
                "last_day": self.campaign.ends_on,
            }
            return
        rows = list(offer.audience_rows.all())
        targets = list(offer.category_rows.filter(role=ScopeRole.TARGET))
        self.initial |= {
            "last_day": offer.ends_on,
            "seen": str(offer.version),
            "include": [row.segment_id for row in rows if row.mode == Mode.INCLUDE],
            "exclude": [row.segment_id for row in rows if row.mode == Mode.EXCLUDE],
            "channels": list(offer.channels.values_list("pk", flat=True)),
            "categories": [row.category_id for row in targets if row.mode == Mode.INCLUDE],
            "without_categories": [row.category_id for row in targets if row.mode == Mode.EXCLUDE],
            "accepts": list(offer.accepts.values_list("pk", flat=True)),
            "triggers": self._codes(ScopeRole.TRIGGER),
            "recommended": self._codes(ScopeRole.RECOMMENDED),
        }

    def _codes(self, role: str) -> str:
        rows = self.instance.product_rows.filter(role=role, mode=Mode.INCLUDE)
        return "\n".join(rows.order_by("product__code").values_list("product__code", flat=True))

    def is_valid(self) -> bool:
        # Both are asked, so that everything that is wrong is told at once.
        are_valid = [super().is_valid(), *(rows.is_valid() for rows in self._sent_rows().values())]
        return all(are_valid)

    def _sent_rows(self) -> dict[str, Any]:
        """Rows to write, by part; the page hides terms on channels when there is no price, so none are meant."""
        has_price = bears_a_price(self["mechanic"].value() or "")
        return {
            part: rows for part, rows in self.rows.items() if rows.is_bound and (has_price or part != "channel_terms")
        }

    def problems(self) -> list[tuple[str, str, str]]:
        """What is wrong in the rows, as (id of a field or "", row and field, text)."""
        return [problem for rows in self._sent_rows().values() for problem in rows.problems()]

    def open_sections(self) -> set[str]:
        """Sections in which something is filled or wrong."""
        found = set()
        for name, (fields, parts) in SECTIONS.items():
            filled = any(self[field].errors or self._is_filled(field) for field in fields)
            if filled or any(self.rows[part].problems() or self.rows[part].is_filled() for part in parts):
                found.add(name)
        return found

    def _is_filled(self, field: str) -> bool:
        value = self[field].value()
        if field == "max_recommendations":
            return str(value or 1) != "1"
        return value is not False and value not in (None, "", [])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        mechanic = cleaned.get("mechanic") or ""
        # The page hides what the mechanic has no use for: what was typed there before is not meant.
        cleaned |= dict.fromkeys(superfluous_terms(mechanic, cleaned))
        if mechanic not in DISCOUNTS:
            cleaned |= {"max_discount": None, "applies_to": ""}
        cleaned["applies_to"] = cleaned.get("applies_to") or AppliesTo.ITEM
        if "max_recommendations" in cleaned and cleaned["max_recommendations"] is None:
            cleaned["max_recommendations"] = 1
        for column in missing_terms(mechanic, cleaned):
            if column not in self.errors:
                self.add_error(column, _("Give it: this kind of offer needs it."))
        if self.instance.pk and cleaned.get("seen") not in ("", str(self.instance.version)):
            self.data = self.data.copy()
            self.data["seen"] = str(self.instance.version)
            raise ValidationError(
                _("Somebody else saved this offer while you were writing. Compare with its page, then save again.")
            )
        return cleaned

    def content(self) -> dict[str, Any]:
        """All of it for campaigns.actions.offers."""
        fields = {field: value for field, value in self.cleaned_data.items() if field in OFFER_FIELDS}
        return {"fields": fields, "reach": self.reach(), "promises": self.promises()}

    def meant(self) -> list[str]:
        """Codes of the self-checks that the reader says to mean."""
        return str(self["confirmed"].value() or "").split()

    def points(self) -> dict[str, str]:
        """Self-checks (texts by code) for which a save was refused, as nobody said to mean them."""
        return {str(one.code): text for one in self.errors.as_data().get("confirmed", ()) for text in one.messages}

    def reach(self) -> Reach:
        data = self.cleaned_data
        return Reach(
            include=list(data["include"]),
            exclude=list(data["exclude"]),
            channels=list(data["channels"]),
            categories={
                (ScopeRole.TARGET, Mode.INCLUDE): list(data["categories"]),
                (ScopeRole.TARGET, Mode.EXCLUDE): list(data["without_categories"]),
            },
            add_products=data["add_products"],
            drop_products=data["drop_products"],
            triggers=data["triggers"],
            recommended=data["recommended"],
        )

    def promises(self) -> Promises:
        given = {part: rows.rows() for part, rows in self._sent_rows().items()}
        return Promises(accepts=list(self.cleaned_data["accepts"]), **given)


class NewOfferForm(OfferForm):
    class Meta(OfferForm.Meta):
        fields = ["code", *OfferForm.Meta.fields]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = set(self.campaign.offers.values_list("code", flat=True))
        free = (f"{self.campaign.code}-{number}" for number in range(1, len(taken) + 2))
        self.initial["code"] = next(code for code in free if code not in taken)
        self.fields["code"].help_text = _("Short and unique; other systems name the offer by it.")
