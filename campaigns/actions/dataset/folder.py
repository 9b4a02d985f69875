"""A dataset folder opened in DuckDB: one table per file, every cell as text, every row with its number."""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
from django.utils.translation import gettext as _

from campaigns.actions.dataset import lines
from campaigns.actions.dataset.problems import Problems, Progress, shown
from campaigns.rules.dataset import NOT_YET, TABLES, Table

MEMORY = "512MB"

# Spaces of all kinds around a cell mean nothing. The rest of a cell is compared in one Unicode form (NFC).
_SPACES = " \t\r\n\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"

_DTYPES: dict[str, Any] = {"BIGINT": "int64", "VARCHAR": object, "DATE": object}

_CSV = "delim = ',', quote = '\"', escape = '\"', header = true, auto_detect = false, nullstr = '', max_line_size = 40000000"


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
            arrays = {  # noqa: F841 - the statement below reads it by name
                column: np.array([row[place] if kind == "BIGINT" else str(row[place]) for row in rows], _DTYPES[kind])
                for place, (column, kind) in enumerate(columns.items())
            }
            self.con.execute(f"INSERT INTO {name} SELECT {cells} FROM arrays")


@contextmanager
def opened(path: Path, progress: Progress = lambda step, done, of: None) -> Iterator[Folder]:
    """Read every table of a folder; what is wrong with files, headers and rows stands in `problems`."""
    with TemporaryDirectory(prefix="concordia-import-") as work:
        con = duckdb.connect(str(Path(work) / "dataset.duckdb"))
        try:
            # A file in the folder must never make DuckDB fetch an extension from the network.
            con.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
            con.execute(f"SET memory_limit = '{MEMORY}'; SET temp_directory = '{work}'; SET TimeZone = 'UTC'")
            folder = Folder(path, con, progress, *_find(path))
            _name_the_unexpected(folder)
            for table, file in folder.files.items():
                _read(folder, TABLES[table], file, Path(work))
            yield folder
        finally:
            con.close()


def _find(path: Path) -> tuple[dict[str, Path], str]:
    """The files of known tables, in the order of the format, and a digest of their content."""
    files: dict[str, Path] = {}
    digest = hashlib.sha256()
    for table in TABLES:
        for suffix in ("csv", "parquet"):
            file = path / f"{table}.{suffix}"
            if file.is_file():
                files.setdefault(table, file)
                digest.update(f"{file.name}\0{file.stat().st_size}\0".encode())
                with file.open("rb") as content:
                    while block := content.read(1 << 20):
                        digest.update(block)
    return files, digest.hexdigest()


def _name_the_unexpected(folder: Folder) -> None:
    """Two files for one table, tables for later, tables that nobody knows, no table at all."""
    for file in sorted(folder.path.iterdir()):
        if file.suffix.lower() not in (".csv", ".parquet") or not file.is_file():
            continue
        if file.stem in NOT_YET:
            text = _("this table is not supported yet: take %(file)s out of the folder")
            folder.problems.add(file.stem, 0, "", text % {"file": file.name})
        elif file.stem not in TABLES or file.suffix != file.suffix.lower():
            text = _("%(file)s is no table of the format and was not read; tables are %(tables)s")
            folder.warnings.append(text % {"file": file.name, "tables": ", ".join(TABLES)})
        elif folder.files[file.stem] != file:
            text = _("both %(one)s and %(two)s are there: keep one of them")
            folder.problems.add(file.stem, 0, "", text % {"one": folder.files[file.stem].name, "two": file.name})
    if not folder.files and not folder.problems.count:
        text = _("no table in this folder: expected files such as campaigns.csv or offers.parquet")
        folder.problems.add(folder.path.name, 0, "", text)


def _read(folder: Folder, table: Table, file: Path, work: Path) -> None:
    before = folder.problems.count
    columns = (_read_csv if file.suffix == ".csv" else _read_parquet)(folder, table, file, work)
    if columns is not None:
        folder.columns[table.name] = columns
    if columns is None or folder.problems.count > before:
        folder.broken.add(table.name)


def _read_csv(folder: Folder, table: Table, file: Path, work: Path) -> list[str] | None:
    looked = lines.look(file, table.name, folder.problems, lambda row: folder.progress(f"read {table.name}", row, 0))
    if looked is None:
        return None
    header = [name.strip() for name in looked.header]
    known = _check_header(folder.problems, table, header)
    if known is None:
        return None
    # Columns that are wrong keep a place, so that the others are read all the same.
    places = [name if known.get(name) == number else f"_{number}" for number, name in enumerate(header)]
    if not looked.is_clean or not _took(folder, table, file, places, list(known), looked.rows):
        again = _rewritten(file, work / f"{table.name}.csv", len(header))
        _create(folder, table, list(known), _csv_source(["_line", *places]), "CAST(_line AS BIGINT)", str(again))
    return list(known)


def _took(folder: Folder, table: Table, file: Path, places: list[str], known: list[str], rows: int) -> bool:
    """Let DuckDB read a file as it is; False if it does not see the rows that the spreadsheet sees."""
    try:
        _create(folder, table, known, _csv_source(places), "row_number() OVER () + 1", str(file))
    except duckdb.Error:
        return False
    return folder.rows_of(table.name) == rows


def _csv_source(columns: list[str]) -> str:
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
    return f"read_csv(?, {_CSV}, columns = {{{types}}})"


def _rewritten(file: Path, to: Path, width: int) -> Path:
    """The good rows alone, each with its number."""
    with to.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(["_line"] * (width + 1))
        writer.writerows(lines.good_rows(file, width))
    return to


def _read_parquet(folder: Folder, table: Table, file: Path, work: Path) -> list[str] | None:
    try:
        described = folder.all("DESCRIBE SELECT * FROM read_parquet(?)", [str(file)])
        types = {name: kind for name, kind, *_rest in described}
        known = _check_header(folder.problems, table, list(types))
        if known is None:
            return None
        cells = {name: _as_text(name, types[name]) for name in known}
        for name in [name for name, cell in cells.items() if cell is None]:
            text = _("holds %(type)s: write text")
            folder.problems.add(table.name, 1, name, text % {"type": types[name]})
            cells[name] = "NULL"
        _create(
            folder,
            table,
            list(known),
            "read_parquet(?, file_row_number = true)",
            "file_row_number + 2",
            str(file),
            cells,
        )
    except duckdb.Error as error:
        text = _("cannot be read as Parquet: %(error)s")
        folder.problems.add(table.name, 0, "", text % {"error": shown(str(error).splitlines()[0])})
        return None
    return list(known)


def _as_text(name: str, kind: str) -> str | None:
    """SQL that gives a Parquet value as a person would type it; None for what no cell can hold."""
    if kind in ("FLOAT", "DOUBLE"):  # how pandas writes whole numbers as soon as one is missing
        whole = f'isfinite("{name}") AND "{name}" = trunc("{name}") AND abs("{name}") < 1e15'
        return f'CASE WHEN {whole} THEN CAST(CAST("{name}" AS BIGINT) AS VARCHAR) ELSE CAST("{name}" AS VARCHAR) END'
    if kind.startswith("TIMESTAMP"):
        stamp = f'CAST("{name}" AS TIMESTAMP)'
        return f"CASE WHEN {stamp} = date_trunc('day', {stamp}) THEN CAST(CAST({stamp} AS DATE) AS VARCHAR) ELSE CAST({stamp} AS VARCHAR) END"
    simple = ("VARCHAR", "DATE", "BOOLEAN", "TIME", "UUID", "JSON", "DECIMAL", "ENUM")
    if (
        (kind.startswith(simple) and "[" not in kind)
        or kind.removeprefix("U").endswith("INT")
        or kind.endswith("INTEGER")
    ):
        return f'CAST("{name}" AS VARCHAR)'
    return None


def _create(
    folder: Folder,
    table: Table,
    known: list[str],
    source: str,
    number: str,
    file: str,
    cells: dict[str, Any] | None = None,
) -> None:
    wanted = ", ".join(
        f"nullif(nfc_normalize(trim({cells[name] if cells else chr(34) + name + chr(34)}, '{_SPACES}')), '') AS \"{name}\""
        for name in known
    )
    folder.con.execute(
        f'CREATE OR REPLACE TABLE "{table.name}" AS SELECT {number} AS line, {wanted} FROM {source}', [file]
    )


def _check_header(problems: Problems, table: Table, header: list[str]) -> dict[str, int] | None:
    """Known columns and their places; None if one that the table needs is missing."""
    known: dict[str, int] = {}
    for number, name in enumerate(header):
        if name in known:
            problems.add(table.name, 1, name, _("this column stands twice in the header"))
        elif table.column(name):
            known[name] = number
        elif len(header) == 1 and any(mark in name for mark in ";\t"):
            problems.add(table.name, 1, "", _("the cells are not separated by commas: save the file with commas"))
            return None
        else:
            text = _("unknown column “%(column)s”; columns are %(columns)s")
            columns = ", ".join(column.name for column in table.columns)
            problems.add(table.name, 1, shown(name), text % {"column": shown(name), "columns": columns})
    missing = [name for name in table.required if name not in known]
    for name in missing:
        problems.add(table.name, 1, name, _("this column is missing"))
    return None if missing else known
