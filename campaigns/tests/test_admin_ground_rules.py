"""The pages on which the house keeps what it has settled for all plans."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from campaigns.models import (
    AddedActivity,
    AnnouncedPrice,
    Campaign,
    CombinationClass,
    CombinationPolicy,
    DetectionRun,
    Fund,
    FundDraw,
    JointGroup,
    Placement,
    ProtectedScope,
    Substitution,
)
from campaigns.tests import factories as make
from campaigns.tests import settled
from campaigns.tests.factories import DAY
from customers.models import HistoryEntry
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

EVERY = pytest.mark.parametrize("kind", settled.KINDS, ids=lambda kind: kind.__name__)
LAST = (DAY + timedelta(days=29)).isoformat()


@pytest.fixture
def admin():
    return make.make_user("root", is_superuser=True)


@pytest.fixture
def lead():
    return make.lead_of(make.make_department("CRM"))


def page(kind, name, *args):
    return reverse(f"admin:campaigns_{kind._meta.model_name}_{name}", args=args)


def stored(kind, **fields):
    row = settled.KINDS[kind](**fields)
    row.save()
    return row


def posted(kind):
    """What the form of a new row is sent, and what is then stored."""
    days = {"starts_on": DAY.isoformat(), "last_day": LAST}
    match kind.__name__:
        case "CombinationClass" | "JointGroup":
            return {"code": "LOY", "name": "Loyalty"}, {"code": "LOY", "name": "Loyalty"}
        case "AddedActivity":
            return {"code": "WIN", "name": "Dress the window"}, {"code": "WIN", "name": "Dress the window"}
        case "CombinationPolicy":
            low, high = settled.stored_class().pk, settled.stored_class().pk
            sent = {"low": high, "high": low, "decision": "allow"}
            return sent, {"low_id": low, "high_id": high, "decision": "allow"}
        case "Placement":
            sent = {"code": "TOP", "name": "Top", "page": "home", "slots": "2"}
            return sent, sent | {"slots": 2}
        case "Fund":
            sent = {"code": "SPRING", "name": "Spring", "amount": "1000.50"} | days
            return sent, {"code": "SPRING", "amount": Decimal("1000.50"), **settled.DAYS}
        case "Substitution":
            product, substitute = make.make_product().pk, make.make_product().pk
            sent = {"product": product, "substitute": substitute, "rate": "0.3", "source": ""}
            return sent, {"product_id": product, "substitute_id": substitute, "rate": Decimal("0.300")}
        case "ProtectedScope":
            category = make.make_category().pk
            sent = {"name": "Wine", "kind": "minimum_price", "category": category, "min_price": "5", "is_hard": "on"}
            return sent | days, {"category_id": category, "min_price": 5, "is_hard": True, **settled.DAYS}
        case "AnnouncedPrice":
            product = make.make_product().pk
            return {"product": product, "price": "9.99"} | days, {"product_id": product, "price": Decimal("9.99")}


@EVERY
def test_administrators_add_a_row(kind, admin):
    sent, expected = posted(kind)
    client = signed_in(admin)
    assert client.get(page(kind, "add")).status_code == 200
    answer = client.post(page(kind, "add"), sent)
    assert (answer.status_code, answer["Location"]) == (302, page(kind, "changelist"))
    (row,) = kind.objects.values()
    assert {name: row[name] for name in expected} == expected
    assert HistoryEntry.objects.get(verb="add").actor == "root"


CHANGES = {
    CombinationClass: ({"name": "Other"}, "name", "Other"),
    CombinationPolicy: ({"decision": "deny"}, "decision", "deny"),
    JointGroup: ({"name": "Other"}, "name", "Other"),
    AddedActivity: ({"name": "Other", "is_retired": "on"}, "is_retired", True),
    Placement: ({"name": "Other", "page": "", "slots": "3"}, "slots", 3),
    Fund: ({"name": "Other", "amount": "5", "starts_on": DAY.isoformat(), "last_day": LAST}, "amount", 5),
    Substitution: ({"rate": "0.5", "source": "x"}, "rate", Decimal("0.500")),
    ProtectedScope: (
        {"name": "O", "kind": "embargo", "brand": "Other", "starts_on": DAY.isoformat(), "last_day": LAST},
        "brand",
        "Other",
    ),
    AnnouncedPrice: ({"price": "5", "starts_on": DAY.isoformat(), "last_day": LAST}, "price", 5),
}


@EVERY
def test_administrators_change_and_remove_a_row(kind, admin):
    row = stored(kind)
    sent, field, value = CHANGES[kind]
    client = signed_in(admin)
    address = page(kind, "change", row.pk)
    assert client.get(address).status_code == 200
    assert client.post(address, sent).status_code == 302
    assert getattr(kind.objects.get(), field) == value
    remove = page(kind, "delete", row.pk)
    assert client.get(remove).status_code == 200
    assert kind.objects.exists()
    assert client.post(remove)["Location"] == page(kind, "changelist")
    assert not kind.objects.exists()
    assert list(HistoryEntry.objects.order_by("id").values_list("verb", flat=True)) == ["change", "remove"]


@EVERY
def test_everybody_reads_and_who_may_not_changes_nothing(kind, lead):
    row = stored(kind)
    sent, _field, _value = CHANGES[kind]
    new, _expected = posted(kind)
    before = list(kind.objects.values())
    client = signed_in(lead)
    assert page(kind, "change", row.pk) in client.get(page(kind, "changelist")).content.decode()
    shown = client.get(page(kind, "change", row.pk)).content.decode()
    assert str(row) in shown
    assert 'name="seen"' not in shown
    assert client.post(page(kind, "change", row.pk), sent).status_code == 403
    assert client.get(page(kind, "add")).status_code == 403
    assert client.post(page(kind, "add"), new).status_code == 403
    for ask in (client.get, client.post):
        assert ask(page(kind, "delete", row.pk)).status_code == 403
    assert list(kind.objects.values()) == before
    assert not HistoryEntry.objects.filter(actor=lead.username).exists()


@EVERY
def test_analysts_keep_what_is_measured_and_nothing_else(kind):
    sent, _expected = posted(kind)
    answer = signed_in(make.make_analyst()).post(page(kind, "add"), sent)
    assert (answer.status_code, kind.objects.count()) == ((302, 1) if kind in CHANGES_BY_ANALYSTS else (403, 0))


CHANGES_BY_ANALYSTS = {Substitution, AnnouncedPrice}


@EVERY
def test_an_empty_list_says_what_it_is_for(kind, admin):
    client = signed_in(admin)
    text = client.get(page(kind, "changelist")).content.decode()
    model_admin = client.get(page(kind, "changelist")).context["cl"].model_admin
    assert str(model_admin.intro) in text
    assert str(model_admin.empty_first) in text
    stored(kind)
    assert str(model_admin.empty_found) in client.get(page(kind, "changelist"), {"q": "zzz"}).content.decode()


@EVERY
def test_lists_ask_as_many_questions_for_one_row_as_for_many(kind, admin):
    client = signed_in(admin)
    stored(kind)
    with_one = queries_of(client, page(kind, "changelist"))
    for _ in range(2):
        stored(kind)
    assert queries_of(client, page(kind, "changelist")) == with_one
    assert client.get(page(kind, "changelist")).context["cl"].result_count == 3


@EVERY
def test_what_does_not_exist_is_not_found(kind, admin):
    client = signed_in(admin)
    for pk in (987654, "x", "²", "9" * 30):
        for name in ("change", "delete"):
            assert client.get(page(kind, name, pk)).status_code == 404


@pytest.mark.parametrize(
    ("kind", "sent", "field", "message"),
    [
        (Fund, {"last_day": "2026-11-01"}, "last_day", "The last day is before the first."),
        (Fund, {"amount": "-1"}, "amount", "“-1” is out of range: from 0 to 9999999999.99"),
        (Placement, {"slots": "101"}, "slots", "“101” is out of range: from 1 to 100"),
        (Substitution, {"rate": "1.5"}, "rate", "“1.5” is out of range: from 0 to 1"),
        (ProtectedScope, {"brand": "Acme"}, "__all__", "Name one: a brand, a category or a product."),
        (AnnouncedPrice, {"product": ""}, "product", "This field is required."),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_wrong_stands_beside_its_field(kind, sent, field, message, admin):
    values, _expected = posted(kind)
    answer = signed_in(admin).post(page(kind, "add"), values | sent)
    assert answer.status_code == 200
    assert answer.context["form"].errors == {field: [message]}
    assert message in answer.content.decode()
    assert not kind.objects.exists()


@pytest.mark.parametrize("kind", [CombinationPolicy, Substitution, AnnouncedPrice, CombinationClass])
def test_what_is_there_already_is_said(kind, admin):
    sent, _expected = posted(kind)
    client = signed_in(admin)
    client.post(page(kind, "add"), sent)
    answer = client.post(page(kind, "add"), sent)
    (messages,) = answer.context["form"].errors.values()
    assert "already" in messages[0]
    assert kind.objects.count() == 1


def test_a_row_that_somebody_else_saved_meanwhile_is_not_overwritten(admin):
    row = stored(Fund)
    client = signed_in(admin)
    address = page(Fund, "change", row.pk)
    seen = client.get(address).context["form"]["seen"].value()
    sent = CHANGES[Fund][0]
    assert client.post(address, sent | {"amount": "7", "seen": seen}).status_code == 302
    answer = client.post(address, sent | {"amount": "9", "seen": seen})
    assert "Somebody else saved this" in answer.content.decode()
    assert Fund.objects.get().amount == 7
    assert client.post(address, sent | {"amount": "9", "seen": answer.context["form"]["seen"].value()})
    assert Fund.objects.get().amount == 9


def test_what_is_in_use_says_by_whom_and_stays(admin):
    fund = stored(Fund)
    FundDraw.objects.create(offer=make.make_offer(make.make_campaign(), "O-1"), fund=fund, amount=1)
    client = signed_in(admin)
    text = client.get(page(Fund, "delete", fund.pk)).content.decode()
    assert "1 offer names it: O-1." in text
    assert 'type="submit" class="c-button c-button--danger"' not in text
    answer = client.post(page(Fund, "delete", fund.pk), follow=True)
    assert "1 offer names it: O-1. It can be removed once nothing names it." in answer.content.decode()
    assert Fund.objects.get() == fund


def test_days_are_shown_with_the_last_one_included(admin):
    fund = stored(Fund)
    client = signed_in(admin)
    assert "2 Nov – 1 Dec 2026" in client.get(page(Fund, "changelist")).content.decode()
    form = client.get(page(Fund, "change", fund.pk)).context["form"]
    assert form["last_day"].value().isoformat() == LAST


def test_products_are_found_by_typing(admin):
    product = make.make_product("P-1", name="Rioja")
    client = signed_in(admin)
    for app, model, field in (
        ("campaigns", "substitution", "substitute"),
        ("campaigns", "announcedprice", "product"),
        ("campaigns", "protectedscope", "product"),
    ):
        asked = {"app_label": app, "model_name": model, "field_name": field, "term": "rioja"}
        found = client.get("/admin/autocomplete/", asked).json()["results"]
        assert [one["id"] for one in found] == [str(product.pk)]


# Joint groups of campaigns


def group_page(campaign):
    return reverse("admin:campaigns_campaign_joint_group", args=[campaign.pk])


def campaign_page(campaign):
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])


def test_administrators_put_a_campaign_into_its_group(admin):
    campaign, group = make.make_campaign(code="C-1"), stored(JointGroup)
    client = signed_in(admin)
    assert group_page(campaign) in client.get(campaign_page(campaign)).content.decode()
    assert client.get(group_page(campaign)).status_code == 200
    answer = client.post(group_page(campaign), {"group": group.pk})
    assert answer["Location"] == campaign_page(campaign)
    assert Campaign.objects.get().joint_group == group
    assert DetectionRun.objects.filter(started_at=None).exists()
    assert group.name in client.get(campaign_page(campaign)).content.decode()
    assert "C-1" in client.get(page(JointGroup, "change", group.pk)).content.decode()
    client.post(group_page(campaign), {"group": ""})
    assert Campaign.objects.get().joint_group is None


def test_nobody_else_puts_a_campaign_into_a_group(lead):
    campaign, group = make.make_campaign(make.make_department("MKT", members=[lead])), stored(JointGroup)
    Campaign.objects.update(joint_group=group)
    client = signed_in(make.lead_of(campaign.department))
    text = client.get(campaign_page(campaign)).content.decode()
    assert group.name in text
    assert group_page(campaign) not in text
    for ask in (client.get, lambda address: client.post(address, {"group": ""})):
        assert ask(group_page(campaign)).status_code == 403
    assert Campaign.objects.get().joint_group == group


def test_a_group_shows_each_reader_the_campaigns_that_they_see(lead):
    group = stored(JointGroup)
    mine = make.make_campaign(make.make_department("MKT", lead=lead), "C-mine")
    make.make_campaign(code="C-foreign")
    Campaign.objects.update(joint_group=group)
    text = signed_in(lead).get(page(JointGroup, "change", group.pk)).content.decode()
    assert ("C-mine" in text, "C-foreign" in text) == (True, False)
    assert campaign_page(mine) in text
    nobody = signed_in(make.make_analyst()).get(page(JointGroup, "change", group.pk)).content.decode()
    assert "C-mine" not in nobody


def test_a_campaign_that_is_over_joins_no_group(admin):
    campaign, group = make.make_campaign(), stored(JointGroup)
    Campaign.objects.update(status="ended")
    client = signed_in(admin)
    assert group_page(campaign) not in client.get(campaign_page(campaign)).content.decode()
    answer = client.post(group_page(campaign), {"group": group.pk})
    assert "is over" in answer.content.decode()
    assert Campaign.objects.get().joint_group is None


def test_forms_say_the_currency_and_show_a_dash_where_nothing_is_chosen(admin, settings):
    text = signed_in(admin).get(page(ProtectedScope, "add")).content.decode()
    assert f"Minimum price ({settings.CURRENCY})" in text
    assert "---------" not in text
