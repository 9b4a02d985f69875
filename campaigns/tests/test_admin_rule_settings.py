"""The table of collision rules, and the page on which one is set."""

import html
from decimal import Decimal

import pytest

from campaigns.models import DetectionRun, RuleSetting
from campaigns.queries.rule_settings import Setting, settings_of
from campaigns.rules.collisions import RULES
from campaigns.tests import factories as make
from campaigns.tests.made_up_rules import echo  # noqa: F401 - a fixture
from customers.models import HistoryEntry
from customers.tests.pages import queries_of, signed_in

pytestmark = [pytest.mark.every_rule, pytest.mark.django_db, pytest.mark.usefixtures("echo")]

LIST = "/admin/campaigns/rulesetting/"
ECHO = f"{LIST}echo/change/"
SENT = {"mode": "on", "base": "30", "option_likeness": "0.8", "option_window": "14", "opens_from": ""}


@pytest.fixture
def client():
    return signed_in(make.make_user("root", is_superuser=True))


def test_all_rules_stand_in_one_table(client):
    text = html.unescape(client.get(LIST).content.decode())
    for rule in RULES:
        assert str(rule.NAME) in text
        assert str(rule.SUMMARY) in text
    assert "How alike they are: 0.8" in text
    assert "Between them: 14 days" in text
    assert ECHO in text
    assert "as delivered" not in text


def test_what_differs_is_shown_with_what_was_delivered(client):
    RuleSetting.objects.create(rule="echo", mode="report", base=45, options={"window": "7"}, opens_from="high")
    text = " ".join(client.get(LIST).content.decode().split())
    assert "In observation" in text
    assert '45<span class="c-minor">as delivered: 30</span>' in text
    assert 'Between them: 7 days<span class="c-minor">as delivered: 14 days</span>' in text
    assert "High" in text


def test_an_administrator_sets_a_rule(client):
    form = client.get(ECHO).context["form"]
    assert {name: form[name].value() for name in SENT} == {
        "mode": "on",
        "base": 30,
        "option_likeness": "0.8",
        "option_window": "14",
        "opens_from": "",
    }
    sent = {"mode": "report", "base": "20", "option_likeness": "0.95", "option_window": "", "opens_from": "critical"}
    answer = client.post(ECHO, sent)
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    options = {"base": Decimal(20), "likeness": Decimal("0.95"), "window": Decimal(14)}
    assert settings_of()["echo"] == Setting("report", options, "critical")
    assert HistoryEntry.objects.get(subject="rule:echo").actor == "root"
    assert DetectionRun.objects.filter(started_at=None).count() == 1


def test_emptied_numbers_are_as_delivered_again(client):
    RuleSetting.objects.create(rule="echo", base=45, options={"window": "7"})
    client.post(ECHO, SENT | {"base": "", "option_window": "", "option_likeness": ""})
    assert not RuleSetting.objects.exists()


def test_ranges_and_defaults_stand_beside_the_fields(client):
    form = client.get(ECHO).context["form"]
    assert form["base"].help_text == "From 0 to 100. As delivered: 30, also when left empty."
    assert form["option_likeness"].help_text == "From 0.5 to 1. As delivered: 0.8, also when left empty."
    assert str(form["option_window"].label) == "Between them (days)"


@pytest.mark.parametrize(
    ("sent", "field", "message"),
    [
        ({"base": "101"}, "base", "“101” is out of range: from 0 to 100"),
        ({"option_likeness": "0.4"}, "option_likeness", "“0.4” is out of range: from 0.5 to 1"),
        ({"option_window": "1.5"}, "option_window", "“1.5” has more than 0 decimal places"),
        (
            {"option_window": "ten"},
            "option_window",
            "“ten” is not a number: digits and a decimal point, such as 12.50",
        ),
        ({"mode": ""}, "mode", "This field is required."),
        ({"opens_from": "note"}, "opens_from", "Select a valid choice. note is not one of the available choices."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(client, sent, field, message):
    answer = client.post(ECHO, SENT | sent)
    assert answer.context["form"].errors == {field: [message]}
    assert not RuleSetting.objects.exists()
    assert not HistoryEntry.objects.exists()


def test_a_rule_that_somebody_else_set_meanwhile_is_not_overwritten(client):
    seen = client.get(ECHO).context["form"]["seen"].value()
    client.post(ECHO, SENT | {"base": "20", "seen": seen})
    answer = client.post(ECHO, SENT | {"base": "40", "seen": seen})
    assert "Somebody else saved this" in answer.content.decode()
    assert settings_of()["echo"].options["base"] == 20


def test_everybody_reads_how_rules_are_set_and_nobody_else_sets_one():
    for person in (make.lead_of(make.make_department("CRM")), make.make_analyst()):
        client = signed_in(person)
        assert "Echo" in client.get(LIST).content.decode()
        text = client.get(ECHO).content.decode()
        assert "How alike they are" in text
        assert 'name="seen"' not in text
        assert client.post(ECHO, SENT | {"mode": "off"}).status_code == 403
    assert not RuleSetting.objects.exists()


@pytest.mark.parametrize("code", ["nothing", "²", "1", "echo/x"])
def test_a_rule_that_does_not_exist_is_not_found(client, code):
    assert client.get(f"{LIST}{code}/change/").status_code == 404


def test_rules_are_neither_added_nor_removed(client):
    RuleSetting.objects.create(rule="echo", base=45)
    assert client.get(f"{LIST}add/").status_code == 403
    for pk in ("echo", RuleSetting.objects.get().pk):
        assert client.post(f"{LIST}{pk}/delete/", {"post": "yes"}).status_code in {302, 403, 404}
    assert RuleSetting.objects.exists()


def test_the_table_asks_as_many_questions_for_one_row_as_for_many(client):
    RuleSetting.objects.create(rule="echo", base=45)
    with_one = queries_of(client, LIST)
    RuleSetting.objects.create(rule="overlap", base=45)
    RuleSetting.objects.create(rule="gone", base=45)
    assert queries_of(client, LIST) == with_one
