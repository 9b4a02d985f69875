"""Turns the first sheet of an XLSX file into rows of text, in a process of its own that may neither grow nor linger.

Run as a program by campaigns.actions.dataset.sheets: `python -I sheet_reader.py IN.xlsx OUT.csv BYTES SECONDS`. It imports nothing of
the house, so that its memory is that of the workbook. Prints one JSON object: {"error": kind} when nothing can be read,
else {"header", "rows", "problems": [[row, column, kind, value]], "count"}; rows are counted as the spreadsheet counts.
"""

# ruff: noqa: SLF001 - openpyxl shows formulas without a result, and merged cells of a long sheet, in no other way

import contextlib
import csv
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

# Address space; with the process that waits for it less than 300 MB.
MEMORY = 160 * 2**20
SECONDS = 30
LARGEST = 100 * 2**20
# How much smaller than its content a packed file may be; text of a spreadsheet packs to a tenth or twentieth.
RATIO = 100
MEMBERS = 2000
# As many problems as are shown of one kind, and the longest cell of a CSV file.
SHOWN = 1000
LONGEST_CELL = 131_072

Row = tuple[int, dict[int, Any]]


class Unreadable(Exception):
    """`args[0]` is the kind."""


def check_package(path: str) -> None:
    """Judge a file by its table of contents, before anything in it is unpacked."""
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise Unreadable("zip") from error
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("encrypted")
    if any(member.filename.lower().endswith("vbaproject.bin") for member in members):
        raise Unreadable("macro")
    if "[Content_Types].xml" not in {member.filename for member in members}:
        raise Unreadable("workbook")
    whole, packed = sum(member.file_size for member in members), sum(member.compress_size for member in members)
    if len(members) > MEMBERS or whole > LARGEST or whole > RATIO * max(packed, 10_000):
        raise Unreadable("bomb")


def read(path: str, to: str) -> dict[str, Any]:
    # openpyxl would load it, and half of the memory were gone.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    import openpyxl
    from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

    class Parser(WorkSheetParser):  # type: ignore[misc]
        def parse_cell(self, element: Any) -> Any:
            cell = super().parse_cell(element)
            # A result that is text may be empty text.
            if cell["value"] is None and element.find(FORMULA_TAG) is not None and element.get("t") != "str":
                cell["data_type"] = "f"
            return cell

    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    if not book.worksheets:
        raise Unreadable("workbook")
    sheet = book.worksheets[0]
    with sheet._get_source() as source:
        parser = Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        with open(to, "w", encoding="utf-8", newline="") as out:  # noqa: PTH123 - nothing is imported for it
            told = Told(out)
            told.take(
                (
                    number,
                    {cell["column"]: cell for cell in cells if cell["value"] is not None or cell["data_type"] == "f"},
                )
                for number, cells in parser.parse()
            )
    for merged in (parser.merged_cells.mergeCell if parser.merged_cells else [])[:SHOWN]:
        told.problem(0, "", "merged", str(merged.ref))
    return {"header": told.header, "rows": told.rows, "problems": told.problems, "count": told.count}


class Told:
    """Writes the rows that can be written and keeps what is wrong with the others."""

    def __init__(self, out: Any) -> None:
        self.writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        self.header: list[str] = []
        self.rows = self.count = 0
        self.problems: list[tuple[int, str, str, str]] = []

    def problem(self, row: int, column: str, kind: str, value: str = "") -> None:
        self.count += 1
        if len(self.problems) < SHOWN:
            self.problems.append((row, column, kind, value[:100]))

    def take(self, rows: Iterator[Row]) -> None:
        for number, cells in rows:
            if not self.header:
                self._take_header(number, cells)
            elif cells:
                self._take_row(number, cells)

    def _take_header(self, number: int, cells: dict[int, Any]) -> None:
        if not cells:
            return
        if number != 1:
            raise Unreadable("header")
        width = max(cells)
        if width > 100:
            raise Unreadable("wide")
        self.header = [text_of(cells.get(place, {}).get("value"))[:200] for place in range(1, width + 1)]
        self.writer.writerow(["_line"] * (width + 1))

    def _take_row(self, number: int, cells: dict[int, Any]) -> None:
        self.rows += 1
        if beyond := [place for place in cells if place > len(self.header)]:
            self.problem(number, "", "cells", str(max(beyond)))
            return
        texts = []
        for place, name in enumerate(self.header, start=1):
            cell = cells.get(place, {"value": None, "data_type": "n"})
            text = text_of(cell["value"])
            if cell["data_type"] == "e":
                self.problem(number, name, "error", text)
            elif cell["data_type"] == "f":
                self.problem(number, name, "formula")
            elif len(text) > LONGEST_CELL:
                self.problem(number, name, "long")
                text = ""
            texts.append(text)
        self.writer.writerow([number, *texts])


def text_of(value: Any) -> str:
    """A cell as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Spreadsheets show fifteen digits; the rest is the noise of binary fractions.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else plain(f"{value:.15g}")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes" if not value.second else "seconds")
    return str(value)


def plain(number: str) -> str:
    """Without an exponent, as far as somebody could have typed it."""
    _digits, _e, exponent = number.partition("e")
    return f"{Decimal(number):f}" if exponent and abs(int(exponent)) <= 30 else number


def main(path: str, to: str, memory: str, seconds: str) -> dict[str, Any]:
    for kind, most in ((resource.RLIMIT_AS, int(memory)), (resource.RLIMIT_CPU, int(seconds))):
        # Some systems have no such limit; the time is kept by whoever waits as well.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        check_package(path)
        return read(path, to)
    except Unreadable as error:
        return {"error": error.args[0]}
    except Exception as error:  # noqa: BLE001 - openpyxl raises whatever a broken workbook leads it to
        return {"error": kind_of(error)}


def kind_of(error: BaseException | None) -> str:
    """What openpyxl wraps into an error of its own is the kind; so may be what it met while it handled another."""
    from defusedxml import DefusedXmlException

    while error:
        if isinstance(error, MemoryError):
            return "memory"
        if isinstance(error, DefusedXmlException):
            return "entities"
        error = error.__cause__ or error.__context__
    return "broken"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
