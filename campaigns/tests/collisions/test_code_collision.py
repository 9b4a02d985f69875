from datetime import date, timedelta

import pytest

from campaigns.rules.collisions import code_collision as rule
from campaigns.tests.collisions.plans import DAY, check_symmetric, check_told, found, offer, only, plan


def two(code="SPRING", other="SPRING", *, days_between=None, **facts):
    """Two offers with these codes on the same ten days, or the second one `days_between` days after the first."""
    starts_on = DAY if days_between is None else DAY + timedelta(days=10 + days_between)
    return plan(offer(1, redemption_code=code), offer(2, redemption_code=other, **{"starts_on": starts_on} | facts))


def test_the_same_code_on_the_same_days_scores_100():
    finding = only(rule, two("SPRING-26", "spring26"))

    assert (finding.severity.score, finding.severity.level) == (100, "critical")
    assert (finding.offers, finding.key) == ((1, 2), "")
    assert (finding.starts_on, finding.ends_before) == (date(2026, 5, 1), date(2026, 5, 11))
    assert finding.levers[0] == "rename_code"


def test_a_code_that_looks_alike_scores_65():
    assert only(rule, two("SPRING26", "SPRING28")).severity.score == 65
    assert only(rule, two("SAVE20", "SAVE2O")).severity.score == 65


@pytest.mark.parametrize(("code", "other"), [("SPRING", "AUTUMN"), ("SAVE1", "SAVE2"), ("", ""), ("SPRING", "")])
def test_other_codes_are_silent(code, other):
    assert found(rule, two(code, other)) == []


def test_the_exposure_is_the_shared_part_of_the_shorter_one():
    # 55 + 30 + 20 · 5/10
    assert only(rule, two(starts_on=DAY + timedelta(days=5), days=20)).severity.score == 95


@pytest.mark.parametrize(("days_between", "scores"), [(0, [100]), (89, [100]), (90, []), (400, [])])
def test_a_code_is_not_free_before_its_last_offer_is_long_over(days_between, scores):
    assert [one.severity.score for one in found(rule, two(days_between=days_between))] == scores


def test_without_a_shared_day_the_later_offer_shows_it():
    finding = only(rule, two(days_between=20))

    assert (finding.starts_on, finding.ends_before) == (date(2026, 5, 31), date(2026, 6, 10))


def test_quiet_days_and_length_and_points_can_be_set():
    assert found(rule, two(days_between=0), quiet_days=0) == []
    assert len(found(rule, two(), quiet_days=0)) == 1
    assert found(rule, two("SPRING26", "SPRING28"), shortest=9) == []
    assert only(rule, two("SPRING26", "SPRING28"), base_alike=10).severity.score == 45
    assert only(rule, two(), base=10).severity.score == 60


def test_neither_channels_nor_audiences_nor_products_separate_codes():
    apart = plan(
        offer(1, redemption_code="SPRING", channels=[1], customers=[1], products=[1]),
        offer(2, redemption_code="SPRING", channels=[2], customers=[2], products=[2]),
        pairs=[],
    )

    assert len(found(rule, apart)) == 1


@pytest.mark.parametrize("facts", [{"campaign": 7}, {"joint_group": "easter"}])
def test_offers_that_are_one_plan_may_share_a_code(facts):
    offers = [offer(number, redemption_code="SPRING", **facts) for number in (1, 2)]

    assert found(rule, plan(*offers)) == []


def test_one_department_has_its_own_codes_twice_too():
    assert len(found(rule, two(department=1))) == 1


def test_offers_without_a_campaign_are_not_one_plan():
    offers = [offer(number, redemption_code="SPRING", campaign=0) for number in (1, 2)]

    assert len(found(rule, plan(*offers))) == 1


def test_sides_and_kinds_of_sets_do_not_matter():
    check_symmetric(
        rule,
        plan(
            offer(1, redemption_code="SPRING"),
            offer(3, redemption_code="SPRINT", days=5),
            offer(2, redemption_code="spring", starts_on=DAY + timedelta(days=30)),
        ),
    )


@pytest.mark.parametrize(
    ("the_plan", "text"),
    [
        (
            two(),
            (
                "Offer 1 (Department 1) and Offer 2 (Department 2) both ask for the code SPRING."
                " Both are valid from 1 May 2026 to 10 May 2026."
            ),
        ),
        (
            two("SPRING", "spring", days_between=1),
            (
                "The code SPRING of Offer 1 (Department 1) and spring of Offer 2 (Department 2) are one to a till."
                " Only 1 day lies between them, and customers still have the old code."
            ),
        ),
        (
            two("SAVE20", "SAVE2O", days_between=0),
            (
                "The code SAVE20 of Offer 1 (Department 1) is easily mistaken for SAVE2O of Offer 2 (Department 2)."
                " One begins on the day after the other ends, while customers still have the old code."
            ),
        ),
    ],
)
def test_it_is_told_in_words(the_plan, text):
    assert check_told(rule, only(rule, the_plan)) == text
