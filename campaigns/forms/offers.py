"""An offer as a form: terms, days, whom it reaches, where and on what."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.actions.offer_terms import OFFER_FIELDS
from campaigns.actions.reach import Reach
from campaigns.choices import Mechanic, Mode, ScopeRole
from campaigns.forms.briefs import DayInput, LastDayMixin
from campaigns.models import Campaign, Category, Offer, OfferAudience, OfferCategory, Product
from campaigns.rules.terms import TERM_COLUMNS, TERMS, missing_terms, superfluous_terms
from customers.form_fields import LineField, ProseField, formfield
from customers.models import Channel, Segment
from customers.queries.codes import by_code

# So many wrong codes are named one by one.
NAMED = 10
# Characters of a list of codes.
LONGEST_LIST = 500_000


class ProductCodesField(ProseField):
    """Product codes, one per line; cleans to the products, and names every code that does not exist with its line."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea({"rows": 4, "spellcheck": "false"})
        super().__init__(widget=widget, required=False, max_length=LONGEST_LIST, **kwargs)

    def clean(self, value: Any) -> list[Product]:
        lines = {
            code: number
            for number, line in reversed(list(enumerate(super().clean(value).splitlines(), start=1)))
            if (code := line.strip().strip(",;"))
        }
        found = by_code(Product.objects.all(), lines)
        if unknown := sorted((number, code) for code, number in lines.items() if code not in found):
            raise ValidationError(self._wrong(unknown))
        return list(found.values())

    def _wrong(self, unknown: list[tuple[int, str]]) -> list[str]:
        errors = [
            _("Line %(line)s: there is no product with the code “%(code)s”.") % {"line": line, "code": code[:64]}
            for line, code in unknown[:NAMED]
        ]
        if (more := len(unknown) - NAMED) > 0:
            errors.append(ngettext("%(n)s more code is unknown.", "%(n)s more codes are unknown.", more) % {"n": more})
        return errors


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
    add_products = ProductCodesField(
        label=gettext_lazy("add products"), help_text=gettext_lazy("Product codes, one per line.")
    )
    drop_products = ProductCodesField(
        label=gettext_lazy("take products out"),
        help_text=gettext_lazy("Product codes, one per line; also takes them out of a whole category."),
    )
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
            "stackable",
            "margin_floor_pct",
            "priority",
        ]
        widgets = {"starts_on": DayInput}

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
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        mechanic = cleaned.get("mechanic") or ""
        # The page hides what the mechanic has no use for: what was typed there before is not meant.
        cleaned |= dict.fromkeys(superfluous_terms(mechanic, cleaned))
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

    def terms(self) -> dict[str, Any]:
        """Columns for campaigns.actions.offers."""
        return {field: value for field, value in self.cleaned_data.items() if field in OFFER_FIELDS}

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
        )


class NewOfferForm(OfferForm):
    class Meta(OfferForm.Meta):
        fields = ["code", *OfferForm.Meta.fields]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = set(self.campaign.offers.values_list("code", flat=True))
        free = (f"{self.campaign.code}-{number}" for number in range(1, len(taken) + 2))
        self.initial["code"] = next(code for code in free if code not in taken)
        self.fields["code"].help_text = _("Short and unique; other systems name the offer by it.")
