"""The faults that are tried, each in the module of the server or process that it hits."""

from e2e.faults.scenarios import broker, clocks, database, mail, workers

FAULTS = sorted(
    [*workers.FAULTS, *broker.FAULTS, *database.FAULTS, *mail.FAULTS, *clocks.FAULTS],
    key=lambda fault: int(fault.code.removeprefix("F")),
)
