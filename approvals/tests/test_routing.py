"""Whose approval a plan needs, and what votes bring: the rule alone, people as numbers."""

from decimal import Decimal

import pytest

from approvals.rules.routing import (
    ALWAYS,
    APPROVE,
    AUDIENCE,
    BUDGET,
    CHANGES,
    COMMENT,
    DISCOUNT,
    READER,
    Plan,
    Rule,
    Vote,
    deadlocks,
    exceeded,
    parts_of,
    requirements,
    standing,
)

A, LEAD, SECOND, TRADE, BOSS, ANSWERS = 1, 2, 3, 4, 5, 6
OWN, THEIRS = "offers:CRM", "offers:TRADE"
LEADS = {"CRM": [A, SECOND], "TRADE": [TRADE]}


def plan(**changes):
    facts = {
        "department": "CRM",
        "sections": {"brief": "b1", OWN: "o1"},
        "accountable": A,
        "leads": LEADS,
        "authors": {"brief": {A}, OWN: {A}},
    }
    return Plan(**facts | changes)


def vote(person, section, *parts, decision=APPROVE, is_current=True):
    return Vote(person, section, decision, parts, is_current)


def everywhere(one, person, *parts, **how):
    return [vote(person, section, *parts, **how) for section in one.sections]


def keys(one, rules=()):
    return {found.key: (found.sections, set(found.people)) for found in requirements(one, rules)}


def test_the_a_agrees_to_all_of_it():
    assert keys(plan()) == {"accountable:1": (("brief", OWN), {A})}


def test_each_other_department_agrees_to_the_brief_and_its_own_offers():
    with_offers = plan(sections={"brief": "b", OWN: "o", THEIRS: "t"}, concerned={"CRM", "TRADE"})
    assert keys(with_offers)["department:TRADE"] == (("brief", THEIRS), {TRADE})
    assert "department:CRM" not in keys(with_offers)
    merely_doing = plan(concerned={"TRADE"})
    assert keys(merely_doing)["department:TRADE"] == (("brief",), {TRADE})


def test_who_answers_for_an_activity_agrees_to_the_brief():
    assert keys(plan(activities={ANSWERS, A})) == {
        "accountable:1": (("brief", OWN), {A}),
        "activity:6": (("brief",), {ANSWERS}),
    }


@pytest.mark.parametrize(
    ("measure", "above", "facts", "applies"),
    [
        (ALWAYS, 0, {}, True),
        (AUDIENCE, 1000, {"audience": 1001}, True),
        (AUDIENCE, 1000, {"audience": 1000}, False),
        (AUDIENCE, 1000, {}, False),
        (BUDGET, 500, {"budget": Decimal("500.01")}, True),
        (BUDGET, 500, {"budget": Decimal(500)}, False),
        (BUDGET, 0, {"budget": None}, False),
        (DISCOUNT, 30, {"discount": Decimal("30.5")}, True),
        (DISCOUNT, 30, {"discount": Decimal(30)}, False),
    ],
)
def test_rules_apply_above_their_measure(measure, above, facts, applies):
    rules = [Rule("7", measure, Decimal(above), BOSS)]
    assert bool(exceeded(plan(**facts), rules)) is applies
    assert ("rule:7" in keys(plan(**facts), rules)) is applies


def test_a_rule_of_one_department_leaves_the_others_alone():
    rules = [Rule("7", ALWAYS, Decimal(0), BOSS, department="TRADE")]
    assert exceeded(plan(), rules) == []
    assert len(exceeded(plan(department="TRADE"), rules)) == 1


def test_each_exceeded_rule_asks_for_one_more_reader():
    big = plan(audience=5000, budget=Decimal(10))
    rules = [Rule("1", AUDIENCE, Decimal(1000), BOSS), Rule("2", ALWAYS, Decimal(0), SECOND)]
    assert standing(big, rules, []).needed == 2
    assert standing(big, rules[1:], []).needed == 1


def test_nobody_is_complete_by_their_own_word():
    one = plan()
    mine = everywhere(one, A, "accountable:1")
    found = standing(one, [], mine)
    assert (found.missing, dict(found.unread)) == ((), {"brief": 1, OWN: 1})
    assert not found.is_complete
    found = standing(one, [], [*mine, *everywhere(one, SECOND, READER)])
    assert found.is_complete


def test_what_somebody_wrote_is_not_read_by_them_whatever_their_vote_says():
    one = plan(authors={"brief": {A, SECOND}, OWN: {A}})
    votes = [*everywhere(one, A, "accountable:1"), *everywhere(one, SECOND, READER)]
    assert dict(standing(one, [], votes).unread) == {"brief": 1}


def test_an_a_who_wrote_nothing_is_a_reader_too():
    one = plan(authors={"brief": {LEAD}, OWN: {LEAD}})
    assert parts_of(one, [], "brief", [A]) == ("accountable:1", READER)
    assert standing(one, [], everywhere(one, A, "accountable:1", READER)).is_complete


def test_votes_of_one_person_count_once():
    one = plan(audience=5000, authors={"brief": {LEAD}, OWN: {LEAD}})
    rules = [Rule("1", AUDIENCE, Decimal(1000), BOSS)]
    votes = everywhere(one, BOSS, "rule:1", READER)
    assert dict(standing(one, rules, votes + votes).unread) == {"brief": 1, OWN: 1}


def test_a_vote_on_what_a_section_no_longer_says_does_not_count():
    one = plan(authors={})
    kept = vote(SECOND, "brief", READER)
    fallen = vote(SECOND, OWN, READER, is_current=False)
    assert dict(standing(one, [], [kept, fallen]).unread) == {OWN: 1}


def test_who_asks_for_changes_stops_it_and_who_comments_does_not():
    one = plan(authors={})
    votes = [*everywhere(one, A, "accountable:1"), *everywhere(one, SECOND, READER)]
    assert standing(one, [], [*votes, vote(LEAD, "brief", decision=COMMENT)]).is_complete
    found = standing(one, [], [*votes, vote(TRADE, "brief", READER, decision=CHANGES)])
    assert (found.objections, found.is_complete) == (("brief",), False)


def test_a_new_a_has_to_agree_as_well():
    votes = [*everywhere(plan(), A, "accountable:1"), *everywhere(plan(), SECOND, READER)]
    found = standing(plan(accountable=LEAD), [], votes)
    assert [missing.requirement.key for missing in found.missing] == ["accountable:2"]


def test_whoever_stands_in_speaks_for_the_other_but_not_about_what_they_wrote():
    one = plan(concerned={"TRADE"}, authors={"brief": {LEAD}, OWN: set()})
    assert parts_of(one, [], "brief", [BOSS]) == ()
    assert parts_of(one, [], "brief", [BOSS, TRADE]) == ("department:TRADE", READER)
    assert parts_of(one, [], "brief", [LEAD, TRADE]) == ("department:TRADE",)


def test_what_nobody_can_approve_is_told():
    everybody = {A, LEAD, SECOND, TRADE, BOSS}
    assert deadlocks(plan(), [], everybody) == []
    assert deadlocks(plan(leads={"CRM": [A]}), [], everybody) == [(READER, "brief"), (READER, OWN)]
    assert deadlocks(plan(), [], everybody - {SECOND}) == [(READER, "brief"), (READER, OWN)]
    assert ("department:MKT", "") in deadlocks(plan(concerned={"MKT"}), [], everybody)
    assert ("accountable:None", "") in deadlocks(plan(accountable=None), [], everybody)
    rules = [Rule("1", ALWAYS, Decimal(0), BOSS)]
    assert ("rule:1", "") in deadlocks(plan(), rules, everybody - {BOSS})
