"""Spreadsheets: the first sheet of an XLSX file, turned into the rows of a CSV file by a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.actions.dataset import sheet_reader
from campaigns.actions.dataset.problems import SHOWN, Problems
from customers.languages import later
from customers.rules.text import shown


@dataclass(frozen=True)
class Sheet:
    """The header as written, and the rows below it, each after its number, in a CSV file."""

    header: list[str]
    rows: Path


def look(path: Path, to: Path, table: str, problems: Problems) -> Sheet | None:
    """Write the rows of a workbook's first sheet to `to`; None, and a problem, if they cannot be read."""
    found = _read(path, to)
    if error := found.get("error"):
        problems.add(table, 0, "", _unreadable(error))
        return None
    if not found["header"]:
        problems.add(table, 0, "", _("the file is empty: its first row names the columns"))
        return None
    rows = [(row, column, kind, value) for row, column, kind, value in found["problems"]]
    for row, column, kind, value in rows[:SHOWN]:
        problems.add(table, row, column if row else "", _wrong(kind, value, len(found["header"])))
    problems.count += found["count"] - len(rows[:SHOWN])
    return Sheet(found["header"], to)


def _read(path: Path, to: Path) -> dict[str, Any]:
    # Nothing of our environment: no secret, no path that changes what is imported, no threads that cost memory.
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "TMPDIR", "LANG", "LC_ALL"}}
    limits = (sheet_reader.MEMORY, sheet_reader.SECONDS)
    try:
        ended = subprocess.run(
            [sys.executable, "-I", sheet_reader.__file__, str(path), str(to), *map(str, limits)],
            capture_output=True,
            timeout=sheet_reader.SECONDS,
            env=kept | {"OPENPYXL_LXML": "False"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": "time"}
    try:
        found: dict[str, Any] = json.loads(ended.stdout)
    except ValueError:
        # It died: of the processor time it may use, or of memory where Python itself could not get any.
        return {"error": "time" if ended.returncode in {-24, -9} else "memory"}
    return found


@later
def _unreadable(kind: str) -> str:
    limits = {"memory": sheet_reader.MEMORY >> 20, "seconds": sheet_reader.SECONDS, "size": sheet_reader.LARGEST >> 20}
    texts = {
        "zip": _("this is no XLSX workbook: save it as XLSX, or as CSV (UTF-8)"),
        "workbook": _("this is no XLSX workbook: save it as XLSX, or as CSV (UTF-8)"),
        "encrypted": _("the workbook is protected by a password: save it without one"),
        "macro": _("the workbook holds macros: save it as XLSX without macros"),
        "bomb": _(
            "unpacked the workbook is larger than %(size)d MB or packed suspiciously small: save it as CSV (UTF-8)"
        ),
        "entities": _("the workbook defines entities of its own, which no spreadsheet does: save it anew"),
        "header": _("the first row is empty: it must name the columns"),
        "wide": _("the first row names more than 100 columns"),
        "memory": _("reading the workbook takes more than %(memory)d MB of memory: save it as CSV (UTF-8)"),
        "time": _("reading the workbook takes more than %(seconds)d seconds: save it as CSV (UTF-8)"),
    }
    return texts.get(kind, _("the workbook is damaged: open it in a spreadsheet and save it anew")) % limits


@later
def _wrong(kind: str, value: str, width: int) -> str:
    texts = {
        "error": _("the cell shows an error (%(value)s): mend it or empty it"),
        "formula": _("the formula has no stored result: open the file in a spreadsheet and save it, or paste values"),
        "long": _("a cell has more than %(limit)d characters"),
        "cells": _("a cell in column %(value)s, where the header has %(width)d columns"),
        "merged": _("the cells %(value)s are merged: take them apart and give every cell its value"),
    }
    return texts[kind] % {"value": shown(value), "width": width, "limit": sheet_reader.LONGEST_CELL}
