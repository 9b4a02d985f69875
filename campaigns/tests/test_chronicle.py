"""What was settled for all plans, as the history tells it."""

import pytest
from django.utils import translation

from campaigns import chronicle
from campaigns.tests.made_up_rules import echo  # noqa: F401 - a fixture
from customers.models import HistoryEntry


def told(subject, changes):
    entry = HistoryEntry(verb="change", subject=subject, changes=changes)
    with translation.override("en"):
        lines = [(one["field"], one["before"], one["after"]) for one in chronicle.changes(entry)]
        return chronicle.subject(entry), lines


@pytest.mark.parametrize(
    ("subject", "words", "changes", "line"),
    [
        ("fund:SPRING", "fund SPRING", {"amount": ["10.00", "20.00"]}, ("amount", "10.00", "20.00")),
        (
            "fund:SPRING",
            "fund SPRING",
            {"ends_before": ["2026-12-01", None]},
            ("last day", "30 Nov 2026", "—"),
        ),
        (
            "combination_policy:LOY + SEA",
            "combination policy LOY + SEA",
            {"decision": ["allow", "deny"]},
            ("decision", "combine", "do not combine"),
        ),
        ("placement:HOME", "placement HOME", {"slots": [1, 2]}, ("slots", "1", "2")),
        ("protected_scope:3", "protected scope 3", {"kind": ["legal", "embargo"]}, ("kind", "Forbidden by law", "Embargo")),
        ("substitution:P-1 → P-2", "substitution P-1 → P-2", {"rate": ["0.3", "0.4"]}, ("rate", "0.3", "0.4")),
        ("campaign:C-1", "campaign C-1", {"joint_group": [None, "SPRING"]}, ("joint group", "—", "SPRING")),
        ("token:7", "API token 7", {"expires_at": [None, "2027-02-25T06:30:00.701Z"]}, ("ends", "—", "25 Feb 2027, 07:30")),
        ("token:7", "API token 7", {"scope": [None, "read"]}, ("may do", "—", "reads")),
        ("person:ada", "person ada", {"language": ["es", "en"]}, ("language", "Spanish", "English")),
        ("policy:1", "escalation policy 1", {"opens_at_level": ["low", "high"]}, ("a case opens from level", "Low", "High")),
        ("rule:echo", "collision rule echo", {"mode": ["on", "report"]}, ("mode", "On", "In observation")),
        ("rule:echo", "collision rule echo", {"opens_from": ["", "high"]}, ("opens a case from", "—", "High")),
        ("rule:echo", "collision rule echo", {"base": ["30", "40"]}, ("base points", "30", "40")),
        ("rule:echo", "collision rule echo", {"echo: window": ["14", "7"]}, ("Between them", "14", "7")),
    ],
)  # fmt: skip
def test_what_was_settled_is_told_in_words(echo, subject, words, changes, line):  # noqa: F811
    assert told(subject, changes) == (words, [line])


def test_amounts_are_written_as_the_reader_writes_them():
    entry = HistoryEntry(verb="change", subject="fund:SPRING", changes={"amount": ["1010.50", "2020.00"]})
    with translation.override("es"):
        assert [(one["before"], one["after"]) for one in chronicle.changes(entry)] == [("1.010,50", "2.020,00")]
