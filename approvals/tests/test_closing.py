import pytest
from django.utils import translation

from approvals.rules.closing import Cause, kind_of, store, words


@pytest.mark.parametrize(
    ("verb", "changed", "kind"),
    [
        ("change", {"starts_on": 1, "name": 1}, "dates"),
        ("change", {"products taken out": 1}, "products"),
        ("change", {"categories target include": 1}, "products"),
        ("change", {"audience exclude": 1}, "audience"),
        ("change", {"channels": 1}, "channels"),
        ("change", {"percent_off": 1}, "offer"),
        ("withdraw", {}, "withdrawn"),
        ("cancel", {"status": 1}, "status"),
    ],
)
def test_an_edit_is_called_by_what_it_changed(verb, changed, kind):
    assert kind_of(verb, changed) == kind


def test_the_words_are_made_when_they_are_read():
    stored = store(Cause("dates", "Marketing", "CJ12"))
    with translation.override("en"):
        assert words(stored) == "Marketing changed the dates of CJ12."
        assert words(store(Cause("past"))) == "The days that both campaigns shared are over."
        assert words(store(Cause("unheard of"))) == words(store(Cause("data")))


def test_other_text_stays_as_it_is():
    assert words("Said by hand.") == "Said by hand."
    assert words('{"a": 1}') == '{"a": 1}'
    assert words("") == ""
