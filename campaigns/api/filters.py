from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from campaigns.choices import CampaignStatus, CollisionState, Level, Mechanic
from campaigns.models import (
    AddedActivity,
    AnnouncedPrice,
    BrandRules,
    Campaign,
    Category,
    Collision,
    CombinationClass,
    CombinationPolicy,
    Department,
    DepartmentGoal,
    Fund,
    JointGroup,
    Offer,
    Placement,
    Product,
    ProtectedScope,
    RaciTemplate,
    Substitution,
    Tactic,
    Tool,
    WordToAvoid,
)
from campaigns.queries.calendar import filtered
from campaigns.queries.listing import on_any_side
from campaigns.queries.plan import STATES as PLANNED_STATES
from campaigns.queries.standing import STATES, offers_that_are
from campaigns.rules.calendar import Filters
from customers.clock import local_day
from customers.rest.filters import CodeFilter, CodesFilter, DayFilter, FilterSet


class DepartmentFilters(FilterSet):
    class Meta:
        model = Department
        fields = ["code"]


class CategoryFilters(FilterSet):
    class Meta:
        model = Category
        fields = ["code"]


class ProductFilters(FilterSet):
    category = CodeFilter("category__code")
    department = CodeFilter("department__code")

    class Meta:
        model = Product
        fields = ["code", "category", "department", "brand"]


class _DayFilters(FilterSet):
    """First and last day between two days; all of them included."""

    starts_from = DayFilter("starts_on", "gte")
    starts_to = DayFilter("starts_on", "lte")
    ends_from = DayFilter("ends_before", "gt")
    ends_to = DayFilter(method="ending")

    def ending(self, rows: QuerySet, name: str, day: Any) -> QuerySet:
        return rows.filter(ends_before__lte=day + timedelta(days=1))


class CampaignFilters(_DayFilters):
    department = CodeFilter("department__code")
    status = django_filters.ChoiceFilter(choices=CampaignStatus.choices)
    mine = django_filters.ChoiceFilter(
        choices=[("a", "a"), ("department", "department")],
        method="of_mine",
        help_text="“a”: the reader is accountable; “department”: of a department the reader works in.",
    )

    class Meta:
        model = Campaign
        fields = ["code", "department", "status", "mine", "starts_from", "starts_to", "ends_from", "ends_to"]

    def of_mine(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        user = self.request.user
        if value == "a":
            return rows.filter(accountable=user)
        return rows.filter(department__in=Department.objects.filter(memberships__user=user))


class PlanFilters(_DayFilters):
    """Those of the calendar's page. Cards with a day in a period: `ends_from` its first, `starts_to` its last day."""

    department = CodesFilter("department__code", help_text="Codes; repeat it for several.")
    channel = CodesFilter(method="on_channels", help_text="Codes; repeat it for several.")
    status = django_filters.MultipleChoiceFilter(
        choices=[(status.value, status.label) for status in PLANNED_STATES], distinct=False
    )
    mine = django_filters.BooleanFilter(method="of_mine", help_text="Only those that the reader has a part in.")
    collisions = django_filters.BooleanFilter(
        method="colliding", help_text="Only those with an open collision that the reader sees."
    )

    class Meta:
        model = Campaign
        fields = [
            "department",
            "channel",
            "status",
            "mine",
            "collisions",
            "starts_from",
            "starts_to",
            "ends_from",
            "ends_to",
        ]

    def on_channels(self, rows: QuerySet, name: str, codes: list[str]) -> QuerySet:
        return filtered(rows, Filters(channels=tuple(codes)), self.request.user)

    def of_mine(self, rows: QuerySet, name: str, value: bool) -> QuerySet:  # noqa: FBT001
        return filtered(rows, Filters(mine=value), self.request.user)

    def colliding(self, rows: QuerySet, name: str, value: bool) -> QuerySet:  # noqa: FBT001
        return filtered(rows, Filters(collisions=value), self.request.user)


class OfferFilters(_DayFilters):
    campaign = CodeFilter("campaign__code")
    department = CodeFilter("department__code")
    mechanic = django_filters.ChoiceFilter(choices=Mechanic.choices)
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in STATES], method="standing")

    class Meta:
        model = Offer
        fields = [
            "code",
            "campaign",
            "department",
            "mechanic",
            "state",
            "starts_from",
            "starts_to",
            "ends_from",
            "ends_to",
        ]

    def standing(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(offers_that_are(value, local_day(timezone.now())))


class CollisionFilters(FilterSet):
    state = django_filters.ChoiceFilter(choices=CollisionState.choices)
    level = django_filters.ChoiceFilter(choices=Level.choices)
    rule = CodeFilter(help_text="Code of the rule that found it.")
    department = CodeFilter(method="on_a_side", help_text="Of any of its offers.")
    campaign = CodeFilter(method="on_a_side", help_text="Of any of its offers.")
    offer = CodeFilter(method="on_a_side", help_text="Any of them.")

    class Meta:
        model = Collision
        fields = ["state", "level", "rule", "department", "campaign", "offer"]

    def on_a_side(self, rows: QuerySet, name: str, code: str) -> QuerySet:
        return rows.filter(on_any_side("code" if name == "offer" else f"{name}__code", code))


class CombinationClassFilters(FilterSet):
    class Meta:
        model = CombinationClass
        fields = ["code"]


class CombinationPolicyFilters(FilterSet):
    combination_class = CodeFilter(method="of_class", help_text="Either one.")

    class Meta:
        model = CombinationPolicy
        fields = ["combination_class", "decision"]

    def of_class(self, rows: QuerySet, name: str, code: str) -> QuerySet:
        return rows.filter(Q(low__code=code) | Q(high__code=code))


class AddedActivityFilters(FilterSet):
    class Meta:
        model = AddedActivity
        fields = ["code", "is_retired"]


class RaciTemplateFilters(FilterSet):
    class Meta:
        model = RaciTemplate
        fields = ["name"]


class TacticFilters(FilterSet):
    department = CodeFilter("department__code")
    profits = CodeFilter("profits__code")

    class Meta:
        model = Tactic
        fields = ["code"]


class ToolFilters(FilterSet):
    department = CodeFilter("department__code")

    class Meta:
        model = Tool
        fields = ["purpose"]


class DepartmentGoalFilters(FilterSet):
    department = CodeFilter("department__code")

    class Meta:
        model = DepartmentGoal
        fields = ["code", "is_retired"]


class BrandRulesFilters(FilterSet):
    department = CodeFilter("department__code")

    class Meta:
        model = BrandRules
        fields = ["department"]


class WordToAvoidFilters(FilterSet):
    class Meta:
        model = WordToAvoid
        fields = ["language", "kind"]


class JointGroupFilters(FilterSet):
    class Meta:
        model = JointGroup
        fields = ["code"]


class PlacementFilters(FilterSet):
    class Meta:
        model = Placement
        fields = ["code", "page"]


class FundFilters(_DayFilters):
    class Meta:
        model = Fund
        fields = ["code", "starts_from", "starts_to", "ends_from", "ends_to"]


class SubstitutionFilters(FilterSet):
    product = CodeFilter("product__code")
    substitute = CodeFilter("substitute__code")

    class Meta:
        model = Substitution
        fields = ["product", "substitute"]


class ProtectedScopeFilters(_DayFilters):
    category = CodeFilter("category__code")
    product = CodeFilter("product__code")
    department = CodeFilter("department__code", help_text="For which it is reserved.")

    class Meta:
        model = ProtectedScope
        fields = [
            "kind",
            "brand",
            "category",
            "product",
            "department",
            "starts_from",
            "starts_to",
            "ends_from",
            "ends_to",
        ]


class AnnouncedPriceFilters(_DayFilters):
    product = CodeFilter("product__code")
    department = CodeFilter("department__code")

    class Meta:
        model = AnnouncedPrice
        fields = ["product", "department", "starts_from", "starts_to", "ends_from", "ends_to"]
