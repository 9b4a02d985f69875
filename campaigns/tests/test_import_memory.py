"""Files made to fill the memory: an import names them, and it and its children together never take 300 MB.

`pytest -m big` does the same with files of one gigabyte, which takes minutes.
"""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from campaigns.tests.test_dataset_sheets import HEADER, LAUGHS, SHEET, rewritten, workbook

pytestmark = pytest.mark.django_db

MEGABYTES = 300


@pytest.fixture
def weigh(tmp_path):
    """Checks a folder in a process of its own, with a copy of the migrated database; gives what it told."""
    if connection.vendor != "sqlite":
        pytest.skip("copies the database, which is a file on SQLite alone")
    if not sys.platform.startswith("linux"):
        pytest.skip("reads the peak of memory from /proc")
    import sqlite3

    database = tmp_path / "copy.sqlite3"
    with sqlite3.connect(connection.settings_dict["NAME"]) as source, sqlite3.connect(database) as copy:
        source.backup(copy)
    source.close()
    copy.close()

    def run(folder):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        ended = subprocess.run(
            [sys.executable, "-m", "campaigns.tests.weigh_import", str(folder)],
            cwd=settings.BASE_DIR,
            env=kept | {"DATABASE_URL": f"sqlite:///{database}"},
            capture_output=True,
            check=True,
        )
        return json.loads(ended.stdout)

    return run


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    return folder


def check(found, first, count=1):
    assert (found["first"][:1], found["count"]) == ([first], count)
    assert found["megabytes"] < MEGABYTES


MEMBERS = b"".join(b"SEG-%06d,CUST-%09d\n" % (n % 1000, n) for n in range(100_000))
WRONG = b"SEG-1,\n,X\nA,B,C\n"
UNKNOWN = "segment_members:2:segment: unknown code “SEG-000000”: neither in segments nor in the database"


def write_members(folder, size):
    """About `size` bytes of members of segments that nobody knows, with three wrong rows at the end; how many problems."""
    with (folder / "segment_members.csv").open("wb") as file:
        file.write(b"segment,customer\n")
        for _block in range(size // len(MEMBERS)):
            file.write(MEMBERS)
        file.write(WRONG)
    # Both codes of each row are unknown; so are those beside the empty cells, and a row of three cells is broken.
    return size // len(MEMBERS) * 100_000 * 2 + 2 + 2 + 1


def write_line(folder, size):
    """A table whose first row never ends."""
    with (folder / "segment_members.csv").open("wb") as file:
        file.write(b"segment,customer\n" + b"x" * 10_000)
        file.truncate(size)


LINE = "segment_members:2:-: the line has more than 2000000 characters: from here on nothing can be read"


def test_a_long_table(weigh, folder):
    count = write_members(folder, 20 << 20)
    check(weigh(folder), UNKNOWN, count)


def test_a_line_without_end(weigh, folder):
    write_line(folder, 100 << 20)
    check(weigh(folder), LINE)


@pytest.mark.big
def test_a_table_of_a_gigabyte(weigh, folder):
    count = write_members(folder, 1 << 30)
    check(weigh(folder), UNKNOWN, count)


@pytest.mark.big
def test_a_line_of_a_gigabyte(weigh, folder):
    write_line(folder, 1 << 30)
    check(weigh(folder), LINE)


def test_a_cell_of_50_megabytes(weigh, folder):
    lines = b"x" * ((1 << 20) - 1) + b"\n"
    (folder / "departments.csv").write_bytes(b'code,name\nCRM,"' + lines * 50 + b'"\nMKT,M\n')
    found = weigh(folder)
    text = 'departments:2:-: a cell has more than 131072 characters; is a quote (") opened and not closed?'
    assert found["first"][0] == text
    assert found["megabytes"] < MEGABYTES


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"xl/media/zero.bin": lambda part: bytes(150 << 20)}, "unpacked the workbook is larger than 100 MB or packed suspiciously small: save it as CSV (UTF-8)"),
        ({SHEET: lambda part: LAUGHS}, "the workbook defines entities of its own, which no spreadsheet does: save it anew"),
        (
            {SHEET: lambda part: part.replace(b"<t>code</t>", b"<t>" + os.urandom(45 << 20).hex().encode() + b"</t>")},
            "reading the workbook takes more than 160 MB of memory: save it as CSV (UTF-8)",
        ),
    ],
)  # fmt: skip
def test_a_workbook_made_to_burst(weigh, folder, changes, text):
    (folder / "channels.xlsx").write_bytes(rewritten(workbook([HEADER]), changes))
    found = weigh(folder)
    check(found, f"channels:-:-: {text}")
    assert found["of_children"] > 5, "the process that reads workbooks was not weighed"
