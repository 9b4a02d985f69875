"""Whatever breaks: nothing accepted is lost, nothing happens twice. And without its protection each fault does harm.

Nothing is mocked: PostgreSQL, Valkey, a mail server, workers, beat and gunicorn run as they do in production, with
proxies between them. docs/reliability.md explains the table.
"""

import time

import pytest

from e2e.faults.fault import Play
from e2e.faults.scenarios import FAULTS

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
def test_nothing_is_lost_and_nothing_doubled(fault, opened, table, is_long):
    if not (is_long or fault.is_short):
        pytest.skip("part of `make faults`")
    row = table.setdefault(fault, {})
    row["verdict"] = "FAILED"
    play = Play(opened(sweep=5 if is_long else 3), is_long=is_long)
    row["numbers"] = play.numbers
    begun = time.monotonic()
    fault.play(play)
    play.house.judge()
    row["verdict"] = f"holds ({time.monotonic() - begun:.0f} s)"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
def test_without_its_protection_it_does_harm(fault, opened, table, is_long):
    """A test that passes with the protection removed would prove nothing."""
    if not is_long:
        pytest.skip("part of `make faults`")
    row = table.setdefault(fault, {})
    row["control"] = "passes: the test proves nothing"
    play = Play(opened(sweep=5, without=fault.without), is_long=False)

    def try_it():
        fault.play(play)
        play.house.judge()

    with pytest.raises(AssertionError) as harm:
        try_it()
    row["control"] = "fails as it must: " + (str(harm.value) or "no reason given").splitlines()[0][:120]
