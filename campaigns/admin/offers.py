"""Offers: the list, the page of one, its products, and the pages that write it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import wording
from campaigns.actions import offers as actions
from campaigns.admin import campaign_page, offer_page, what_if
from campaigns.admin.campaigns import DepartmentFilter
from campaigns.admin.visible import LinkedFilter, VisibleModelAdmin, roles
from campaigns.choices import CampaignStatus, Mechanic
from campaigns.forms import NewOfferForm, OfferForm, ReasonForm, add_errors
from campaigns.models import Campaign, Offer
from campaigns.permissions import answers_for, can_change, sees_plans
from campaigns.queries.collisions import products_of
from campaigns.queries.counts import product_total
from campaigns.queries.standing import STATES, offers_that_are
from campaigns.rules.lifecycle import EDITABLE
from campaigns.rules.terms import bears_a_price
from customers.clock import local_day


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("live", _("Live")),
            ("held", _("Held by a case")),
            ("planned", _("Planned")),
            ("withdrawn", _("Withdrawn")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in STATES:
            return queryset
        return queryset.filter(offers_that_are(self.value(), local_day(timezone.now())))


class CampaignFilter(LinkedFilter):
    title = gettext_lazy("campaign")
    field = "campaign"
    model = Campaign


@admin.register(Offer)
class OfferAdmin(VisibleModelAdmin):
    list_display = ("title", "campaign_link", "days", "promise", "number_customers", "number_products", "state")
    list_display_links = None
    list_filter = (StateFilter, DepartmentFilter, CampaignFilter)
    list_select_related = ("campaign", "department", "audience", "gift_product")
    search_fields = ("code", "name", "campaign__code", "campaign__name")
    search_help_text = gettext_lazy("Offer or campaign")
    ordering = ("-starts_on", "code")
    empty_first = gettext_lazy("No offer yet. Offers are added on the page of their campaign.")
    empty_found = gettext_lazy("No offer matches.")

    def allows(self, request: HttpRequest) -> bool:
        return sees_plans(roles(request))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(product_total=product_total())

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("to/<int:campaign_pk>/", wrap(self.new), name="campaigns_offer_new"),
            path("<int:pk>/edit/", wrap(self.edit), name="campaigns_offer_edit"),
            path("<int:pk>/products/", wrap(self.products_page), name="campaigns_offer_products"),
            path("<int:pk>/withdraw/", wrap(self.withdraw), name="campaigns_offer_withdraw"),
        ]
        return own + super().get_urls()

    @admin.display(description=gettext_lazy("offer"), ordering="name")
    def title(self, offer: Offer) -> str:
        return format_html(
            '<a href="{}">{}</a><span class="c-minor">{}</span>', offer_page.url(offer), offer.name, offer.code
        )

    @admin.display(description=gettext_lazy("campaign"), ordering="campaign__name")
    def campaign_link(self, offer: Offer) -> str:
        return format_html('{}<span class="c-minor">{}</span>', offer.campaign.name, offer.department.name)

    @admin.display(description=gettext_lazy("days"), ordering="starts_on")
    def days(self, offer: Offer) -> str:
        return format_html('<span class="c-nowrap">{}</span>', wording.period(offer.starts_on, offer.ends_before))

    @admin.display(description=gettext_lazy("terms"), ordering="mechanic")
    def promise(self, offer: Offer) -> str:
        return wording.terms(offer)

    @admin.display(description=gettext_lazy("customers"), ordering="audience__size")
    def number_customers(self, offer: Offer) -> str:
        size = number_format(offer.audience.size) if offer.audience else _("everybody")
        return format_html('<span class="c-number">{}</span>', size)

    @admin.display(description=gettext_lazy("products"), ordering="product_total")
    def number_products(self, offer: Offer) -> str:
        return format_html(
            '<a class="c-number" href="{}">{}</a>',
            reverse("admin:campaigns_offer_products", args=[offer.pk]),
            number_format(offer.product_total),
        )

    @admin.display(description=gettext_lazy("state"))
    def state(self, offer: Offer) -> str:
        return wording.offer_state(offer, local_day(timezone.now()))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        offer = self._find(request, object_id)
        return offer_page.show(request, self, offer, today=local_day(timezone.now()))

    def new(self, request: HttpRequest, campaign_pk: int) -> HttpResponse:
        campaign = get_object_or_404(
            Campaign.objects.visible(request.user).select_related("department"), pk=campaign_pk
        )
        _must_be_editable(request, campaign)
        form = NewOfferForm(request.POST or None, user=request.user, campaign=campaign)
        tried = None
        if request.method == "POST" and form.is_valid():
            code, now = form.cleaned_data["code"], timezone.now()
            plan = partial(actions.plan_offer, campaign=campaign, by=request.user, now=now, code=code)
            if what_if.is_asked(request):
                tried = what_if.look(request, form, plan, now=now)
            elif offer := _save(form, plan):
                messages.success(request, _("Offer added."))
                return HttpResponseRedirect(offer_page.url(offer))
        return self._form(request, campaign, form, title=_("New offer"), back=campaign_page.url(campaign), tried=tried)

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        offer = self._find(request, pk)
        _must_be_editable(request, offer.campaign)
        # The form fills the instance it is given; the page and the action work on the stored one.
        form = OfferForm(
            request.POST or None, user=request.user, campaign=offer.campaign, instance=Offer.objects.get(pk=pk)
        )
        why = ReasonForm(request.POST or None, needs_reason=False)
        tried = None
        if request.method == "POST" and form.is_valid() and why.is_valid():
            reason, now = why.cleaned_data["reason"], timezone.now()
            change = partial(actions.change_offer, offer=offer, by=request.user, now=now, reason=reason)
            if what_if.is_asked(request):
                tried = what_if.look(request, form, change, now=now)
            elif _save(form, change):
                _tell(request, offer.campaign)
                return HttpResponseRedirect(offer_page.url(offer))
        reason = None if offer.campaign.status == CampaignStatus.DRAFT else why["reason"]
        about = {"title": offer.name, "back": offer_page.url(offer), "offer": offer}
        return self._form(request, offer.campaign, form, **about, reason=reason, tried=tried)

    def _form(self, request: HttpRequest, campaign: Campaign, form: OfferForm, **context: Any) -> HttpResponse:
        context = {"offer": None, "reason": None} | context | what_if.context(request, form, context["tried"])
        if what_if.wants_fragment(request):
            return TemplateResponse(request, "campaigns/parts/what_if.html", {"form": form} | context)
        priced = " ".join(filter(bears_a_price, Mechanic.values))
        page = campaign_page.page(request, self, campaign, form=form, priced=priced, **context)
        page["crumbs"] = [
            {"title": _("Campaigns"), "url": reverse("admin:campaigns_campaign_changelist")},
            {"title": campaign.name, "url": campaign_page.url(campaign)},
            {"title": context["title"]},
        ]
        return TemplateResponse(request, "campaigns/offer_form.html", page)

    def products_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        offer = self._find(request, pk)
        products = products_of(offer).select_related("category").order_by("name", "id")
        context = offer_page.page(
            request,
            self,
            offer,
            _("Products"),
            rows=Paginator(products, 50).get_page(request.GET.get("p")),
        )
        return TemplateResponse(request, "campaigns/offer_products.html", context)

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        offer = self._find(request, pk)
        if not (can_change(request.user, offer.campaign) or answers_for(request.user, offer.campaign)):
            raise PermissionDenied
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                actions.withdraw_offers(offers=[offer], by=request.user, now=timezone.now(), reason=reason)
            except ValidationError as error:
                add_errors(form, error)
            else:
                messages.success(request, _("Offer withdrawn."))
                return HttpResponseRedirect(offer_page.url(offer))
        context = offer_page.page(request, self, offer, _("Withdraw the offer"), form=form)
        return TemplateResponse(request, "campaigns/offer_withdraw.html", context)

    def _find(self, request: HttpRequest, pk: int | str) -> Offer:
        rows = self.get_queryset(request).select_related(
            "campaign__department",
            "department",
            "audience",
            "gift_product",
            "combination_class",
            "recommendation_placement",
        )
        offer = rows.filter(pk=pk).first() if str(pk).isdecimal() else None
        if offer is None or not self.has_view_permission(request):
            raise Http404
        return offer


def _must_be_editable(request: HttpRequest, campaign: Campaign) -> None:
    if not can_change(request.user, campaign) or campaign.status not in EDITABLE:
        raise PermissionDenied


def _save(form: OfferForm, change: Callable[..., Offer]) -> Offer | None:
    """Do what was typed; None, with the reasons in the form, if it was refused."""
    try:
        return change(**form.content(), confirmed=form.meant())
    except ValidationError as error:
        add_errors(form, error)
        return None


def _tell(request: HttpRequest, campaign: Campaign) -> None:
    was = campaign.status
    campaign.refresh_from_db(fields=["status"])
    if was == CampaignStatus.APPROVED and campaign.status == CampaignStatus.SUBMITTED:
        messages.warning(request, _("Saved. The approved content has changed: the campaign waits for approval again."))
    else:
        messages.success(request, _("Saved. Collisions are counted again within seconds."))
