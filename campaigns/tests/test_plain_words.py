from campaigns.rules.phrases import Phrases
from campaigns.rules.self_checks import WARN
from campaigns.rules.self_checks.plain_words import NEVER, Text, Watched, check

LISTED = Phrases(
    [
        ("unbelievabl*", Watched("exaggeration", "say what is good about it")),
        ("synerg*", Watched("jargon", "what is gained")),
        ("selected products", Watched("unclear")),
    ]
)
OWN = Phrases([("cheap*", Watched(NEVER, department="CRM"))])


def told(*texts, lists=(OWN, LISTED)):
    return list(check([Text(field, field.title(), text) for field, text in texts], *lists))


def test_each_kind_quotes_the_words_where_they_stand():
    found = told(
        ("name", "UNBELIEVABLE tea"),
        ("message", "Synergies on selected products. Cheapest tea!"),
    )
    assert [(one.code, one.severity, one.fields, one.quote, one.advice) for one in found] == [
        ("exaggeration", WARN, ("name",), "UNBELIEVABLE", "say what is good about it"),
        ("never_word", WARN, ("message",), "Cheapest", ""),
        ("jargon", WARN, ("message",), "Synergies", "what is gained"),
        ("unclear", WARN, ("message",), "selected products", ""),
    ]
    assert [one.text for one in found] == [
        "Name: “UNBELIEVABLE” exaggerates. Better: say what is good about it.",
        "Message: “Cheapest” is a word that CRM never uses.",
        "Message: “Synergies” is jargon. Better: what is gained.",
        "Message: “selected products” is unclear.",
    ]


def test_the_same_words_are_told_once_for_each_field():
    found = told(("name", "synergy, Synergy and synergies"), ("message", "synergy"))
    assert [(one.fields, one.quote) for one in found] == [
        (("name",), "synergy"),
        (("name",), "synergies"),
        (("message",), "synergy"),
    ]


def test_plain_texts_and_signs_of_percent_are_left_alone():
    assert told(("name", "Tea, 20 % off"), ("message", ""), lists=(LISTED,)) == []
    (one,) = told(("name", "100 % synergy %(field)s"))
    assert one.quote == "synergy"
