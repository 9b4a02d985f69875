"""XLSX workbooks: values as people see them, rows as the spreadsheet counts them, and what is refused before it is read."""

import datetime as dt
import io
import os
import zipfile

import openpyxl
import pytest

from campaigns.actions.dataset import sheet_reader
from campaigns.actions.dataset.opening import opened
from campaigns.actions.import_dataset import import_dataset
from campaigns.models import Campaign, Department, Product
from campaigns.tests.dataset_folders import said, whole, write_csv
from campaigns.tests.factories import NOW

pytestmark = pytest.mark.django_db


def workbook(rows, *, change=lambda sheet: None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rewritten(content, changes):
    """The package with some of its parts replaced or added, `changes` by name."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, changes[name](part) if name in changes else part)
        for name in changes.keys() - set(old.namelist()):
            new.writestr(name, changes[name](b""))
    return out.getvalue()


def read(folder, content, table="channels"):
    (folder / f"{table}.xlsx").write_bytes(content)
    with opened(folder) as data:
        rows = data.all(f"SELECT * FROM {table} ORDER BY line") if data.has(table) else None
        return said(data.problems.first()), rows


SHEET = "xl/worksheets/sheet1.xml"
HEADER = ["code", "name", "capacity_per_day", "quiet_from"]


def test_values_are_read_as_people_see_them(tmp_path):
    rows = [
        HEADER,
        ["mail", "Mail", 5000.0, dt.time(21, 30)],
        [17, " Cafe\u0301 ", None, dt.time(8, 0, 5)],
        [True, 0.1 + 0.2, 1.5, None],
        ["long", 12345678901234567890, 1e21, dt.datetime(2027, 3, 1)],  # noqa: DTZ001
        [None, dt.datetime(2027, 3, 1, 12, 30), 1e-7, None],  # noqa: DTZ001
    ]
    assert read(tmp_path, workbook(rows)) == (
        [],
        [
            (2, "mail", "Mail", "5000", "21:30"),
            (3, "17", "Caf\u00e9", None, "08:00:05"),
            (4, "true", "0.3", "1.5", None),
            (5, "long", "12345678901234600000", "1000000000000000000000", "2027-03-01"),
            (6, None, "2027-03-01 12:30:00", "0.0000001", None),
        ],
    )


def test_a_whole_dataset_of_workbooks_is_imported(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    for table, rows in whole().items():
        header = list(rows[0])
        cells = [[row[name] or None for name in header] for row in rows]
        if table == "campaigns":
            day = header.index("starts_on")
            cells = [[*row[:day], dt.date.fromisoformat(row[day]), *row[day + 1 :]] for row in cells]
        if table == "products":
            stock = header.index("stock")
            cells = [[*row[:stock], 100.0 if row[stock] else None, *row[stock + 1 :]] for row in cells]
        (folder / f"{table}.xlsx").write_bytes(workbook([header, *cells]))
    report = import_dataset(folder, by=None, now=NOW)
    assert (report.errors, report.warnings) == ([], [])
    assert Campaign.objects.get(code="SPRING").starts_on == dt.date(2027, 3, 1)
    assert Product.objects.get(code="P1").stock == 100
    again = import_dataset(write_csv(tmp_path / "csv", whole()), by=None, now=NOW)
    assert {what for rows in again.tables.values() for what, count in rows.items() if count} == {"unchanged"}


def test_empty_rows_are_skipped_and_the_others_keep_their_numbers(tmp_path):
    rows = [HEADER[:2], ["a", "A"], [None, None], ["b", "B"], [None, None]]
    assert read(tmp_path, workbook(rows)) == ([], [(2, "a", "A"), (4, "b", "B")])


def test_stored_results_of_formulas_are_read(tmp_path):
    def stored(part):
        return part.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>").replace(
            b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>"
        )

    content = rewritten(workbook([HEADER[:3], ["a", "A", "=1+1"]]), {SHEET: stored})
    assert read(tmp_path, content) == ([], [(2, "a", "A", "2")])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            workbook([HEADER[:2], ["a", "A"], ["b", "=A2&1"]]),
            ["channels:3:name: the formula has no stored result: open the file in a spreadsheet and save it, or paste values"],
        ),
        (
            workbook([HEADER[:2], ["a", "#DIV/0!"]]),
            ["channels:2:name: the cell shows an error (#DIV/0!): mend it or empty it"],
        ),
        (
            workbook([HEADER[:2], ["a", "A"], ["b", "B"]], change=lambda sheet: sheet.merge_cells("A2:A3")),
            ["channels:-:-: the cells A2:A3 are merged: take them apart and give every cell its value"],
        ),
        (
            workbook([HEADER[:2], ["a", "A", "", "x"]]),
            ["channels:2:-: a cell in column 4, where the header has 2 columns"],
        ),
        (workbook([HEADER[:2], ["a", "x" * 32767]]), []),
        (workbook([]), ["channels:-:-: the file is empty: its first row names the columns"]),
        (workbook([[], ["code", "name"]]), ["channels:-:-: the first row is empty: it must name the columns"]),
        (workbook([["code"] * 101]), ["channels:-:-: the first row names more than 100 columns"]),
        (workbook([["code", "code", "name"]]), ["channels:1:code: this column stands twice in the header"]),
        (b"", ["channels:-:-: this is no XLSX workbook: save it as XLSX, or as CSV (UTF-8)"]),
        (b"code,name\n", ["channels:-:-: this is no XLSX workbook: save it as XLSX, or as CSV (UTF-8)"]),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            ["channels:-:-: this is an old XLS workbook, or one with a password: save it as XLSX without a password"],
        ),
        (
            rewritten(workbook([HEADER]), {"xl/vbaProject.bin": lambda part: b"x"}),
            ["channels:-:-: the workbook holds macros: save it as XLSX without macros"],
        ),
        (
            rewritten(workbook([HEADER]), {SHEET: lambda part: part[: len(part) // 2]}),
            ["channels:-:-: the workbook is damaged: open it in a spreadsheet and save it anew"],
        ),
        (workbook([HEADER])[:-40], ["channels:-:-: this is no XLSX workbook: save it as XLSX, or as CSV (UTF-8)"]),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(tmp_path, content, expected):
    assert read(tmp_path, content)[0] == expected


def test_an_encrypted_member_is_named(tmp_path):
    content = bytearray(workbook([HEADER]))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    text = "channels:-:-: the workbook is protected by a password: save it without one"
    assert read(tmp_path, bytes(content))[0] == [text]


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">%s]>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr">
<is><t>&z9;</t></is></c></row></sheetData></worksheet>""" % b"".join(
    b'<!ENTITY z%d "%s">' % (n, (b"&z%d;" % (n - 1) if n else b"&a;") * 10) for n in range(10)
)
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY z9 SYSTEM "file:///etc/passwd">]>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr">
<is><t>&z9;</t></is></c></row></sheetData></worksheet>"""


@pytest.mark.parametrize("part", [LAUGHS, OUTSIDE])
def test_entities_are_refused(tmp_path, part):
    content = rewritten(workbook([HEADER]), {SHEET: lambda old: part})
    text = "channels:-:-: the workbook defines entities of its own, which no spreadsheet does: save it anew"
    assert read(tmp_path, content)[0] == [text]


@pytest.mark.parametrize("size", [20 << 20, 120 << 20])
def test_a_package_that_is_far_larger_inside_is_not_unpacked(tmp_path, size):
    content = rewritten(workbook([HEADER]), {"xl/media/zero.bin": lambda part: bytes(size)})
    assert len(content) < size // 200
    text = "channels:-:-: unpacked the workbook is larger than 100 MB or packed suspiciously small: save it as CSV (UTF-8)"
    assert read(tmp_path, content)[0] == [text]


def with_strings(strings, rows):
    """A workbook as Excel writes it: its texts stand in a list, and cells name their place in it."""
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    entry = b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/></Types>'
    listed = "".join(f"<si><t>{text}</t></si>" for text in strings)
    spaces = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cells = "".join(
        f'<row r="{row}">'
        + "".join(f'<c r="{column}{row}" t="s"><v>{text}</v></c>' for column, text in zip("AB", texts, strict=True))
        + "</row>"
        for row, texts in enumerate(rows, start=1)
    )
    return rewritten(
        workbook([HEADER]),
        {
            "[Content_Types].xml": lambda part: part.replace(b"</Types>", entry),
            "xl/sharedStrings.xml": lambda part: f"<sst {spaces}>{listed}</sst>".encode(),
            SHEET: lambda part: f"<worksheet {spaces}><sheetData>{cells}</sheetData></worksheet>".encode(),
        },
    )


def test_texts_are_read_as_excel_stores_them(tmp_path):
    content = with_strings(["code", "name", "a"], [(0, 1), (2, 2)])
    assert read(tmp_path, content) == ([], [(2, "a", "a")])


def test_a_workbook_that_takes_too_much_memory_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet_reader, "MEMORY", 70 << 20)
    content = with_strings([os.urandom(24 << 20).hex(), "name"], [(0, 1)])
    text = "channels:-:-: reading the workbook takes more than 70 MB of memory: save it as CSV (UTF-8)"
    assert read(tmp_path, content)[0] == [text]


def test_a_workbook_that_takes_too_long_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet_reader, "SECONDS", 0)
    text = "channels:-:-: reading the workbook takes more than 0 seconds: save it as CSV (UTF-8)"
    assert read(tmp_path, workbook([HEADER]))[0] == [text]


def test_a_problem_in_a_workbook_writes_nothing(tmp_path):
    (tmp_path / "departments.xlsx").write_bytes(workbook([["code", "name"], ["CRM", "CRM"], ["MKT", "=1"]]))
    (tmp_path / "channels.csv").write_text("code,name\na,A\n")
    report = import_dataset(tmp_path, by=None, now=NOW)
    assert said(report.errors) == [
        "departments:3:name: the formula has no stored result: open the file in a spreadsheet and save it, or paste values",
        "departments:3:name: this cell must not be empty",
    ]
    assert not Department.objects.exists()


def test_the_same_table_as_workbook_and_csv(tmp_path):
    (tmp_path / "channels.csv").write_text("code,name\na,A\n")
    problems, _rows = read(tmp_path, workbook([HEADER]))
    assert problems == ["channels:-:-: both channels.csv and channels.xlsx are there: keep one of them"]
