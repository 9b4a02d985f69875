"""The structure of a CSV file, looked at line by line before its cells are read.

DuckDB reads the cells, quickly and in bounded memory, but it skips empty lines, stops at the first broken one and
counts lines as bytes have them. Whoever repairs a file needs every broken row, counted as the spreadsheet counts.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from campaigns.actions.dataset.problems import SHOWN, Problems
from customers.languages import Text, filled, later
from customers.rules.text import shown

UTF_16 = (b"\xff\xfe", b"\xfe\xff")

# Characters. The columns of the widest table at their longest fill less; a file without line ends fills the memory.
LONGEST_LINE = 2_000_000


class LineTooLong(Exception):
    """Nothing behind it can be read: where the next row begins is unknown."""


@dataclass(frozen=True)
class Lines:
    """The header as written, the number of rows below it, and whether DuckDB may read the file as it is."""

    header: list[str]
    rows: int
    is_clean: bool


def look(path: Path, table: str, problems: Problems, tell: Callable[[int], None] = lambda row: None) -> Lines | None:
    """Report what is wrong with the structure of a CSV file; None if nothing in it can be read.

    `tell` is called with the row number now and then.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(_lines(file), strict=True)
            header = next(reader, None)
            if not header:
                problems.add(table, 0, "", _("the file is empty: its first row names the columns"))
                return None
            before, seen = problems.count, {"rows": 0}
            for row, text in _broken_rows(reader, len(header), seen, tell):
                if problems.count - before < SHOWN:
                    problems.add(table, row, "", text)
                else:
                    problems.count += 1
            # Two kinds of line ends in one file are more than DuckDB takes, and harmless.
            is_clean = problems.count == before and isinstance(file.newlines, str | None)
            return Lines(header, seen["rows"], is_clean)
    except UnicodeDecodeError:
        problems.add(table, *_encoding(path))
    except LineTooLong:
        problems.add(table, 1, "", _too_long())
    except csv.Error as error:
        problems.add(table, 1, "", filled(_("the header cannot be read: %(error)s"), error=error))
    return None


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise LineTooLong
        yield line


def _too_long() -> str:
    text = _("the line has more than %(limit)d characters: from here on nothing can be read")
    return filled(text, limit=LONGEST_LINE)


def good_rows(path: Path, width: int) -> Iterator[list[str]]:
    """The rows that have the right structure, each after its number."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(_lines(file), strict=True)
        next(reader)
        number = 1
        while True:
            number += 1
            try:
                row = next(reader)
            except (StopIteration, LineTooLong):
                return
            except csv.Error:
                continue
            if len(row) == width:
                yield [str(number), *row]


def _broken_rows(
    reader: Iterator[list[str]], width: int, seen: dict[str, int], tell: Callable[[int], None]
) -> Iterator[tuple[int, Text]]:
    """Row number and what is wrong. Empty lines at the end of a file are nobody's fault."""
    number = 1
    empty: list[int] = []
    while True:
        try:
            for row in reader:
                number += 1
                if number % 200_000 == 0:
                    tell(number)
                if len(row) == width:
                    if empty:
                        yield from ((line, _("the line is empty: delete it")) for line in empty)
                        empty = []
                elif row:
                    yield number, _cells(len(row), width, row)
                else:
                    empty.append(number)
        except csv.Error as error:
            number += 1
            yield number, _quoting(str(error))
        except LineTooLong:
            yield number + 1, _too_long()
            seen["rows"] = number - len(empty)
            return
        else:
            seen["rows"] = number - 1 - len(empty)
            return


@later
def _cells(found: int, wanted: int, row: list[str]) -> str:
    text = ngettext(
        "%(found)d cell where the header has %(wanted)d columns (the row begins with “%(start)s”)",
        "%(found)d cells where the header has %(wanted)d columns (the row begins with “%(start)s”)",
        found,
    )
    return text % {"found": found, "wanted": wanted, "start": shown(row[0])}


def _quoting(error: str) -> Text:
    if "end of data" in error:
        return _('a quote (") is opened and never closed: from here on nothing can be read')
    if "field limit" in error:
        text = _('a cell has more than %(limit)d characters; is a quote (") opened and not closed?')
        return filled(text, limit=csv.field_size_limit())
    return _('a quote (") stands inside a quoted cell: write it twice')


def _encoding(path: Path) -> tuple[int, str, Text]:
    """Row, column and text for a file that is not UTF-8. The row counts lines, which here is all one can do."""
    with path.open("rb") as file:
        for number, line in enumerate(iter(partial(file.readline, LONGEST_LINE), b""), start=1):
            if number == 1 and line.startswith(UTF_16):
                return 0, "", _("the file is UTF-16: save it as UTF-8")
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                text = _("not UTF-8 from here on (byte %(byte)s after “%(start)s”): save the file as UTF-8")
                start = line[: error.start].decode("utf-8")[-20:]
                return number, "", filled(text, byte=f"0x{line[error.start]:02X}", start=shown(start))
    return 0, "", _("the file is not UTF-8: save it as UTF-8")
