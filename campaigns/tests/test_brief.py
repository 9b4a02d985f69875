"""What a brief misses before it is submitted, and what in it and its offers is flagged."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from campaigns.actions import lifecycle, offers, planning
from campaigns.actions.promises import Promises
from campaigns.models import BrandRules, Campaign, DepartmentGoal, Offer, OfferClaim, WordToAvoid
from campaigns.queries.brief import gaps_of_brief, shown_warnings, warnings_of
from campaigns.tests import factories as make
from customers.models import HistoryEntry
from customers.tests.api import client_of
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

VANITY = (
    "“Email opens” is a vanity metric: it grows by sending more, whatever that did for the company, and cannot be the goal"
    " of a campaign. Take another KPI, such as: Conversion rate, Average order value and Repeat purchases."
)


@pytest.fixture
def crm():
    return make.make_department("CRM")


@pytest.fixture
def lead(crm):
    return make.lead_of(crm)


@pytest.fixture
def campaign(crm):
    campaign = make.make_campaign(crm, "CRM-1", timezone.localdate() + timedelta(days=10), name="Autumn")
    texts = {"name": "Tea", "message": "Tea for two", "why_suggested": "Because you bought tea"}
    make.make_offer(campaign, "CRM-1-A", products=make.make_products(1), **texts)
    return campaign


def codes(campaign):
    return [(one.check.code, one.offer.code if one.offer else None) for one in warnings_of(campaign, today=make.DAY)]


def refused_with(campaign, *messages):
    with pytest.raises(ValidationError) as refusal:
        make.submit(campaign)
    assert refusal.value.messages == [*messages]
    campaign.refresh_from_db()
    assert campaign.status == "draft"
    assert not HistoryEntry.objects.filter(verb="submit").exists()


# Gaps


@pytest.mark.parametrize("kpi", ["Email opens", "Aperturas", "Visitas a la web", "Likes", "Impresiones", "sends"])
def test_a_vanity_metric_is_no_goal(crm, kpi):
    campaign = make.make_campaign(crm, kpi=kpi)
    make.make_offer(campaign)
    refused_with(campaign, VANITY.replace("Email opens", kpi))


def test_the_refusal_is_told_in_spanish(crm):
    campaign = make.make_campaign(crm, kpi="Aperturas")
    with translation.override("es"):
        (gap,) = gaps_of_brief(campaign)
    assert "métrica de vanidad" in gap
    assert "Tasa de conversión" in gap


def test_without_a_target_nobody_can_say_whether_it_is_met(crm):
    campaign = make.make_campaign(crm, kpi_target=None)
    make.make_offer(campaign)
    refused_with(campaign, "Give the target of the KPI: without it nobody can say whether the goal is met.")
    planning.change_campaign(campaign=campaign, by=make.lead_of(crm), now=make.NOW, kpi_target=Decimal(0))
    assert make.submit(campaign).status == "submitted"


def test_the_stage_of_the_journey_is_said(crm):
    campaign = make.make_campaign(crm, journey_stage="")
    make.make_offer(campaign)
    refused_with(campaign, "Say which stage of the customer's journey it is for.")


def test_a_message_says_why_it_is_shown(crm, lead):
    campaign = make.make_campaign(crm)
    for number in range(7):
        make.make_offer(campaign, f"O{number}", message="Tea for two")
    make.make_offer(campaign, "SILENT")
    told = "7 offers have a message that does not tell customers why they see it: O0, O1, O2, O3, O4, …."
    refused_with(campaign, told)
    for offer in Offer.objects.filter(code__startswith="O").exclude(code="O6"):
        offers.change_offer(offer=offer, by=lead, now=make.NOW, fields={"why_suggested": "You bought tea"})
    refused_with(campaign, "1 offer has a message that does not tell customers why they see it: O6.")
    offers.withdraw_offers(offers=[Offer.objects.get(code="O6")], by=lead, now=make.NOW, reason="No")
    assert make.submit(campaign).status == "submitted"


def test_what_was_imported_keeps_its_status_and_is_completed_before_somebody_approves_it(crm, lead):
    campaign = make.make_campaign(crm, kpi="Opens", kpi_target=None, journey_stage="")
    make.make_offer(campaign)
    lifecycle.submit_by_import([campaign.pk], now=make.NOW)
    campaign.refresh_from_db()
    assert campaign.status == "submitted"
    assert len(gaps_of_brief(campaign)) == 3
    make.approve(campaign)
    campaign.refresh_from_db()
    assert campaign.status == "submitted"


# Warnings


def test_a_sound_plan_has_none(campaign):
    assert codes(campaign) == []


def test_a_kpi_that_is_not_known_is_told(crm, campaign, lead):
    planning.change_campaign(campaign=campaign, by=lead, now=make.NOW, kpi="Smiles at the till")
    (one,) = warnings_of(Campaign.objects.get(), today=make.DAY)
    assert (one.check.code, one.check.quote, one.check.fields) == ("unknown_kpi", "Smiles at the till", ("kpi",))


def test_a_plan_that_serves_no_goal_of_its_department(crm, campaign, lead):
    goal = DepartmentGoal.objects.create(code="more", name="Customers come back", department=crm, is_retired=True)
    foreign = DepartmentGoal.objects.create(code="other", name="Theirs", department=make.make_department("TRADE"))
    assert codes(campaign) == []
    DepartmentGoal.objects.filter(pk=goal.pk).update(is_retired=False)
    (one,) = warnings_of(campaign, today=make.DAY)
    assert one.check.text == "It serves no goal, although Crm has stated what it wants: “Customers come back”."
    planning.change_campaign(campaign=campaign, by=lead, now=make.NOW, serves=[foreign])
    assert codes(campaign) == []


def test_offers_that_say_nothing_to_customers_are_told_in_one_line(campaign):
    for number in range(3):
        make.make_offer(campaign, f"S{number}")
    (one,) = warnings_of(campaign, today=make.DAY)
    assert one.check.text == "3 offers have no message for customers yet: S0, S1, S2."


def test_words_are_quoted_from_every_text_that_customers_read(crm, campaign):
    for column in ("name", "message", "why_suggested", "eligibility", "returns", "redemption_place"):
        texts = {"message": "Tea", "why_suggested": "You like it"} | {column: f"A miracle of {column}"}
        make.make_offer(campaign, f"W-{column}", **texts)
    claims = Promises(claims=[OfferClaim(kind="free_shipping_always", text="Una entrega increíble")])
    make.make_offer(campaign, "W-claims", message="Tea", why_suggested="You like it", promises=claims)
    make.make_offer(campaign, "W-none", message="Tea", why_suggested="You like it")
    Campaign.objects.filter(pk=campaign.pk).update(what="Synergies", name="The best tea", goal="Synergies", kpi="ROI")
    found = warnings_of(Campaign.objects.get(), today=make.DAY)
    assert [
        (one.offer.code if one.offer else "", one.check.fields, one.check.quote, one.check.code) for one in found
    ] == [
        ("", ("name",), "The best", "exaggeration"),
        ("", ("what",), "Synergies", "jargon"),
        ("W-claims", ("claims",), "increíble", "exaggeration"),
        *(
            (f"W-{column}", (column,), "miracle", "exaggeration")
            for column in ("eligibility", "message", "name", "redemption_place", "returns", "why_suggested")
        ),
    ]


def test_advice_is_that_of_the_readers_language(crm, campaign):
    make.make_offer(campaign, message="The ROI of tea", why_suggested="You like it")
    for language, advice in (("en", "say what is gained"), ("es", "diga qué se gana")):
        with translation.override(language):
            assert [one.check.advice for one in warnings_of(campaign, today=make.DAY)] == [advice]


def test_words_that_a_department_never_uses(crm, campaign):
    trade = make.make_department("TRADE")
    BrandRules.objects.create(department=crm, never_words="for two\nbarat*")
    BrandRules.objects.create(department=trade, never_words="tea")
    (one,) = warnings_of(campaign, today=make.DAY)
    assert (one.check.code, one.check.quote, one.offer.code) == ("never_word", "for two", "CRM-1-A")
    assert one.check.text == "Message: “for two” is a word that Crm never uses."


def test_offers_outside_the_brand_rules(crm, campaign, lead):
    trade = make.make_department("TRADE")
    creams = [make.make_product(f"CREAM{n}", brand=brand) for n, brand in enumerate(("Aurora", "AURORA", "Other"))]
    BrandRules.objects.create(department=crm, deepest_discount=20)
    BrandRules.objects.create(department=trade, protected_brands="aurora\nNobody")
    said = {"message": "Tea", "why_suggested": "You like it"}
    make.make_offer(campaign, "DEEP", percent_off=21, **said)
    make.make_offer(campaign, "FINE", percent_off=20, **said)
    make.make_offer(campaign, "CREAM", percent_off=5, products=creams, **said)
    make.make_offer(campaign, "GONE", percent_off=90, **said)
    offers.withdraw_offers(offers=[Offer.objects.get(code="GONE")], by=lead, now=make.NOW, reason="No")
    assert codes(campaign) == [("protected_brand", "CREAM"), ("too_deep_for_brand", "DEEP")]
    text = warnings_of(campaign, today=make.DAY)[0].check.text
    assert text == "It reduces 2 products (CREAM0, CREAM1) of “aurora”, which the brand rules of Trade protect."


def test_a_price_is_held_against_the_deepest_discount(crm, campaign):
    tea = make.make_product("TEA", price=10, cost=1)
    BrandRules.objects.create(department=crm, deepest_discount=20)
    said = {"message": "Tea", "why_suggested": "You like it", "products": [tea], "percent_off": None}
    make.make_offer(campaign, "DEEP", mechanic="fixed_price", fixed_price=7, **said)
    make.make_offer(campaign, "FINE", mechanic="amount_off", amount_off=2, **said)
    assert codes(campaign) == [("too_deep_for_brand", "DEEP")]


def test_warnings_block_nothing(crm, campaign):
    WordToAvoid.objects.create(language="en", phrase="tea", kind="jargon")
    assert codes(campaign)
    assert make.submit(campaign).status == "submitted"
    assert make.approve(campaign).status == "approved"


def test_they_are_told_to_who_plans_it_while_it_is_not_over(crm, campaign, lead):
    WordToAvoid.objects.create(language="en", phrase="tea", kind="jargon")
    stranger, admin = make.lead_of(make.make_department("OTHER")), make.make_user("boss", is_superuser=True)
    answers = make.make_user("answers")
    planning.change_campaign(campaign=campaign, by=lead, now=make.NOW, accountable=answers)
    campaign.refresh_from_db()
    seen = {
        person.username: bool(shown_warnings(campaign, person, today=make.DAY))
        for person in (lead, admin, answers, stranger)
    }
    assert seen == {lead.username: True, "boss": True, "answers": True, stranger.username: False}
    lifecycle.cancel(campaign=campaign, by=lead, now=make.NOW, reason="No")
    campaign.refresh_from_db()
    assert shown_warnings(campaign, lead, today=make.DAY) == []


# Pages and API


def flagged(campaign):
    make.make_offer(campaign, "LOUD", name="Loud", message="Unbelievable tea", why_suggested="You like it")
    return Offer.objects.get(code="LOUD")


def test_pages_show_what_is_flagged_and_where(campaign, lead):
    offer = flagged(campaign)
    client = signed_in(lead)
    told = "Message: “Unbelievable” exaggerates. Better: say what is good about it."
    for name, pk in (
        ("campaigns_campaign_change", campaign.pk),
        ("approvals_review_submit", campaign.pk),
        ("campaigns_offer_change", offer.pk),
    ):
        assert told in client.get(reverse(f"admin:{name}", args=[pk])).content.decode(), name


def test_the_form_of_an_offer_tells_before_it_is_saved(campaign, lead):
    sent = {
        "name": "Tea",
        "code": "NEW",
        "department": campaign.department_id,
        "starts_on": campaign.starts_on.isoformat(),
        "last_day": campaign.ends_on.isoformat(),
        "mechanic": "percent",
        "percent_off": "10",
        "stackable": "unknown",
        "message": "Unbelievable tea\nfor two",
        "why_suggested": "You like it",
    }
    client, address = signed_in(lead), reverse("admin:campaigns_offer_new", args=[campaign.pk])
    text = client.post(address, sent | {"see": "fragment"}).content.decode()
    assert "“Unbelievable” exaggerates" in text
    assert "#id_message" in text
    assert client.post(address, sent | {"confirmed": "empty_scope empty_audience"}).status_code == 302
    offer = Offer.objects.get(code="NEW")
    assert (offer.message, offer.why_suggested) == ("Unbelievable tea\nfor two", "You like it")
    page = client.get(reverse("admin:campaigns_offer_change", args=[offer.pk])).content.decode()
    assert "Why you see this" in page


def test_many_warnings_are_counted_and_the_first_shown(campaign, lead):
    for number in range(23):
        make.make_offer(campaign, f"LOUD{number:02}", message="Unbelievable tea", why_suggested="You like it")
    text = signed_in(lead).get(reverse("admin:campaigns_campaign_change", args=[campaign.pk])).content.decode()
    assert '<span class="c-count">23</span>' in text
    assert "The first 20; the rest stand on the pages of the offers." in text
    assert len(client_of(lead).get(f"/api/v1/campaigns/{campaign.pk}/gaps/").json()["warnings"]) == 23


def test_queries_do_not_grow_with_the_offers(crm, campaign, lead):
    BrandRules.objects.create(department=crm, deepest_discount=5, protected_brands="Acme", never_words="tea")
    client, api = signed_in(lead), client_of(lead)
    addresses = (
        (client, reverse("admin:campaigns_campaign_change", args=[campaign.pk])),
        (api, f"/api/v1/campaigns/{campaign.pk}/gaps/"),
    )
    with_one = [queries_of(one, address) for one, address in addresses]
    for number in range(4):
        make.make_offer(campaign, f"M{number}", message="Tea", products=make.make_products(2), why_suggested="You do")
    assert [queries_of(one, address) for one, address in addresses] == with_one


def test_the_brief_takes_goals_and_marks_vanity(crm, campaign, lead):
    own = DepartmentGoal.objects.create(code="own", name="Customers come back", department=crm)
    retired = DepartmentGoal.objects.create(code="old", name="Retired", department=crm, is_retired=True)
    foreign = DepartmentGoal.objects.create(code="other", name="Theirs", department=make.make_department("TRADE"))
    client, address = signed_in(lead), reverse("admin:campaigns_campaign_brief", args=[campaign.pk])
    form = client.get(address).context["form"]
    assert form.fields["serves"].choices == [("Crm", [(own.pk, own.name)]), ("Trade", [(foreign.pk, foreign.name)])]
    sent = {
        "name": "Autumn",
        "starts_on": campaign.starts_on.isoformat(),
        "last_day": campaign.ends_on.isoformat(),
        "accountable": lead.pk,
        "goal": "Sell more",
        "kpi": "Likes",
        "kpi_target": "4",
        "journey_stage": "decision",
    }
    assert client.post(address, sent | {"serves": [own.pk, foreign.pk], "seen": form.stored}).status_code == 302
    assert set(campaign.serves.all()) == {own, foreign}
    change = HistoryEntry.objects.filter(verb="change", subject="campaign:CRM-1").latest("id").changes
    assert change == {"kpi": ["conversion rate", "Likes"], "serves": [[], ["other", "own"]]}
    text = client.get(reverse("admin:campaigns_campaign_change", args=[campaign.pk])).content.decode()
    assert "vanity metric</span>" in text
    assert "Customers come back" in text
    assert "is a vanity metric" in text
    # Somebody else's page is older than the goals.
    answer = client.post(address, sent | {"serves": [own.pk], "seen": form.stored})
    assert "Somebody else saved this brief" in answer.content.decode()
    assert client.post(address, sent | {"serves": [retired.pk]}).status_code == 200
    assert set(campaign.serves.all()) == {own, foreign}


def test_goals_that_are_retired_are_kept_and_not_taken_up(crm, campaign, lead):
    goal = DepartmentGoal.objects.create(code="own", name="Own", department=crm)
    planning.change_campaign(campaign=campaign, by=lead, now=make.NOW, serves=[goal])
    DepartmentGoal.objects.update(is_retired=True)
    goal.refresh_from_db()
    planning.change_campaign(campaign=campaign, by=lead, now=make.NOW, serves=[goal], name="Winter")
    assert list(campaign.serves.all()) == [goal]
    planning.change_campaign(campaign=campaign, by=lead, now=make.NOW, serves=[])
    with pytest.raises(ValidationError) as refusal:
        planning.change_campaign(campaign=campaign, by=lead, now=make.NOW, serves=[goal], name="Spring")
    assert refusal.value.message_dict == {"serves": ["“Own” is retired: choose another goal."]}
    with pytest.raises(ValidationError):
        make.make_campaign(crm, "NEW", serves=[goal])
    campaign.refresh_from_db()
    assert (campaign.name, list(campaign.serves.all())) == ("Winter", [])
    assert not Campaign.objects.filter(code="NEW").exists()


def test_which_goals_it_serves_is_not_what_an_approval_signs(crm, campaign, lead):
    goal = DepartmentGoal.objects.create(code="own", name="Own", department=crm)
    make.approve(campaign)
    assert planning.change_campaign(campaign=campaign, by=lead, now=make.NOW, serves=[goal]).status == "approved"


def test_the_api_reads_and_writes_all_of_it(crm, campaign, lead):
    DepartmentGoal.objects.create(code="own", name="Own", department=crm)
    flagged(campaign)
    client, place = client_of(lead), f"/api/v1/campaigns/{campaign.pk}/"
    told = client.get(f"{place}gaps/").json()
    assert told["gaps"] == []
    assert told["warnings"] == [
        {
            "code": "serves_no_goal",
            "offer": None,
            "about": ["serves"],
            "text": "It serves no goal, although Crm has stated what it wants: “Own”.",
            "quote": "",
            "advice": "",
        },
        {
            "code": "exaggeration",
            "offer": "LOUD",
            "about": ["message"],
            "text": "Message: “Unbelievable” exaggerates. Better: say what is good about it.",
            "quote": "Unbelievable",
            "advice": "say what is good about it",
        },
    ]
    changed = client.patch(place, {"serves": ["own"], "kpi": "Me gusta"})
    assert (changed.json()["serves"], changed.json()["known_kpi"]) == (["own"], "likes")
    assert client.patch(place, {"serves": ["nothing"]}).status_code == 400
    assert "vanity metric" in client.get(f"{place}gaps/").json()["gaps"][0]
    assert client.post(f"{place}submit/", {}).status_code == 400
    assert client.get("/api/v1/campaigns/").json()["results"][0]["serves"] == ["own"]
    body = {
        "code": "NEW",
        "name": "New",
        "department": "CRM",
        "serves": ["own"],
        "starts_on": "2027-03-01",
        "ends_on": "2027-03-14",
    }
    assert client.post("/api/v1/campaigns/", body).json()["serves"] == ["own"]


def test_the_list_of_the_api_asks_as_often_for_many_goals(crm, campaign, lead):
    api = client_of(lead)
    with_one = queries_of(api, "/api/v1/campaigns/")
    for number in range(3):
        goal = DepartmentGoal.objects.create(code=f"G{number}", name=f"Goal {number}", department=crm)
        make.make_campaign(crm, serves=[goal])
    assert queries_of(api, "/api/v1/campaigns/") == with_one


def test_self_checks_of_the_api_tell_the_words(campaign, lead):
    offer = flagged(campaign)
    checks = client_of(lead).get(f"/api/v1/offers/{offer.pk}/checks/").json()["self_checks"]
    (one,) = [check for check in checks if check["code"] == "exaggeration"]
    assert (one["severity"], one["about"], one["quote"]) == ("warn", ["message"], "Unbelievable")


def test_known_kpis_are_listed(lead):
    found = {one["code"]: one for one in client_of(lead).get("/api/v1/kpis/").json()["kpis"]}
    assert found["clv"] == {"code": "clv", "name": "Customer lifetime value (CLV)", "is_vanity": False}
    assert found["opens"]["is_vanity"]
