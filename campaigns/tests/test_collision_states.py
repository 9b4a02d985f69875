import pytest

from campaigns.rules.collision_states import when_found, when_missing


@pytest.mark.parametrize("state", [None, "open", "cleared", "past"])
def test_what_is_found_is_open(state):
    assert when_found(state, over=False, same_versions=True, level="low", settled_level="high") == "open"


@pytest.mark.parametrize(
    ("same_versions", "level", "state"),
    [
        (True, "medium", "settled"),
        (True, "low", "settled"),
        (True, "high", "open"),
        (False, "medium", "open"),
        (False, "low", "open"),
    ],
)
def test_what_a_decision_allowed_reopens_when_an_offer_changed_or_it_got_worse(same_versions, level, state):
    found = when_found("settled", over=False, same_versions=same_versions, level=level, settled_level="medium")

    assert found == state


@pytest.mark.parametrize("state", [None, "open", "settled", "cleared", "past"])
def test_what_is_over_is_past(state):
    assert when_found(state, over=True, same_versions=False, level="high", settled_level="low") == "past"


@pytest.mark.parametrize(
    ("state", "over", "becomes"),
    [
        ("open", False, "cleared"),
        ("settled", False, "cleared"),
        ("open", True, "past"),
        ("settled", True, "past"),
        ("past", True, "past"),
        ("cleared", True, "cleared"),
    ],
)
def test_what_is_not_found_ahead_is_cleared_or_past(state, over, becomes):
    assert when_missing(state, over=over, with_past=False) == becomes


@pytest.mark.parametrize("state", ["open", "settled", "past", "cleared"])
def test_what_is_not_found_at_all_is_cleared(state):
    assert when_missing(state, over=True, with_past=True) == "cleared"
