from itertools import combinations

import pytest

from campaigns.rules.codes import ALIKE, SAME, alike, folded, likeness, plain


def test_a_till_sees_neither_case_nor_separators():
    assert plain(" spring-2026 / a_b ") == "SPRING2026AB"
    assert plain("ＳＰＲＩＮＧ") == "SPRING"


def test_people_read_letters_as_digits():
    assert folded("oil-O0") == "01100"


@pytest.mark.parametrize(
    ("one", "two", "how"),
    [
        ("SAVE20", "save-20", SAME),
        ("SAVE20", "SAVE2O", ALIKE),
        ("BILL", "8ILL", ""),
        ("BILL", "BI11", ALIKE),
        ("SPRING", "SPRINT", ALIKE),
        ("SPRING", "SPRINGS", ALIKE),
        ("ASPRING", "SPRING", ALIKE),
        ("SPRING", "SPRINTS", ""),
        ("SPRING", "SRPING", ""),
        ("SPRIN", "SPRINT", ""),  # one of them is short
        ("SAVE1", "SAVE2", ""),
        ("", "", ""),
        ("--", " ", ""),
        ("", "A", ""),
    ],
)
def test_likeness(one, two, how):
    assert likeness(one, two) == how
    assert likeness(two, one) == how


def test_the_shortest_length_can_be_chosen():
    assert likeness("SAVE1", "SAVE2", shortest=5) == ALIKE
    assert likeness("SPRING", "SPRINT", shortest=7) == ""


def test_alike_finds_what_comparing_all_with_all_finds():
    words = [
        "SAVE20",
        "SAVE2O",
        "save20",
        "SAVE21",
        "SAVE210",
        "AVE20",
        "SAEV20",
        "SAVE2",
        "S",
        "s",
        "",
        "-",
        "SAVE200X",
    ]
    codes = dict(enumerate(words, start=1))

    expected = [(a, b, how) for a, b in combinations(codes, 2) if (how := likeness(codes[a], codes[b]))]

    assert len(expected) > 5
    assert list(alike(codes)) == expected
    assert list(alike(dict(reversed(codes.items())))) == expected
