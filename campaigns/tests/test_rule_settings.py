"""How collision rules are set, and by whom."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from campaigns.actions import collisions
from campaigns.actions.rule_settings import set_rule
from campaigns.models import DetectionRun, RuleSetting
from campaigns.queries.rule_settings import Setting, settings_of
from campaigns.rules.collisions import RULES
from campaigns.tests import factories as make
from campaigns.tests.factories import NOW
from campaigns.tests.made_up_rules import echo  # noqa: F401 - a fixture
from customers.models import Event, HistoryEntry

pytestmark = [pytest.mark.django_db, pytest.mark.every_rule]

DEFAULTS = {"base": Decimal(30), "likeness": Decimal("0.8"), "window": Decimal(14)}


@pytest.fixture
def admin():
    return make.make_user("root", is_superuser=True)


@pytest.fixture
def put(admin, echo):  # noqa: F811
    def ask(*, by=admin, **values):
        return set_rule(
            **{"rule": "echo", "mode": "on", "base": None, "options": {}, "opens_from": ""} | values, by=by, now=NOW
        )

    return ask


def state():
    return (
        list(RuleSetting.objects.order_by("rule").values("rule", "mode", "base", "options", "opens_from")),
        HistoryEntry.objects.count(),
        DetectionRun.objects.count(),
    )


def last():
    return HistoryEntry.objects.latest("id")


def test_every_rule_says_what_settings_tell_of_it():
    for rule in RULES:
        assert all(str(text).strip() for text in (rule.NAME, rule.SUMMARY)), rule.CODE
        assert 0 <= rule.BASE <= 100, rule.CODE
        names = [option.name for option in rule.OPTIONS]
        assert len(set(names)) == len(names), rule.CODE
        assert "base" not in names, rule.CODE
        for option in rule.OPTIONS:
            assert option.lowest <= option.default <= option.highest, (rule.CODE, option.name)


def test_without_rows_rules_are_as_their_modules_say(put, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = settings_of()
    assert list(found) == [*(rule.CODE for rule in RULES), "echo"]
    assert found["echo"] == Setting("on", DEFAULTS, "")


def test_what_is_set_is_read_in_one_query(put, django_assert_num_queries):
    set_values = {"mode": "report", "base": 10, "options": {"window": Decimal(7)}, "opens_from": "high"}
    after = put(**set_values)
    put(rule="overlap", mode="off")
    with django_assert_num_queries(1):
        found = settings_of()
    assert found["echo"] == after == Setting("report", DEFAULTS | {"base": 10, "window": 7}, "high")
    assert found["overlap"].mode == "off"


def test_only_what_differs_is_stored_and_history_tells_before_and_after(put):
    put(base=40, options={"likeness": Decimal("0.90"), "window": Decimal(14)})
    assert state()[0] == [{"rule": "echo", "mode": "on", "base": 40, "options": {"likeness": "0.9"}, "opens_from": ""}]
    entry = last()
    assert (entry.actor, entry.verb, entry.subject, entry.changes) == (
        "root",
        "change",
        "rule:echo",
        {"base": ["30", "40"], "echo: likeness": ["0.8", "0.9"]},
    )
    put(base=40, mode="off", opens_from="critical")
    assert last().changes == {
        "mode": ["on", "off"],
        "opens_from": ["", "critical"],
        "echo: likeness": ["0.9", "0.8"],
    }


def test_a_rule_set_back_to_its_module_has_no_row(put):
    put(mode="off")
    put(base=30, options={"likeness": Decimal("0.80"), "window": None})
    assert not RuleSetting.objects.exists()
    assert last().changes == {"mode": ["off", "on"]}


def test_nothing_different_means_nothing_written(put):
    put()
    assert state() == ([], 0, 0)
    put(options={"window": Decimal(7)})
    DetectionRun.objects.all().delete()
    before = state()
    put(options={"window": Decimal("7.00")})
    assert state() == before


@pytest.mark.parametrize(
    "values", [{"mode": "off"}, {"base": 1}, {"options": {"window": Decimal(1)}}, {"opens_from": "low"}]
)
def test_every_change_asks_for_a_detection(put, values):
    put(**values)
    assert DetectionRun.objects.get().started_at is None
    assert DetectionRun.objects.get().requested_by.username == "root"


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"rule": "none"}, {"rule": ["There is no rule “none”."]}),
        ({"mode": "loud"}, {"mode": ["Value 'loud' is not a valid choice."]}),
        ({"base": 101}, {"base": ["“101” is out of range: from 0 to 100"]}),
        ({"opens_from": "worst"}, {"opens_from": ["Value 'worst' is not a valid choice."]}),
        ({"opens_from": "note"}, {"opens_from": ["What is only noted opens no case: choose a higher level."]}),
        ({"options": {"volume": Decimal(1)}}, {"options": ["The rule has no such number: volume."]}),
        (
            {"options": {"likeness": Decimal(2), "window": Decimal("1.5")}},
            {
                "options": [
                    "How alike they are: “2” is out of range: from 0.5 to 1",
                    "Between them: “1.5” has more than 0 decimal places",
                ]
            },
        ),
    ],
)
def test_what_a_rule_cannot_be_set_to_changes_nothing(put, values, errors):
    put(mode="off")
    before = state()
    with pytest.raises(ValidationError) as error:
        put(**values)
    assert error.value.message_dict == errors
    assert state() == before


def test_nobody_else_sets_rules(put):
    people = (make.make_analyst(), make.lead_of(make.make_department()))
    before = state()
    for person in people:
        with pytest.raises(PermissionDenied):
            put(by=person, mode="off")
    assert state() == before


def test_a_number_that_the_rule_no_longer_knows_or_allows_counts_as_unset(put):
    RuleSetting.objects.create(rule="echo", options={"likeness": "0.1", "volume": "3", "window": "7"})
    RuleSetting.objects.create(rule="gone", mode="off")
    found = settings_of()
    assert found["echo"].options == DEFAULTS | {"window": 7}
    assert "gone" not in found


def test_with_another_level_for_cases_everybody_hears_again_of_what_the_rule_found(put):
    pair = make.make_colliding_pair()
    collisions.refresh_due(now=NOW)
    Event.objects.all().delete()
    put(rule="overlap", mode="report")
    assert not Event.objects.exists()
    put(rule="overlap", mode="report", opens_from="low")
    told = Event.objects.get(topic="collisions.changed").payload["pairs"]
    assert told == [[offer.campaign_id for offer in sorted(pair, key=lambda offer: offer.code)]]
