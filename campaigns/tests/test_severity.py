import math
from fractions import Fraction

import pytest

from campaigns.rules.severity import CAPS, LEVELS, RANK, has_risen, level_of, severity, weigh


def test_severity_of_a_half_a_quarter_and_a_quarter():
    found = severity(25, 100, 400, 50, 200, 500, 5, 10, 30)

    # 15 + 30 · 0.25 + 20 · ∛(0.25 · 0.25 · 0.5)
    assert (found.score, found.level) == (29, "low")
    assert (found.base_points, found.impact_points) == (15, 7.5)
    assert found.exposure == pytest.approx(0.315, abs=0.0005)
    assert found.exposure_points == pytest.approx(6.3, abs=0.005)


def test_severity_is_highest_when_one_offer_contains_the_other():
    assert severity(3, 3, 9, 40, 40, 90, 5, 5, 365).score == 65


def test_severity_is_symmetric():
    assert severity(3, 7, 9, 20, 100, 90, 5, 10, 8) == severity(3, 9, 7, 20, 90, 100, 5, 8, 10)


def test_severity_on_a_border_rounds_up():
    # 15 + 30 / 4 + 20 · ∛(1/8) = 32.5
    assert severity(1, 4, 4, 1, 2, 2, 3, 3, 3).score == 33


@pytest.mark.parametrize(
    ("products", "customers", "score", "level"),
    [((107, 180), (20, 321), 40, "medium"), ((1327, 1380), (349920, 701983), 60, "high")],
)
def test_severity_on_the_border_of_a_level_is_exact(products, customers, score, level):
    (shared, all_products), (people, audience) = products, customers
    impact = shared / all_products
    as_floats = 15 + 30 * impact + 20 * math.cbrt(impact * people / audience) + 0.5
    assert math.floor(as_floats) == score - 1, "rounding errors no longer matter here: look for other numbers"

    found = severity(shared, all_products, all_products, people, audience, audience, 1, 1, 1)

    assert (found.score, found.level) == (score, level)


@pytest.mark.parametrize(
    ("score", "level"),
    [(15, "low"), (39, "low"), (40, "medium"), (59, "medium"), (60, "high"), (79, "high"), (80, "critical")],
)
def test_level_of_a_score(score, level):
    assert level_of(score) == level


def test_a_level_rises_only_upwards():
    assert has_risen("high", "medium")
    assert not has_risen("medium", "medium")
    assert not has_risen("low", "critical")


def test_weigh_is_the_general_form_of_severity():
    parts = (Fraction(1, 4), Fraction(1, 4), Fraction(1, 2))
    assert weigh(base=15, impact=Fraction(1, 4), parts=parts) == severity(25, 100, 400, 50, 200, 500, 5, 10, 30)


@pytest.mark.parametrize(
    ("parts", "score"), [((), 50), ((Fraction(1, 2),), 40), ((Fraction(1, 4), Fraction(1)), 40), ((Fraction(0),), 30)]
)
def test_exposure_is_the_geometric_mean_of_any_number_of_parts(parts, score):
    assert weigh(base=30, impact=Fraction(0), parts=parts).score == score


def test_parts_beyond_one_count_as_one():
    assert weigh(base=30, impact=Fraction(3, 2), parts=(Fraction(7, 5),)).score == 80


@pytest.mark.parametrize(("certainty", "most"), [("exact", 100), ("estimated", 79), ("heuristic", 59)])
def test_numbers_that_are_less_sure_score_less(certainty, most):
    assert weigh(base=90, impact=Fraction(1), parts=(), certainty=certainty).score == most == CAPS[certainty]


def test_levels_in_order_and_note_is_the_lowest():
    assert [name for _, name in LEVELS] == ["critical", "high", "medium", "low", "note"]
    assert [level_of(score) for score in (100, 80, 79, 60, 59, 40, 39, 15, 14, 0)] == [
        "critical", "critical", "high", "high", "medium", "medium", "low", "low", "note", "note",
    ]  # fmt: skip
    assert sorted(RANK, key=RANK.__getitem__) == ["note", "low", "medium", "high", "critical"]
