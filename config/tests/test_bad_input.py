"""What people type by mistake or on purpose, in every field of every form: a clear error, and nothing written."""

import gc
import inspect
from datetime import timedelta

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.forms import UsernameField
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from approvals.models import EscalationPolicy
from approvals.rules.deadlines import LIMITS
from approvals.tests.builders import make_mediator, open_dispute
from campaigns.models import Campaign, Department, Offer
from campaigns.tests import factories as make
from customers import form_fields
from customers.tests.pages import signed_in

pytestmark = pytest.mark.django_db

DAY = timezone.localdate() + timedelta(days=10)
HOUSE = ("approvals", "campaigns", "customers", "auth")


def stored():
    """Every row of the house, but for when somebody signed in."""
    return {
        model._meta.label: [
            {name: value for name, value in row.items() if name != "last_login"}
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in apps.get_models()
        if model._meta.app_label in HOUSE
    }


def department():
    values = {"code": "MKT", "name": "Marketing", "business_unit": "Retail", "value_proposition": "Many"}
    return reverse("admin:campaigns_department_add"), values, make.make_user("root", is_superuser=True)


def channel():
    values = {"code": "mail", "name": "Mail", "capacity_per_day": "5"}
    return reverse("admin:customers_channel_add"), values, make.make_user("root", is_superuser=True)


def person():
    values = {"username": "eva", "first_name": "Eva", "last_name": "Costa", "email": "eva@example.com", "language": ""}
    values |= dict.fromkeys(("password1", "password2"), "correct horse battery")
    return reverse("admin:auth_user_add"), values, make.make_user("root", is_superuser=True)


def policy():
    values = dict.fromkeys(LIMITS, "5") | {"opens_at_level": "high", "hours_to_agree": "24"}
    address = reverse("admin:approvals_escalationpolicy_change", args=[1])
    return address, values, make.make_user("root", is_superuser=True)


def fund():
    days = {"starts_on": DAY.isoformat(), "last_day": DAY.isoformat()}
    values = {"code": "SPRING", "name": "Spring", "amount": "1000"} | days
    return reverse("admin:campaigns_fund_add"), values, make.make_user("root", is_superuser=True)


def placement():
    values = {"code": "TOP", "name": "Top", "page": "home", "slots": "2"}
    return reverse("admin:campaigns_placement_add"), values, make.make_user("root", is_superuser=True)


def protected_scope():
    days = {"starts_on": DAY.isoformat(), "last_day": DAY.isoformat()}
    values = {"name": "Acme", "kind": "minimum_price", "brand": "Acme", "min_price": "5", "reason": "Contract"} | days
    return reverse("admin:campaigns_protectedscope_add"), values, make.make_user("root", is_superuser=True)


def rule():
    values = {"mode": "off", "base": "20", "opens_from": ""}
    address = reverse("admin:campaigns_rulesetting_change", args=["overlap"])
    return address, values, make.make_user("root", is_superuser=True)


def campaign():
    lead = make.lead_of(make.make_department("CRM"))
    values = {
        "code": "CRM-9",
        "name": "Nine",
        "department": Department.objects.get().pk,
        "starts_on": DAY.isoformat(),
        "last_day": DAY.isoformat(),
        "budget": "10",
        "kpi_target": "5",
    }
    return reverse("admin:campaigns_campaign_add"), values, lead


def brief():
    plan = make.make_campaign(make.make_department("CRM"), "CRM-1", starts_on=DAY)
    values = {"name": "One", "starts_on": DAY.isoformat(), "last_day": DAY.isoformat()}
    return reverse("admin:campaigns_campaign_brief", args=[plan.pk]), values, make.lead_of(plan.department)


def offer():
    plan = make.make_campaign(make.make_department("CRM"), "CRM-1", starts_on=DAY)
    values = {
        "code": "CRM-1-A",
        "name": "Ten off",
        "department": plan.department_id,
        "starts_on": DAY.isoformat(),
        "last_day": DAY.isoformat(),
        "mechanic": "percent",
        "percent_off": "10",
        "stackable": "unknown",
    }
    return reverse("admin:campaigns_offer_new", args=[plan.pk]), values, make.lead_of(plan.department)


def amount_off():
    address, values, lead = offer()
    return address, values | {"mechanic": "amount_off", "amount_off": "5"}, lead


def bxgy():
    address, values, lead = offer()
    return address, values | {"mechanic": "bxgy", "buy_quantity": "2", "get_quantity": "1"}, lead


def withdrawal():
    plan = make.make_campaign(make.make_department("CRM"), "CRM-1", starts_on=DAY)
    page = reverse("admin:campaigns_offer_withdraw", args=[make.make_offer(plan).pk])
    return page, {"reason": "No stock"}, make.lead_of(plan.department)


def no_agreement():
    make_mediator()
    dispute = open_dispute()
    return reverse("admin:approvals_case_escalate", args=[dispute.case.pk]), {"reason": "No."}, dispute.leads[0]


def asked(form):
    """A function that posts one wrong value to a form; messages beside the field, and that nothing was written."""
    address, values, user = form()
    client = signed_in(user)
    before = stored()

    def refused(field, typed):
        answer = client.post(address, values | {field: typed})
        assert answer.status_code == 200, f"{field}={typed!r} was taken"
        assert stored() == before
        errors = _errors(answer.context)
        assert set(errors) == {field}
        return list(errors[field])

    return refused


def _errors(context):
    if "adminform" in context:
        return context["adminform"].form.errors
    return context["form"].errors


LINES = {
    department: ["code", "name", "business_unit"],
    channel: ["code", "name"],
    person: ["first_name", "last_name"],
    fund: ["code", "name"],
    placement: ["code", "name", "page"],
    protected_scope: ["name", "brand"],
    campaign: ["code", "name", "kpi"],
    brief: ["name"],
    offer: ["code", "name"],
}
PROSE = {
    department: ["value_proposition"],
    protected_scope: ["reason"],
    campaign: ["what", "who", "where", "how", "goal"],
    brief: ["goal"],
    withdrawal: ["reason"],
    no_agreement: ["reason"],
    offer: ["add_products"],
}
UNSEEN = {
    "a\u200b": "character 2: an invisible character (U+200B ZERO WIDTH SPACE), which is not allowed here: delete it",
    "\u202ea": "character 1: an invisible character (U+202E RIGHT-TO-LEFT OVERRIDE), which is not allowed here: delete it",
    "a\x1bb": "character 2: a control character (U+001B), which is not allowed here: delete it",
    "Z" + "\u0321" * 9: "character 10: more than 8 accents on one letter",
}
BROKEN_LINES = {
    "a\nBcc: b": "character 2: a line break (U+000A), which is not allowed here: delete it",
    "ab\rc": "character 3: a line break (U+000D), which is not allowed here: delete it",
}


@pytest.mark.parametrize("form", [*LINES, withdrawal, no_agreement])
def test_characters_that_nobody_sees_are_refused_in_every_text(form):
    refused = asked(form)
    for field in LINES.get(form, []) + PROSE.get(form, []):
        for typed, message in UNSEEN.items():
            assert refused(field, typed) == [message]


@pytest.mark.parametrize("form", LINES)
def test_lines_do_not_break(form):
    refused = asked(form)
    for field in LINES[form]:
        for typed, message in BROKEN_LINES.items():
            assert refused(field, typed) == [message]


@pytest.mark.parametrize(
    ("form", "field"),
    [(department, "code"), (campaign, "name"), (offer, "name"), (withdrawal, "reason"), (no_agreement, "reason")],
)
def test_text_that_nobody_sees_is_no_text(form, field):
    why = {no_agreement: "Say why: the mediator and the other department read it."}
    refused = asked(form)
    for typed in ("", " \u00a0\u2003 ", "\u3164", "\u0301"):
        assert refused(field, typed) == [why.get(form, "This field is required.")]


@pytest.mark.parametrize(
    ("form", "field"), [(department, "value_proposition"), (campaign, "goal"), (withdrawal, "reason")]
)
def test_texts_have_an_end(form, field):
    size = 2000 if form is withdrawal else 10_000
    assert asked(form)(field, "x" * 1_000_000) == [f"“{'x' * 57}...” has more than {size} characters"]


NOT_WHOLE = [
    ("1_000", "“1_000” is not a whole number, such as 12"),
    ("٣", "“٣” is not a whole number, such as 12"),
    ("１２", "“１２” is not a whole number, such as 12"),
    ("1,5", "“1,5” is not a whole number, such as 12"),
    ("1.5", "“1.5” is not a whole number, such as 12"),
    ("1e9999", "“1e9999” is not a whole number, such as 12"),
    ("NaN", "“NaN” is not a whole number, such as 12"),
    ("true", "“true” is not a whole number, such as 12"),
]
MOST = 2**31 - 1


@pytest.mark.parametrize(
    ("form", "field", "low", "high"),
    [
        (channel, "capacity_per_day", 0, MOST),
        (placement, "slots", 1, 100),
        (rule, "base", 0, 100),
        (policy, "hours_to_agree", 1, 400),
        (policy, "hours_before_start", 0, 720),
        (policy, "hours_to_decide", 1, 400),
        (policy, "minutes_before_opening", 0, 1440),
        (policy, "hours_to_appeal", 0, 100),
        (policy, "equal_outcomes", 2, 20),
        (policy, "hours_to_object", 1, 400),
        (bxgy, "buy_quantity", 1, MOST),
        (bxgy, "get_quantity", 1, MOST),
        (offer, "priority", -32767, 32767),
    ],
)
def test_whole_numbers_are_digits_within_limits(form, field, low, high):
    refused = asked(form)
    for number in (low - 1, high + 1, 10**30):
        assert refused(field, str(number)) == [f"“{number}” is out of range: from {low} to {high}"]
    for typed, message in NOT_WHOLE:
        assert refused(field, typed) == [message]


@pytest.mark.parametrize(
    ("form", "field", "low", "high", "places"),
    [
        (campaign, "budget", "0", "9999999999.99", 2),
        (brief, "budget", "0", "9999999999.99", 2),
        (fund, "amount", "0", "9999999999.99", 2),
        (protected_scope, "min_price", "0", "9999999999.99", 2),
        (campaign, "kpi_target", "-9999999999.9999", "9999999999.9999", 4),
        (offer, "percent_off", "0.01", "100", 2),
        (offer, "margin_floor_pct", "0", "99.99", 2),
        (amount_off, "amount_off", "0.01", "9999999999.99", 2),
    ],
)
def test_decimals_are_digits_within_limits(form, field, low, high, places):
    refused = asked(form)
    range_ = f"is out of range: from {low} to {high}"
    for typed in ("-99999999999", "1" + "0" * 30):
        assert refused(field, typed) == [f"“{typed}” {range_}"]
    if low == "0":
        assert refused(field, "-1") == [f"“-1” {range_}"]
    fine = "0." + "0" * places + "1" if low != "0.01" else "1." + "0" * places + "1"
    assert refused(field, fine) == [f"“{fine}” has more than {places} decimal places"]
    for typed in ("1_000", "٣", "１２", "1,5", "1e9999", "NaN", "Infinity", "true"):
        assert refused(field, typed) == [f"“{typed}” is not a number: digits and a decimal point, such as 12.50"]


@pytest.mark.parametrize("form", [campaign, brief, offer, fund, protected_scope])
@pytest.mark.parametrize("field", ["starts_on", "last_day"])
def test_days_are_iso_days_of_years_to_plan_in(form, field):
    refused = asked(form)
    for typed, message in (
        ("2026-02-30", "“2026-02-30” is no day of any calendar"),
        ("31.12.26", "“31.12.26” is not a day: write year-month-day, such as 2026-11-30"),
        ("12/31/26", "“12/31/26” is not a day: write year-month-day, such as 2026-11-30"),
        ("46356", "“46356” is how a spreadsheet counts days: write year-month-day, such as 2026-11-30"),
        ("0001-01-01", "“0001-01-01” is no year to plan in: from 2000 to 2200"),
        ("9999-12-31", "“9999-12-31” is no year to plan in: from 2000 to 2200"),
        ("", "This field is required."),
    ):
        assert refused(field, typed) == [message]


@pytest.mark.parametrize("form", [campaign, brief])
def test_a_plan_ends_after_it_starts_and_within_two_years(form):
    refused = asked(form)
    before, beyond = DAY - timedelta(days=1), DAY + timedelta(days=732)
    assert refused("last_day", before.isoformat()) == ["The last day is before the first."]
    assert refused("last_day", beyond.isoformat()) == [
        f"from {DAY} to {beyond} is longer than 732 days: check the years"
    ]


@pytest.mark.parametrize(
    ("field", "typed", "other"),
    [
        ("code", "crm", "CRM"),
        ("code", " CRM ", "CRM"),
        ("name", "CAFE\u0301", "Café"),
        ("name", "cafe\u0301 ", "Café"),
    ],
)
def test_departments_differ_in_more_than_letter_case(field, typed, other):
    Department.objects.create(code="CRM", name="Café")
    messages = asked(department)(field, typed)
    assert f"There is “{other}” already." in messages


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("username", "EVA", "A user with that username already exists."),
        ("email", "EVA@Example.com", "This is the address of Eva already."),
    ],
)
def test_people_differ_in_more_than_letter_case(field, typed, message):
    make.make_user("eva")

    def second():
        address, values, user = person()
        return address, values | {"username": "other", "email": "other@example.com"}, user

    assert asked(second)(field, typed) == [message]


def test_people_are_not_renamed_into_each_other():
    make.make_user("eva")
    values = {"username": "other", "email": "other@example.com", "is_active": "on", "language": ""}

    def change():
        address = reverse("admin:auth_user_change", args=[make.make_user("other").pk])
        return address, values, make.make_user("root", is_superuser=True)

    message = "Somebody has this user name already, written in other letters."
    assert asked(change)("username", "EVA") == [message]


def test_text_is_stored_in_one_form():
    address, values, user = department()
    typed = {"code": "CAFE\u0301", "name": "  Cafe\u0301 \u00a0", "value_proposition": "one\r\ntwo"}
    assert signed_in(user).post(address, values | typed).status_code == 302
    (stored,) = Department.objects.values_list("code", "name", "value_proposition")
    assert stored == ("CAF\u00c9", "Caf\u00e9", "one\ntwo")


@pytest.mark.parametrize("name", ["👩\u200d👩\u200d👧 week", "کتاب\u200cها", "क्\u200dष"])
def test_letters_and_emoji_keep_the_joiners_they_need(name):
    address, values, user = campaign()
    assert signed_in(user).post(address, values | {"name": name}).status_code == 302
    assert Campaign.objects.get().name == name


def _forms():
    """Every form of the house: its own classes, and those that the admin makes of models."""
    request = RequestFactory().get("/")
    request.user = make.make_user("root", is_superuser=True)
    for model_admin in admin.site._registry.values():
        if model_admin.has_add_permission(request):
            yield model_admin.get_form(request)
        if model_admin.has_change_permission(request):
            yield model_admin.get_form(request, change=True, obj=model_admin.model())
    gc.collect()
    waiting = [forms.BaseForm]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        own = kind.__module__.split(".")[0] in {"approvals", "campaigns", "customers", "config"}
        if own and inspect.isclass(kind) and ".tests" not in kind.__module__:
            yield kind


READ_BY_THE_RULES = (
    form_fields.LineField,
    form_fields.ProseField,
    form_fields.AddressField,
    form_fields.WholeNumberField,
    form_fields.DecimalNumberField,
    form_fields.DayField,
)


def test_every_field_that_is_typed_into_is_read_by_the_rules():
    open_fields = {
        f"{form.__module__}.{form.__name__}.{name}: {type(field).__name__}"
        for form in _forms()
        for name, field in form.base_fields.items()
        if isinstance(field, forms.CharField | forms.IntegerField | forms.DecimalField | forms.DateField)
        and not isinstance(field, (*READ_BY_THE_RULES, UsernameField))
        and not isinstance(field.widget, forms.PasswordInput)
    }
    assert open_fields == set()


def test_the_policy_of_the_action_has_the_same_limits():
    from django.core.exceptions import ValidationError

    from approvals.actions.policy import change_policy

    root = make.make_user("root", is_superuser=True)
    before = stored()
    for hours in (0, -1, 401, 10**30):
        with pytest.raises(ValidationError) as error:
            change_policy(opens_at_level="high", hours_to_agree=hours, hours_before_start=0, by=root, now=make.NOW)
        assert error.value.message_dict == {"hours_to_agree": [f"“{hours}” is out of range: from 1 to 400"]}
    assert stored() == before
    assert EscalationPolicy.objects.get().hours_to_agree == 18
    assert not Offer.objects.exists()
