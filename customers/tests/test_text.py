"""Characters that nobody sees, forms of one letter, and what real scripts and emoji need."""

import pytest

from customers.rules.text import WrongText, folded, one_line, prose, shown

PERSIAN = "کتاب\u200cها"
FAMILY = "👩\u200d👩\u200d👧"
KSHA = "क्\u200dष"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Spring", "Spring"),
        ("  Spring\u00a0\u3000", "Spring"),
        ("Spring\r\n", "Spring"),
        ("cafe\u0301", "caf\u00e9"),
        ("", ""),
        (" \u00a0\u2003", ""),
        ("\u3164", ""),
        ("\u2800\u2800", ""),
        ("\u0301", ""),
        ("\ufe0f", ""),
        (FAMILY, FAMILY),
        ("👩🏽\u200d🚒", "👩🏽\u200d🚒"),
        ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",) * 2,
        (PERSIAN, PERSIAN),
        (KSHA, KSHA),
        ("שָׁלוֹם ไม่ใช่ Ελλάδα 日本", "שָׁלוֹם ไม่ใช่ Ελλάδα 日本"),
        ("' OR 1=1--", "' OR 1=1--"),
    ],
)
def test_text_is_kept_in_one_form(typed, kept):
    assert one_line(typed, size=200) == prose(typed) == kept


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("a\x00b", "character 2: a control character (U+0000), which is not allowed here: delete it"),
        ("a\x7f", "character 2: a control character (U+007F), which is not allowed here: delete it"),
        ("a\x1bb", "character 2: a control character (U+001B), which is not allowed here: delete it"),
        (
            "\u200b",
            "character 1: an invisible character (U+200B ZERO WIDTH SPACE), which is not allowed here: delete it",
        ),
        (
            "ab\u202ecd",
            "character 3: an invisible character (U+202E RIGHT-TO-LEFT OVERRIDE), which is not allowed here: delete it",
        ),
        (
            "\ufeffcode",
            "character 1: an invisible character (U+FEFF ZERO WIDTH NO-BREAK SPACE), which is not allowed here: delete it",
        ),
        (
            "so\u00adft",
            "character 3: an invisible character (U+00AD SOFT HYPHEN), which is not allowed here: delete it",
        ),
        (
            "CR\u200dM",
            "character 3: an invisible character (U+200D ZERO WIDTH JOINER), which is not allowed here: delete it",
        ),
        (
            "CR\u200cM",
            "character 3: an invisible character (U+200C ZERO WIDTH NON-JOINER), which is not allowed here: delete it",
        ),
        (
            "👩\u200d",
            "character 2: an invisible character (U+200D ZERO WIDTH JOINER), which is not allowed here: delete it",
        ),
        ("a\ud83d", "character 2: half of a character (U+D83D), which is not allowed here: delete it"),
        ("a\uffff", "character 2: an invisible character (U+FFFF), which is not allowed here: delete it"),
        ("a\u2028b", "character 2: a line break (U+2028), which is not allowed here: delete it"),
        ("Z" + "\u0321" * 9, "character 10: more than 8 accents on one letter"),
    ],
)
def test_refused_in_every_text(typed, message):
    for clean in (one_line, prose):
        with pytest.raises(WrongText) as refused:
            clean(typed, size=200)
        assert refused.value.message == message


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("a\nBcc: b", "character 2: a line break (U+000A), which is not allowed here: delete it"),
        ("a\rb", "character 2: a line break (U+000D), which is not allowed here: delete it"),
        ("a\tb", "character 2: a tab (U+0009), which is not allowed here: delete it"),
    ],
)
def test_lines_belong_into_prose_alone(typed, message):
    with pytest.raises(WrongText) as refused:
        one_line(typed, size=200)
    assert (refused.value.code, refused.value.message) == ("character", message)
    assert prose(typed) == typed.replace("\r", "\n")


def test_prose_ends_its_lines_in_one_way_and_names_the_line_of_an_error():
    assert prose("one\r\ntwo\rthree\n") == "one\ntwo\nthree"
    with pytest.raises(WrongText, match=r"^line 2, character 3: a control character \(U\+0007\), which"):
        prose("one\ntw\x07o")


@pytest.mark.parametrize("letter", ["x", "e\u0301", "\u0321"])
def test_length_is_counted_after_composing_and_before_any_work(letter):
    assert len(one_line("e\u0301" * 200, size=200)) == 200
    with pytest.raises(WrongText) as refused:
        one_line(letter * 10_000_000, size=200)
    assert refused.value.code == "too_long"
    assert refused.value.message.endswith(" has more than 200 characters")
    with pytest.raises(WrongText, match="has more than 200 characters"):
        one_line("x" * 201, size=200)


def test_folding_sees_the_same_name_in_two_spellings():
    assert folded("Cafe\u0301 ") == folded(" CAF\u00c9") == "caf\u00e9"
    assert folded("STRASSE") == folded("straße")


def test_quoting_shows_what_nobody_would_see():
    assert shown("a\u202eb") == "a\\u202eb"
    assert shown("x" * 100) == "x" * 57 + "..."
