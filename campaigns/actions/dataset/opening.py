"""Opening a dataset folder: which files are tables, and a DuckDB that can reach nothing but them."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from django.utils.translation import gettext_lazy as _

from campaigns.actions.dataset.folder import Folder
from campaigns.actions.dataset.problems import Progress
from campaigns.actions.dataset.reading import read
from campaigns.rules.dataset import NOT_YET, TABLES
from customers.languages import filled
from customers.rules.text import shown

SUFFIXES = (".csv", ".parquet", ".xlsx")

# Of the whole process a DuckDB is a third; what it cannot hold it keeps in files beside the data.
MEMORY = "96MB"
THREADS = 2


@contextmanager
def opened(path: Path, progress: Progress = lambda step, done, of: None) -> Iterator[Folder]:
    """Read every table of a folder; what is wrong with files, headers and rows stands in `problems`."""
    with TemporaryDirectory(prefix="concordia-import-") as work:
        folder = Folder(path, None, progress, *_find(path))
        _name_the_unexpected(folder)
        _leave_links_out(folder)
        folder.con = _connect(Path(work), folder)
        try:
            # Workbooks first: the process that reads one takes memory while the tables are still small.
            for table, file in sorted(folder.files.items(), key=lambda one: one[1].suffix != ".xlsx"):
                read(folder, TABLES[table], Path(work) / file.name, Path(work))
            yield folder
        finally:
            folder.con.close()


def _connect(work: Path, folder: Folder) -> Any:
    """A database in `work` that reads the files of the folder through links there, and nothing else in the world.

    No name of a folder is a pattern or an address this way, and no content makes DuckDB fetch an extension.
    """
    for file in folder.files.values():
        (work / file.name).symlink_to(file.resolve())
    con = duckdb.connect(str(work / "dataset.duckdb"))
    paths = [str(one) for file in folder.files.values() for one in (work / file.name, file.resolve())]
    con.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
    con.execute(f"SET memory_limit = '{MEMORY}'; SET threads = {THREADS}; SET TimeZone = 'UTC'")
    con.execute(f"SET temp_directory = {_quoted(str(work))}; SET allowed_directories = [{_quoted(f'{work}/')}]")
    con.execute(f"SET allowed_paths = [{', '.join(map(_quoted, paths))}]")
    con.execute("SET enable_external_access = false; SET lock_configuration = true")
    return con


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _find(path: Path) -> tuple[dict[str, Path], str]:
    """The files of known tables, in the order of the format, and a digest of their content."""
    files: dict[str, Path] = {}
    digest = hashlib.sha256()
    for table in TABLES:
        for suffix in SUFFIXES:
            file = path / f"{table}{suffix}"
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
        if file.suffix.lower() not in SUFFIXES:
            continue
        if file.stem in NOT_YET:
            text = _("this table is not supported yet: take %(file)s out of the folder")
            folder.problems.add(file.stem, 0, "", filled(text, file=file.name))
        elif file.stem not in TABLES or file.suffix != file.suffix.lower():
            text = _("%(file)s is no table of the format and was not read; tables are %(tables)s")
            folder.warnings.append(filled(text, file=shown(file.name), tables=", ".join(TABLES)))
        elif not file.is_file():
            text = _("%(file)s is no file")
            folder.problems.add(file.stem, 0, "", filled(text, file=file.name))
        elif folder.files[file.stem] != file:
            text = _("both %(one)s and %(two)s are there: keep one of them")
            folder.problems.add(file.stem, 0, "", filled(text, one=folder.files[file.stem].name, two=file.name))
    if not folder.files and not folder.problems.count:
        text = _("no table in this folder: expected files such as campaigns.csv or offers.parquet")
        folder.problems.add(shown(folder.path.name), 0, "", text)


def _leave_links_out(folder: Folder) -> None:
    """A link shows whoever writes the folder a file that only the reader of it may open."""
    for table, file in list(folder.files.items()):
        if file.is_symlink():
            text = _("%(file)s is a link to another place: put the file itself here")
            folder.problems.add(table, 0, "", filled(text, file=file.name))
            folder.broken.add(table)
            del folder.files[table]
