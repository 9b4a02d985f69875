"""The files of a dataset folder as tables of DuckDB: headers, structure, and each cell as its text."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from django.utils.translation import gettext_lazy as _

from campaigns.actions.dataset import lines, sheets
from campaigns.actions.dataset.contents import not_what_its_name_says
from campaigns.actions.dataset.folder import Folder
from campaigns.actions.dataset.problems import Problems
from campaigns.rules.dataset import Table
from customers.languages import filled
from customers.rules.text import shown

# Spaces of all kinds around a cell mean nothing. The rest of a cell is compared in one Unicode form (NFC).
_SPACES = " \t\r\n\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"

# A row that lines.look() lets pass is never longer than this, in bytes.
_CSV = (
    "delim = ',', quote = '\"', escape = '\"', header = true, auto_detect = false, nullstr = '', "
    f"max_line_size = {4 * lines.LONGEST_LINE}, buffer_size = {8 * lines.LONGEST_LINE}"
)

MOST_COLUMNS = 100
_SEPARATORS = {";": "“;”", "\t": "TAB", "|": "“|”"}


def read(folder: Folder, table: Table, file: Path, work: Path) -> None:
    """Make the table of one file; `work` is where rows may be written anew."""
    before = folder.problems.count
    columns = None
    if wrong := not_what_its_name_says(file):
        folder.problems.add(table.name, 0, "", wrong)
    else:
        columns = _READERS[file.suffix](folder, table, file, work)
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
    places = _places(header, known)
    if not looked.is_clean or not _took(folder, table, file, places, list(known), looked.rows):
        again = _rewritten(file, work / f"{table.name}.rows", len(header))
        _create(folder, table, list(known), _csv_source(["_line", *places]), "CAST(_line AS BIGINT)", str(again))
    return list(known)


def _places(header: list[str], known: dict[str, int]) -> list[str]:
    """Columns that are wrong keep a place, so that the others are read all the same."""
    return [name if known.get(name) == number else f"_{number}" for number, name in enumerate(header)]


def _read_sheet(folder: Folder, table: Table, file: Path, work: Path) -> list[str] | None:
    sheet = sheets.look(file, work / f"{table.name}.rows", table.name, folder.problems)
    if sheet is None:
        return None
    header = [name.strip() for name in sheet.header]
    known = _check_header(folder.problems, table, header)
    if known is None:
        return None
    source = _csv_source(["_line", *_places(header, known)])
    _create(folder, table, list(known), source, "CAST(_line AS BIGINT)", str(sheet.rows))
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
            folder.problems.add(table.name, 1, name, filled(text, type=types[name]))
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
        said = shown(str(error).splitlines()[0].replace(str(file), file.name))
        folder.problems.add(table.name, 0, "", filled(_("cannot be read as Parquet: %(error)s"), error=said))
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
    if len(header) > MOST_COLUMNS:
        text = _("the header names %(found)d columns, where %(most)d are the most")
        problems.add(table.name, 1, "", filled(text, found=len(header), most=MOST_COLUMNS))
        return None
    known: dict[str, int] = {}
    for number, name in enumerate(header):
        if name in known:
            problems.add(table.name, 1, name, _("this column stands twice in the header"))
        elif table.column(name):
            known[name] = number
        elif len(header) == 1 and (mark := next((mark for mark in _SEPARATORS if mark in name), "")):
            text = _("the cells are separated by %(found)s: save the file with commas between them")
            problems.add(table.name, 1, "", filled(text, found=_SEPARATORS[mark]))
            return None
        else:
            text = _("unknown column “%(column)s”; columns are %(columns)s")
            columns = ", ".join(column.name for column in table.columns)
            problems.add(table.name, 1, shown(name), filled(text, column=shown(name), columns=columns))
    missing = [name for name in table.required if name not in known]
    for name in missing:
        problems.add(table.name, 1, name, _("this column is missing"))
    return None if missing else known


_READERS: dict[str, Callable[[Folder, Table, Path, Path], list[str] | None]] = {
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".xlsx": _read_sheet,
}
