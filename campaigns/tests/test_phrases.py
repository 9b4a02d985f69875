import time

import pytest

from campaigns.rules.phrases import Phrases, fold, words_of, wrong_phrase


def found(text, *phrases):
    return [(one.quote, one.means) for one in Phrases((phrase, phrase) for phrase in phrases).find(text)]


def test_whole_words_in_any_case_with_or_without_accents():
    assert found("INCREÍBLE, increible e Increíble", "increíble") == [
        ("INCREÍBLE", "increíble"),
        ("increible", "increíble"),
        ("Increíble", "increíble"),
    ]
    assert found("a roicorp with heroic prose", "roi") == []
    assert found("roi", "ROI") == [("roi", "ROI")]


def test_enye_is_a_letter_and_other_accents_are_not():
    assert found("todo el ano", "año") == []
    assert found("todo el an\u0303o y el AÑO", "año") == [("an\u0303o", "año"), ("AÑO", "año")]
    assert fold("Ñandú") == "ñandu"
    assert fold("“São”".strip("“”")) == "sao"


def test_a_star_stands_for_every_ending():
    text = "increíbles, increíblemente y un milagroso milagro"
    assert [quote for quote, _means in found(text, "increíbl*", "milagro*")] == [
        "increíbles",
        "increíblemente",
        "milagroso",
        "milagro",
    ]
    assert found("unbelievable", "believ*") == []
    assert found("believ", "believ*") == [("believ", "believ*")]


def test_phrases_of_several_words_and_the_longest_counts():
    assert found("The best in the world is the best.", "the best", "the best in the world") == [
        ("The best in the world", "the best in the world"),
        ("the best", "the best"),
    ]
    assert found("state of the art and State-of-the-Art", "state-of-the-art") == [
        ("state of the art", "state-of-the-art"),
        ("State-of-the-Art", "state-of-the-art"),
    ]
    assert found("cross selling", "cross-sell*") == [("cross selling", "cross-sell*")]
    assert found("the  best", "the best") == [("the  best", "the best")]
    assert found("world’s best", "world's best") == [("world’s best", "world's best")]


@pytest.mark.parametrize("text", ["This is the. Best wishes", "the\nbest", "the; best", "¿the? ¡best!", "the: best"])
def test_what_stands_in_two_sentences_is_no_phrase(text):
    assert found(text, "the best") == []


def test_none_overlaps_another_and_the_first_meaning_counts():
    assert found("a b c", "a b", "b c") == [("a b", "a b")]
    assert [one.means for one in Phrases([("Roi", 1), ("ROI", 2)]).find("roi")] == [1]
    assert found("anything", "", "…") == []


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("", "Give a word."),
        ("*", "Give a word."),
        ("…", "Give a word."),
        ("a b c d e f g h i", "at most 8 words"),
        ("be*st", "only at the end"),
        ("best *", "only at the end"),
        ("best**", "only at the end"),
        ("be*", "at least 3 letters"),
        ("the be*", "at least 3 letters"),
        ("bes*", ""),
        ("100 % guaranteed", ""),
    ],
)
def test_what_can_be_looked_for(phrase, message):
    told = wrong_phrase(phrase)
    assert message in told
    assert bool(told) == bool(message)


def test_words_of_a_phrase():
    assert words_of("World’s BEST, 100 % él*") == ["world's", "best", "100", "el"]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        "the " * 50_000,
        "the best in the " * 12_000,
        "increíbl" * 25_000,
        "a\u0301" * 100_000,
        ". " * 100_000,
    ],
)
def test_the_time_grows_with_the_text_alone(text):
    phrases = Phrases(
        (phrase, phrase)
        for phrase in (
            *("the best in the world of all times", "the best", "increíblemente*", "a" * 90 + "*"),
            *(f"word{n} other*" for n in range(5000)),
        )
    )
    started = time.process_time()
    list(phrases.find(text))
    assert time.process_time() - started < 5
