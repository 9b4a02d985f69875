"""What a scenario is: a fault, what is measured, and the protection without which it must do harm."""

from collections.abc import Callable
from dataclasses import dataclass, field

from approvals.rules.retries import LEASE
from e2e.faults.house import ANY, DUE, NONE, House


@dataclass
class Play:
    """`house` is where it happens; `is_long` asks for the outages of the table, else they are short.

    `numbers` is what was measured, for the table.
    """

    house: House
    is_long: bool
    numbers: list[str] = field(default_factory=list)

    def measure(self, what: str, value: float, *, at_most: float, unit: str = "s") -> None:
        """Keep a number; fail if it is more than the bar."""
        shown = f"{value:.1f}" if isinstance(value, float) else str(value)
        self.numbers.append(f"{what} {shown} {unit}".strip())
        assert value <= at_most, f"{what}: {shown} {unit}, the bar is {at_most}"

    def drained(self, what: str, *, at_most: float) -> None:
        """All news is handled within the bar. A mail whose sender died is sent again when its lease is over: that takes
        a minute, for which only the long form waits.
        """
        self.measure(what, self.house.quiet(within=at_most, mails=NONE), at_most=at_most)
        self.house.quiet(within=LEASE.total_seconds() + self.next_sweep, mails=ANY if self.is_long else DUE)

    @property
    def next_sweep(self) -> float:
        """Seconds within which whatever was lost on the way is done: one sweep and time to work."""
        return self.house.sweep + 10


@dataclass(frozen=True)
class Fault:
    """`without` names the protection that its control lacks (see sabotage.py); `is_short`: part of every `make test`."""

    code: str
    title: str
    bar: str
    play: Callable[[Play], None]
    without: str
    is_short: bool = False
