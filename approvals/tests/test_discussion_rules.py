import pytest

from approvals.rules.discussion import Standing, may_speak, mentioned


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing(), False),
        (Standing(letters=frozenset("I")), False),
        (Standing(letters=frozenset("C")), True),
        (Standing(letters=frozenset("R")), True),
        (Standing(letters=frozenset("A")), True),
        (Standing(letters=frozenset("CI")), True),
        (Standing(letters=frozenset("I"), is_member=True), True),
        (Standing(is_contact=True), True),
        (Standing(mediates=True), True),
    ],
)
def test_who_gives_an_opinion_speaks_and_who_is_told_reads(standing, expected):
    assert may_speak(standing) is expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ana", ["ana"]),
        ("Ask @ana, @pep.roca and @ana.", ["ana", "pep.roca"]),
        ("(@ana) @ana! @ana? “@ana”", ["ana"]),
        ("@lucía\n@j_b-c+1", ["lucía", "j_b-c+1"]),
        ("write to ana@example.com", []),
        ("@", []),
        ("@ ana @. @@", []),
        ("@Ana", ["Ana"]),
    ],
)
def test_mentions_are_names_after_a_sign(text, names):
    assert mentioned(text) == names
