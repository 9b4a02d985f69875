from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns import wording
from campaigns.actions.offer_terms import OFFER_FIELDS
from campaigns.actions.promises import MOST_ROWS
from campaigns.actions.reach import Reach
from campaigns.api.serializers.campaigns import columns_of
from campaigns.api.serializers.promises import (
    ROWS,
    BookingSerializer,
    ChannelTermsSerializer,
    ClaimSerializer,
    DrawSerializer,
)
from campaigns.choices import DiscountBase, ItemReuse, Mechanic, Mode, ReferencePricePolicy, ScopeRole
from campaigns.models import (
    Campaign,
    Category,
    CombinationClass,
    Department,
    Offer,
    OfferCategory,
    OfferProduct,
    Placement,
    Product,
)
from campaigns.models.offer_details import OfferDetails
from campaigns.permissions import can_change
from campaigns.rules.self_checks import MEANT
from campaigns.rules.terms import TERM_COLUMNS
from customers.models import Channel, Segment
from customers.rest.fields import CodeField, CodesField, DayField, ProseField
from customers.rest.serializers import RowSerializer, StrictSerializer

TERMS = ["mechanic", *TERM_COLUMNS, "stackable", "margin_floor_pct", "priority"]
DETAILS = [column.name for column in OfferDetails._meta.local_fields]
SAYS = ["accepts", "triggers", "recommended", *ROWS]
REACH = ["include", "exclude", "channels", "categories", "without_categories"]
MOST_PRODUCTS = 10_000

Codes = extend_schema_field({"type": "array", "items": {"type": "string"}})


class ScopedCategorySerializer(RowSerializer):
    category = CodeField(read_only=True)

    class Meta:
        model = OfferCategory
        fields = ["category", "role", "mode"]
        read_only_fields = fields


class ScopedProductSerializer(RowSerializer):
    """A product as it was entered; what a whole category brings stands under the products on offer."""

    product = CodeField(read_only=True)
    name = serializers.CharField(source="product.name", read_only=True)
    category = serializers.CharField(source="product.category.code", read_only=True, help_text="Code.")

    class Meta:
        model = OfferProduct
        fields = ["id", "product", "name", "category", "role", "mode"]
        read_only_fields = fields


class OfferSerializer(RowSerializer):
    campaign = CodeField(read_only=True)
    department = CodeField(read_only=True)
    gift_product = CodeField(read_only=True, allow_null=True)
    ends_on = DayField(read_only=True)
    mechanic = serializers.ChoiceField(Mechanic.choices, allow_blank=True, read_only=True)
    terms = serializers.SerializerMethodField(help_text="What it promises, in words.")
    include = serializers.SerializerMethodField(help_text="Segments, by code; none = every customer.")
    exclude = serializers.SerializerMethodField(help_text="Segments left out, by code.")
    channels = CodesField(Channel.objects.all(), read_only=True, help_text="By code; none = every channel.")
    categories = serializers.SerializerMethodField(help_text="Whole categories on offer, by code.")
    without_categories = serializers.SerializerMethodField(help_text="Categories left out, by code.")
    cross_sell = serializers.SerializerMethodField(help_text="Categories that trigger it or that it recommends.")
    combination_class = CodeField(read_only=True, allow_null=True)
    recommendation_placement = CodeField(read_only=True, allow_null=True)
    discount_base = serializers.ChoiceField(DiscountBase.choices, allow_blank=True, read_only=True)
    item_reuse = serializers.ChoiceField(ItemReuse.choices, allow_blank=True, read_only=True)
    reference_price_policy = serializers.ChoiceField(ReferencePricePolicy.choices, allow_blank=True, read_only=True)
    accepts = CodesField(
        CombinationClass.objects.all(),
        read_only=True,
        help_text="Combination classes, by code; none = every class, if it combines at all.",
    )
    triggers = serializers.SerializerMethodField(help_text="Products that trigger a recommendation, by code.")
    recommended = serializers.SerializerMethodField(help_text="Products that it recommends, by code.")
    channel_terms = ChannelTermsSerializer(many=True, read_only=True)
    claims = ClaimSerializer(many=True, read_only=True)
    bookings = BookingSerializer(many=True, read_only=True)
    draws = DrawSerializer(many=True, read_only=True)
    customers = serializers.SerializerMethodField(help_text="How many its audience has; null = everybody.")
    products = serializers.IntegerField(
        source="product_total", read_only=True, help_text="How many are on offer, whole categories counted out."
    )

    class Meta:
        model = Offer
        fields = [
            "id",
            "code",
            "name",
            "campaign",
            "department",
            "starts_on",
            "ends_on",
            *TERMS,
            "terms",
            *REACH,
            "cross_sell",
            *DETAILS,
            *SAYS,
            "customers",
            "products",
            "version",
            "held",
            "live_since",
            "withdrawn_at",
        ]
        read_only_fields = fields

    @extend_schema_field(str)
    def get_terms(self, offer: Offer) -> str:
        return wording.terms(offer)

    @Codes
    def get_include(self, offer: Offer) -> list[str]:
        return self._segments(offer, Mode.INCLUDE)

    @Codes
    def get_exclude(self, offer: Offer) -> list[str]:
        return self._segments(offer, Mode.EXCLUDE)

    @Codes
    def get_categories(self, offer: Offer) -> list[str]:
        return self._categories(offer, Mode.INCLUDE)

    @Codes
    def get_without_categories(self, offer: Offer) -> list[str]:
        return self._categories(offer, Mode.EXCLUDE)

    @extend_schema_field(ScopedCategorySerializer(many=True))
    def get_cross_sell(self, offer: Offer) -> Any:
        rows = [row for row in offer.category_rows.all() if row.role != ScopeRole.TARGET]
        rows.sort(key=lambda row: (row.role, row.category.code))
        return ScopedCategorySerializer(rows, many=True).data

    @Codes
    def get_triggers(self, offer: Offer) -> list[str]:
        return self._cross_sold(offer, ScopeRole.TRIGGER)

    @Codes
    def get_recommended(self, offer: Offer) -> list[str]:
        return self._cross_sold(offer, ScopeRole.RECOMMENDED)

    @extend_schema_field({"type": "integer", "nullable": True})
    def get_customers(self, offer: Offer) -> int | None:
        return offer.audience.size if offer.audience else None

    # From what rows() has prefetched.

    @staticmethod
    def _segments(offer: Offer, mode: str) -> list[str]:
        return sorted(row.segment.code for row in offer.audience_rows.all() if row.mode == mode)

    @staticmethod
    def _categories(offer: Offer, mode: str) -> list[str]:
        rows = [row for row in offer.category_rows.all() if row.role == ScopeRole.TARGET]
        return sorted(row.category.code for row in rows if row.mode == mode)

    @staticmethod
    def _cross_sold(offer: Any, role: str) -> list[str]:
        return sorted(row.product.code for row in offer.cross_sold if row.role == role)


class _WrittenOffer(RowSerializer):
    """Terms, days, reach and promises as they are sent."""

    department = CodeField(queryset=Department.objects.all(), required=False)
    gift_product = CodeField(queryset=Product.objects.all(), required=False, allow_null=True)
    ends_on = DayField(required=False, help_text="Included.")
    include = CodesField(Segment.objects.all(), required=False)
    exclude = CodesField(Segment.objects.all(), required=False)
    channels = CodesField(Channel.objects.all(), required=False)
    categories = CodesField(Category.objects.all(), required=False)
    without_categories = CodesField(Category.objects.all(), required=False)
    add_products = CodesField(Product.objects.all(), most=MOST_PRODUCTS, required=False)
    drop_products = CodesField(
        Product.objects.all(), most=MOST_PRODUCTS, required=False, help_text="Also out of a whole category."
    )
    combination_class = CodeField(queryset=CombinationClass.objects.all(), required=False, allow_null=True)
    recommendation_placement = CodeField(queryset=Placement.objects.all(), required=False, allow_null=True)
    accepts = CodesField(CombinationClass.objects.all(), required=False)
    triggers = CodesField(Product.objects.all(), most=MOST_PRODUCTS, required=False)
    recommended = CodesField(Product.objects.all(), most=MOST_PRODUCTS, required=False)
    channel_terms = ChannelTermsSerializer(many=True, required=False, max_length=MOST_ROWS)
    claims = ClaimSerializer(many=True, required=False, max_length=MOST_ROWS)
    bookings = BookingSerializer(many=True, required=False, max_length=MOST_ROWS)
    draws = DrawSerializer(many=True, required=False, max_length=MOST_ROWS)
    confirmed = serializers.ListField(
        child=serializers.ChoiceField(MEANT),
        required=False,
        help_text="Codes of self-checks that have to be meant and are: those that an error of this field named.",
    )

    class Meta:
        model = Offer
        fields = [
            "name",
            "department",
            "starts_on",
            "ends_on",
            *TERMS,
            *REACH,
            "add_products",
            "drop_products",
            *DETAILS,
            *SAYS,
            "confirmed",
        ]
        extra_kwargs: ClassVar = {"starts_on": {"required": False}}


class NewOfferSerializer(_WrittenOffer):
    """Department and days are the campaign's unless others are given."""

    campaign = CodeField(queryset=Campaign.objects.all())

    class Meta(_WrittenOffer.Meta):
        fields = ["campaign", "code", *_WrittenOffer.Meta.fields]

    def validate_campaign(self, campaign: Campaign) -> Campaign:
        # Asked here, as the rest of the body is nobody's business who cannot change the campaign.
        if not can_change(self.context["request"].user, campaign):
            raise PermissionDenied
        return campaign


class ChangedOfferSerializer(_WrittenOffer):
    reason = ProseField(required=False, allow_blank=True, max_length=2000, help_text="Everybody concerned reads it.")

    class Meta(_WrittenOffer.Meta):
        fields = [*_WrittenOffer.Meta.fields, "reason"]


def terms_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns for campaigns.actions.offers."""
    return {column: value for column, value in columns_of(values).items() if column in OFFER_FIELDS}


def reach_of(values: Mapping[str, Any]) -> Reach:
    """What is not named stays as it is."""
    sides = {Mode.INCLUDE: "categories", Mode.EXCLUDE: "without_categories"}
    return Reach(
        include=values.get("include"),
        exclude=values.get("exclude"),
        channels=values.get("channels"),
        categories={(ScopeRole.TARGET, mode): values[name] for mode, name in sides.items() if name in values},
        add_products=values.get("add_products", ()),
        drop_products=values.get("drop_products", ()),
        triggers=values.get("triggers"),
        recommended=values.get("recommended"),
    )


class OfferGapSerializer(StrictSerializer):
    code = serializers.CharField()
    text = serializers.CharField()
    rules = serializers.ListField(
        child=serializers.CharField(), help_text="Codes of the rules that cannot say anything until then."
    )


class OfferGapsSerializer(StrictSerializer):
    gaps = OfferGapSerializer(many=True, help_text="Facts it does not give, so that collisions cannot be ruled out.")
