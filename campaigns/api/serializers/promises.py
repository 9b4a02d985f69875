"""What an offer says beside its terms, row by row: terms on channels, claims, bookings, draws."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from campaigns.actions.promises import Promises
from campaigns.api.serializers.campaigns import columns_of
from campaigns.choices import PlacementGoal
from campaigns.models import Fund, FundDraw, OfferChannelTerms, OfferClaim, Placement, PlacementBooking, Product
from campaigns.queries.promises import PARTS
from campaigns.rules.claims import wrong_claim
from customers.models import Channel, Segment
from customers.rest.fields import CodeField, DayField
from customers.rest.serializers import RowSerializer


# Rows come whole: when parts of an offer are sent, its rows still name what they need.
class _WholeRow(RowSerializer):
    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            needed = [field for field in self.fields.values() if field.required and not field.read_only]
            if missing := [field for field in needed if field.field_name not in data]:
                text = serializers.ErrorDetail(str(missing[0].error_messages["required"]), code="required")
                raise serializers.ValidationError({field.field_name: [text] for field in missing})
        return super().to_internal_value(data)


class ChannelTermsSerializer(_WholeRow):
    """Other terms on one channel: one of the three values."""

    channel = CodeField(queryset=Channel.objects.all())

    class Meta:
        model = OfferChannelTerms
        fields = ["channel", "percent_off", "amount_off", "fixed_price", "is_exclusive", "reason"]

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        given = [name for name in ("percent_off", "amount_off", "fixed_price") if values.get(name) is not None]
        if len(given) != 1:
            raise serializers.ValidationError(_("Give one: a percentage, an amount or a price."))
        return values


class ClaimSerializer(_WholeRow):
    """A sentence that customers read, with what its kind speaks of."""

    product = CodeField(queryset=Product.objects.all(), required=False, allow_null=True)
    channel = CodeField(queryset=Channel.objects.all(), required=False, allow_null=True)
    segment = CodeField(queryset=Segment.objects.all(), required=False, allow_null=True)

    class Meta:
        model = OfferClaim
        fields = [
            "kind",
            "text",
            "product",
            "brand",
            "channel",
            "segment",
            "until",
            "amount",
            "quantity",
            "is_legal",
        ]

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if wrong := wrong_claim(values["kind"], values):
            raise serializers.ValidationError({column: [text] for column, text in wrong.items()})
        return values


class BookingSerializer(_WholeRow):
    """A share of a placement; without days for as long as the offer runs."""

    placement = CodeField(queryset=Placement.objects.all())
    ends_on = DayField(required=False, help_text="Included.")
    goal = serializers.ChoiceField(PlacementGoal.choices, allow_blank=True, required=False)

    class Meta:
        model = PlacementBooking
        fields = ["placement", "starts_on", "ends_on", "share", "goal"]
        extra_kwargs = {"starts_on": {"required": False}}


class DrawSerializer(_WholeRow):
    """What it plans to take out of a fund."""

    fund = CodeField(queryset=Fund.objects.all())

    class Meta:
        model = FundDraw
        fields = ["fund", "amount"]


ROWS: dict[str, type[_WholeRow]] = {
    "channel_terms": ChannelTermsSerializer,
    "claims": ClaimSerializer,
    "bookings": BookingSerializer,
    "draws": DrawSerializer,
}


def promises_of(values: Mapping[str, Any]) -> Promises:
    """What is not named stays as it is."""
    given = {
        part: [model(**columns_of(row)) for row in values[part]] for part, model in PARTS.items() if part in values
    }
    return Promises(accepts=values.get("accepts"), **given)
