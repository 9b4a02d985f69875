from datetime import timedelta

from approvals.rules.retries import MAX_TRIES, pause_after


def test_pauses_grow_to_a_quarter_of_an_hour_and_end_after_twelve_tries():
    seconds = [pause_after(tries) for tries in range(1, MAX_TRIES)]
    assert seconds == [timedelta(seconds=pause) for pause in (10, 30, 60, 300, *[900] * 7)]
    assert pause_after(MAX_TRIES) is None
