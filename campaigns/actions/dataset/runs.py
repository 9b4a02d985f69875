"""The row that says how far the writing of a folder has come."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from campaigns.actions.dataset.problems import Progress
from campaigns.choices import ImportState
from campaigns.models import ImportRun
from customers.actions import heartbeats
from customers.actions.turns import Turns

LOCK = "import"

# Where an unfinished run keeps what only its continuation needs.
RESUME = "resume"


class TakenOver(Exception):
    """Another worker goes on with this run: this one was silent for too long and must write nothing more."""


def held(row: ImportRun) -> QuerySet[ImportRun]:
    """The row as long as nobody took it over from whoever read it."""
    return ImportRun.objects.filter(pk=row.pk, tries=row.tries)


@dataclass
class Run:
    """One folder content being written. Pieces are saved together with how far they got, so that none is done twice."""

    row: ImportRun
    now: datetime
    progress: Progress
    at: dict[str, int] = field(default_factory=dict)
    new_campaigns: dict[str, str] = field(default_factory=dict)
    turns: Turns = field(default_factory=Turns)

    def is_done(self, step: str) -> bool:
        return step in self.row.tables_done

    @contextmanager
    def piece(self, step: str, upto: int, of: int) -> Iterator[Callable[[str, dict[str, int]], None]]:
        """One transaction, alone among imports. Gives a function to count rows with: (table, {"created": 3}).

        Raises:
            TakenOver: and nothing of the piece is written.
        """
        counted: list[tuple[str, dict[str, int]]] = []
        with transaction.atomic():
            heartbeats.lock(LOCK)
            yield lambda table, counts: counted.append((table, counts))
            for table, counts in counted:
                sums = self.row.rows.setdefault(table, {})
                for what, count in counts.items():
                    sums[what] = sums.get(what, 0) + count
            self.at[step] = upto
            self._save()
        self.turns.pass_on()
        self.progress(step, upto, of)

    def pieces(self, step: str, of: int, size: int) -> Iterator[tuple[int, int]]:
        """The pieces [start, end) that are still to be written."""
        start = self.at.get(step, 0)
        while start < of:
            yield start, min(start + size, of)
            start += size

    def adopt(self, codes: Collection[str]) -> set[str]:
        """Those of `codes` that an interrupted import of other content made and did not finish: new here as well."""
        adopted: set[str] = set()
        for other in ImportRun.objects.filter(finished_at__isnull=True).exclude(pk=self.row.pk):
            theirs = _resume(other.rows)["new_campaigns"]
            if mine := theirs.keys() & set(codes):
                adopted |= mine
                for code in mine:
                    del theirs[code]
                other.rows[RESUME] = _resume(other.rows) | {"new_campaigns": theirs}
                other.save(update_fields=["rows"])
        return adopted

    def finish_step(self, step: str) -> None:
        self.row.tables_done.append(step)
        self._save()

    def _save(self) -> None:
        self.row.rows[RESUME] = {"at": self.at, "new_campaigns": self.new_campaigns}
        self._write("rows", "tables_done")

    def _write(self, *columns: str) -> None:
        if not held(self.row).update(**{name: getattr(self.row, name) for name in columns}):
            raise TakenOver

    def finish(self) -> dict[str, dict[str, int]]:
        """Close the run; to be called in the transaction that also tells of it. Returns the counts per table."""
        self.row.rows.pop(RESUME, None)
        self.row.finished_at, self.row.state = self.now, ImportState.FINISHED
        self._write("rows", "finished_at", "state")
        return self.counts

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        return {table: counts for table, counts in self.row.rows.items() if table != RESUME}

    @property
    def changed_anything(self) -> bool:
        return any(count for counts in self.counts.values() for what, count in counts.items() if what != "unchanged")


@transaction.atomic
def start(
    *, source: str, digest: str, now: datetime, progress: Progress, by: int | None = None, row: ImportRun | None = None
) -> Run:
    """Begin to write a folder, or go on with the same content where an interrupted run stopped.

    `row` is the run that waited with an upload; `by` the key of whoever imports otherwise. Any other interrupted run
    must begin anew when it is run again: what it has written may be overwritten now.
    """
    heartbeats.lock(LOCK)
    for other in ImportRun.objects.filter(state=ImportState.WRITING).exclude(digest=digest):
        other.tables_done, other.rows = [], {RESUME: _resume(other.rows) | {"at": {}}}
        other.save(update_fields=["tables_done", "rows"])
    begun = ImportRun.objects.filter(digest=digest, state=ImportState.WRITING).first()
    if row is None:
        values = {"source": source[:500], "digest": digest, "started_at": now, "requested_by_id": by}
        row = begun or ImportRun.objects.create(**values)
    else:
        if begun and begun.pk != row.pk:
            row.tables_done, row.rows = begun.tables_done, begun.rows
            begun.delete()
        row.digest, row.state = digest, ImportState.WRITING
        row.save(update_fields=["digest", "state", "tables_done", "rows"])
    return Run(row, now, progress, **_resume(row.rows))


def _resume(rows: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = rows.get(RESUME, {})
    return {"at": {}, "new_campaigns": {}} | kept
