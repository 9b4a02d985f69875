from datetime import timedelta

import pytest

from approvals.rules.retries import MOST_TRIES, is_final, pause_after


def test_pauses_grow_to_a_quarter_of_an_hour_and_never_end():
    seconds = [pause_after(tries) for tries in range(1, 15)]
    assert seconds == [timedelta(seconds=pause) for pause in (10, 30, 60, 300, *[900] * 10)]
    assert pause_after(MOST_TRIES) == timedelta(seconds=900)


@pytest.mark.parametrize(
    ("code", "final"),
    [
        *((code, False) for code in (250, 421, 451, 600)),
        *((code, True) for code in (500, 550, 554, 599)),
        # What a server wants from whoever signs in says nothing of the mail; -1 is no answer at all.
        *((code, False) for code in (530, 534, 535, 538, -1)),
    ],
)
def test_only_a_refusal_of_the_mail_is_final(code, final):
    assert is_final(code) is final
