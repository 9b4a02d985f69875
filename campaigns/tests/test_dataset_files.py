"""Files that are not what they seem: encodings, separators, broken rows, wrong headers, Parquet."""

import duckdb
import pytest

from campaigns.actions.dataset.opening import opened
from campaigns.tests.dataset_folders import said, whole, write_csv, write_parquet


def read(folder, **files):
    """Problems and the rows of the table of channels; `files` maps file names (__ for the dot) to bytes."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_bytes(content)
    with opened(folder) as data:
        problems = said(data.problems.first())
        rows = data.all("SELECT line, code, name FROM channels ORDER BY line") if data.has("channels") else None
        return problems, rows, data.warnings


GOOD = b"code,name\nA,x\nB,y\n"
GOOD_ROWS = [(2, "A", "x"), (3, "B", "y")]


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"\n", b"\r"),
        b"code,name\r\nA,x\nB,y\r\n",  # two kinds of line ends
        GOOD[:-1],  # no end of the last line
        GOOD + b"\n\n\n",  # empty lines at the end
        b'"code","name"\n"A","x"\n"B","y"\n',
        b"name,code\nx,A\ny,B\n",
        b" code , name \n A , x \n\tB,\xc2\xa0y\n",
    ],
)
def test_good_file_is_read(tmp_path, content):
    problems, rows, _ = read(tmp_path, channels__csv=content)
    assert (problems, rows) == ([], GOOD_ROWS)


def test_cells_are_compared_in_one_unicode_form(tmp_path):
    _, rows, _ = read(tmp_path, channels__csv="code,name\ncafe\u0301,x\n".encode())
    assert rows == [(2, "caf\u00e9", "x")]


def test_quoted_cells_keep_commas_quotes_and_lines(tmp_path):
    content = b'code,name\nA,"one, ""two""\nthree"\nB,y\n'
    problems, rows, _ = read(tmp_path, channels__csv=content)
    assert (problems, rows) == ([], [(2, "A", 'one, "two"\nthree'), (3, "B", "y")])


def test_quoted_line_ends_of_another_kind_are_kept(tmp_path):
    problems, rows, _ = read(tmp_path, channels__csv=b'code,name\r\nA,"x\nz"\r\nB,y\r\n')
    assert (problems, rows) == ([], [(2, "A", "x\nz"), (3, "B", "y")])


def test_header_without_rows_is_an_empty_table(tmp_path):
    problems, rows, _ = read(tmp_path, channels__csv=b"code,name\n")
    assert (problems, rows) == ([], [])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ["channels:-:-: the file is empty: its first row names the columns"]),
        (b"\n\n", ["channels:-:-: the file is empty: its first row names the columns"]),
        (GOOD.decode().encode("utf-16"), ["channels:-:-: the file is UTF-16: save it as UTF-8"]),
        (
            b"code,name\nA,x\nB,caf\xe9s\n",
            ["channels:3:-: not UTF-8 from here on (byte 0xE9 after “B,caf”): save the file as UTF-8"],
        ),
        (b"code;name\nA;x\n", ["channels:1:-: the cells are separated by “;”: save the file with commas between them"]),
        (b"code\tname\nA\tx\n", ["channels:1:-: the cells are separated by TAB: save the file with commas between them"]),
        (b'code,"name\nA,x\n', ["channels:1:-: the header cannot be read: unexpected end of data"]),
        (b"name\nx\n", ["channels:1:code: this column is missing"]),
        (b"code,name,name\nA,x,y\n", ["channels:1:name: this column stands twice in the header"]),
        (
            b"code,name,colour\nA,x,red\n",
            [
                (
                "channels:1:colour: unknown column “colour”; columns are code, name, capacity_per_day, quiet_from, "
                "quiet_to"
                )
            ],
        ),
        (b"code,Name\nA,x\n", [
            "channels:1:Name: unknown column “Name”; columns are code, name, capacity_per_day, quiet_from, quiet_to",
            "channels:1:name: this column is missing",
        ]),
    ],
)  # fmt: skip
def test_file_or_header_that_cannot_be_used(tmp_path, content, expected):
    problems, _, _ = read(tmp_path, channels__csv=content)
    assert sorted(problems) == sorted(expected)


def test_every_broken_row_is_named_and_the_others_are_read(tmp_path):
    content = b'code,name\nA,x\nB\nC,"y\nz"\n\nD,1,2\nE,"v"w\nF,u\n'
    problems, rows, _ = read(tmp_path, channels__csv=content)
    assert problems == [
        "channels:3:-: 1 cell where the header has 2 columns (the row begins with “B”)",
        "channels:5:-: the line is empty: delete it",
        "channels:6:-: 3 cells where the header has 2 columns (the row begins with “D”)",
        'channels:7:-: a quote (") stands inside a quoted cell: write it twice',
    ]
    assert rows == [(2, "A", "x"), (4, "C", "y\nz"), (8, "F", "u")]


def test_quote_that_is_never_closed(tmp_path):
    problems, rows, _ = read(tmp_path, channels__csv=b'code,name\nA,x\nB,"y\nC,z\n')
    assert problems == ['channels:3:-: a quote (") is opened and never closed: from here on nothing can be read']
    assert rows == [(2, "A", "x")]


def test_cell_beyond_every_limit(tmp_path):
    problems, _, _ = read(tmp_path, channels__csv=b"code,name\nA," + b"x" * 200_000 + b"\nB,y\n")
    assert problems == ['channels:2:-: a cell has more than 131072 characters; is a quote (") opened and not closed?']


def test_other_columns_are_read_beside_an_unknown_one(tmp_path):
    _, rows, _ = read(tmp_path, channels__csv=b"colour,code,name\nred,A,x\nblue,B,y\n")
    assert rows == GOOD_ROWS


def test_same_table_in_two_files(tmp_path):
    write_parquet(tmp_path, {"channels": [{"code": "A", "name": "x"}]})
    problems, _, _ = read(tmp_path, channels__csv=GOOD)
    assert problems == ["channels:-:-: both channels.csv and channels.parquet are there: keep one of them"]


@pytest.mark.parametrize("table", ["interactions", "consents"])
def test_table_that_is_still_to_come_is_an_error(tmp_path, table):
    problems, _, _ = read(tmp_path, channels__csv=GOOD, **{f"{table}__csv": b"id\n1\n"})
    assert problems == [f"{table}:-:-: this table is not supported yet: take {table}.csv out of the folder"]


def test_unknown_table_is_a_warning_and_other_files_are_none(tmp_path):
    files = {"shops__csv": b"a\n", "products__CSV": b"a\n", "README__md": b"hello"}
    problems, rows, warnings = read(tmp_path, channels__csv=GOOD, **files)
    assert (problems, rows) == ([], GOOD_ROWS)
    assert [warning.split(";")[0] for warning in warnings] == [
        "products.CSV is no table of the format and was not read",
        "shops.csv is no table of the format and was not read",
    ]


def test_folder_without_tables(tmp_path):
    problems, _, _ = read(tmp_path / "empty")
    assert problems == ["empty:-:-: no table in this folder: expected files such as campaigns.csv or offers.parquet"]


def test_file_that_is_not_parquet(tmp_path):
    problems, rows, _ = read(tmp_path, channels__parquet=b"code,name\nA,x\n")
    assert (problems, rows) == (["channels:-:-: this is no Parquet file"], None)


def test_parquet_types_read_as_a_person_would_type_them(tmp_path):
    con = duckdb.connect()
    con.execute(
        f"""
        COPY (SELECT 17 AS code, 'x' AS name, DATE '2027-03-01' AS starts_on, TIMESTAMP '2027-03-31' AS ends_on,
                CAST(5 AS DOUBLE) AS budget, CAST(2.5 AS DOUBLE) AS kpi_target, 'D' AS department
            UNION ALL SELECT 18, NULL, NULL, TIMESTAMP '2027-03-31 12:00:00', NULL, 'NaN', NULL)
        TO '{tmp_path}/campaigns.parquet' (FORMAT parquet)
        """
    )
    with opened(tmp_path) as data:
        rows = data.all("SELECT line, code, name, starts_on, ends_on, budget, kpi_target FROM campaigns ORDER BY line")
    assert rows == [
        (2, "17", "x", "2027-03-01", "2027-03-31", "5", "2.5"),
        (3, "18", None, None, "2027-03-31 12:00:00", None, "NaN"),
    ]


def test_parquet_column_of_lists_is_named(tmp_path):
    con = duckdb.connect()
    con.execute(f"COPY (SELECT 'A' AS code, ['x', 'y'] AS name) TO '{tmp_path}/channels.parquet' (FORMAT parquet)")
    problems, _, _ = read(tmp_path)
    assert problems == ["channels:1:name: holds VARCHAR[]: write text"]


def test_digest_is_of_the_content(tmp_path):
    digests = []
    for name, tables in (
        ("one", whole()),
        ("same", whole()),
        ("other", whole() | {"channels": whole()["channels"][:1]}),
    ):
        with opened(write_csv(tmp_path / name, tables)) as data:
            digests.append(data.digest)
    assert digests[0] == digests[1] != digests[2]


WORKBOOK = b"PK\x03\x04" + b"x" * 100


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("csv", b"\x89PNG\r\n\x1a\n" + bytes(50), "this is a PNG file, not CSV: save the table as CSV (UTF-8)"),
        ("csv", b"%PDF-1.7\n", "this is a PDF file, not CSV: save the table as CSV (UTF-8)"),
        ("csv", WORKBOOK, "this is a ZIP/XLSX file, not CSV: save the table as CSV (UTF-8)"),
        ("csv", b"PAR1....PAR1", "this is a Parquet file, not CSV: save the table as CSV (UTF-8)"),
        ("csv", b"\x1f\x8b\x08", "this is a GZIP file, not CSV: save the table as CSV (UTF-8)"),
        (
            "csv",
            "code,name\nA,x\n".encode("utf-16-le"),
            "this is not text in UTF-8 (half of its bytes are zero): save it as CSV (UTF-8)",
        ),
        ("parquet", b"PAR1" + bytes(100), "the Parquet file is cut off: copy it again"),
        ("parquet", WORKBOOK, "this is no Parquet file (ZIP/XLSX)"),
        ("parquet", b"", "this is no Parquet file"),
        ("xlsx", GOOD, "this is no XLSX workbook: save it as XLSX, or as CSV (UTF-8)"),
    ],
)
def test_file_that_is_not_what_its_name_says(tmp_path, name, content, expected):
    problems, rows, _ = read(tmp_path, **{f"channels__{name}": content})
    assert (problems, rows) == ([f"channels:-:-: {expected}"], None)


def test_parquet_with_a_damaged_middle_is_named_without_our_paths(tmp_path):
    write_parquet(tmp_path, {"channels": [{"code": f"C{n}", "name": "x"} for n in range(100)]})
    whole_file = (tmp_path / "channels.parquet").read_bytes()
    damaged = whole_file[:20] + bytes(len(whole_file) - 28) + whole_file[-8:]
    (problem,), rows, _ = read(tmp_path, channels__parquet=damaged)
    assert problem.startswith("channels:-:-: cannot be read as Parquet: ")
    assert "/" not in problem.removeprefix("channels:-:-: cannot be read as Parquet: ")
    assert rows is None


def test_too_many_columns_are_counted_not_listed(tmp_path):
    problems, _, _ = read(tmp_path, channels__csv=b",".join(b"c%d" % n for n in range(100_000)) + b"\n")
    assert problems == ["channels:1:-: the header names 100000 columns, where 100 are the most"]


@pytest.mark.parametrize("content", [b"x" * 3_000_000, b"code,name\n" + b"x" * 3_000_000])
def test_line_without_end(tmp_path, content):
    problems, _, _ = read(tmp_path, channels__csv=content)
    row = content.count(b"\n") + 1
    assert problems == [
        f"channels:{row}:-: the line has more than 2000000 characters: from here on nothing can be read"
    ]


def test_links_are_refused(tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_bytes(GOOD)
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "channels.csv").symlink_to(secret)
    problems, rows, _ = read(folder)
    assert (problems, rows) == (
        ["channels:-:-: channels.csv is a link to another place: put the file itself here"],
        None,
    )


def test_folder_in_the_place_of_a_file_is_named(tmp_path):
    (tmp_path / "channels.csv").mkdir()
    problems, rows, _ = read(tmp_path)
    assert (problems, rows) == (["channels:-:-: channels.csv is no file"], None)


@pytest.mark.parametrize("name", ["a*b", "[x]", "it's", "https:", "$(id)", "a;b"])
def test_names_of_folders_are_names_and_nothing_else(tmp_path, name):
    problems, rows, _ = read(tmp_path / name, channels__csv=GOOD)
    assert (problems, rows) == ([], GOOD_ROWS)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('{}/../outside.csv')",
        "SELECT * FROM 'https://example.com/x.csv'",
        "COPY (SELECT 1) TO '/tmp/concordia-must-not-be'",
        "ATTACH '/tmp/concordia-must-not-be'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
    ],
)
def test_duckdb_reaches_nothing_but_the_tables(tmp_path, sql):
    (tmp_path / "outside.csv").write_bytes(GOOD)
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "channels.csv").write_bytes(GOOD)
    with opened(folder) as data, pytest.raises(duckdb.Error):
        data.all(sql.format(folder))
