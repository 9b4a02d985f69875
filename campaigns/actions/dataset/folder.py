"""A dataset folder as tables in DuckDB: one per file, every cell as text, every row with its number."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from campaigns.actions.dataset.problems import Problems, Progress

_DTYPES: dict[str, Any] = {"BIGINT": "int64", "VARCHAR": object, "DATE": object}


@dataclass
class Folder:
    """The tables that could be read. `con` holds each as a table of its name: `line` (the row as people count) and text.

    `broken` names the tables whose rows did not all arrive, so that nothing is said about references to them.
    """

    path: Path
    con: Any
    progress: Progress
    files: dict[str, Path]
    digest: str
    problems: Problems = field(default_factory=Problems)
    warnings: list[str] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def has(self, table: str, *columns: str) -> bool:
        return table in self.columns and set(columns) <= set(self.columns[table])

    def rows_of(self, table: str) -> int:
        return int(self.one(f'SELECT count(*) FROM "{table}"'))

    def one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        return self.con.execute(sql, values).fetchone()[0]

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return list(self.con.execute(sql, values).fetchall())

    def stream(self, sql: str, size: int = 5000, values: Sequence[Any] = ()) -> Iterator[list[tuple[Any, ...]]]:
        """Rows in pieces; other statements may run in between."""
        cursor = self.con.cursor()
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(size):
            yield rows
        cursor.close()

    def keep(self, name: str, columns: dict[str, str], batches: Iterable[Sequence[Sequence[Any]]]) -> None:
        """Make a table of rows that come from elsewhere; `columns` are names and types (VARCHAR, DATE, BIGINT).

        They enter as arrays: as parameters of a statement a million rows would take minutes.
        """
        self.con.execute(f"CREATE OR REPLACE TABLE {name} ({', '.join(map(' '.join, columns.items()))})")
        cells = ", ".join(f"CAST({column} AS {kind})" for column, kind in columns.items())
        for rows in batches:
            if not rows:
                continue
            arrays = {
                column: np.array([row[place] if kind == "BIGINT" else str(row[place]) for row in rows], _DTYPES[kind])
                for place, (column, kind) in enumerate(columns.items())
            }
            self.con.register("arrays", arrays)
            self.con.execute(f"INSERT INTO {name} SELECT {cells} FROM arrays")
            self.con.unregister("arrays")
