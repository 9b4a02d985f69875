"""Files that people send: one ZIP of tables or the tables themselves, kept under names of our own."""

import os
import shutil
import stat
import zipfile
from collections.abc import Sequence
from io import BufferedReader, FileIO
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from campaigns.actions.dataset.opening import SUFFIXES
from campaigns.rules.dataset import NOT_YET, TABLES
from customers.rules.text import shown

File = tuple[str, BinaryIO]

ZIP = "upload.zip"
# How many times larger than the limit of an upload its content may be, and how much smaller than it a ZIP.
UNPACKED = 5
RATIO = 100
# Below this no ratio is suspicious: a table of one repeated line.
SMALL = 10 * 2**20
MEMBERS = 200
BLOCK = 1 << 20


class _Packed(BufferedReader):
    """A ZIP file whose table of contents fills no memory: zipfile reads all of it at once, and makes tenfold of it."""

    def read(self, size: int | None = -1) -> bytes:
        left = os.fstat(self.fileno()).st_size - self.tell()
        if (left if size is None or size < 0 else min(size, left)) > BLOCK:
            raise zipfile.BadZipFile
        return super().read(size)


def longest_request() -> int:
    """Bytes of a request whose files are as large as they may be; what surrounds them is small."""
    return int((settings.IMPORT_UPLOAD_MB + 1) << 20)


def keep(files: Sequence[File], folder: Path) -> None:
    """Write what was sent into `folder`, which must exist.

    Raises:
        ValidationError: nothing was sent, it is too large, or it holds something that is no table.
    """
    if not files:
        raise ValidationError(_("Choose a ZIP file or the files of the tables."), code="required")
    zips = [file for file in files if file[0].lower().endswith(".zip")]
    if zips and len(files) > 1:
        raise ValidationError(_("Send one ZIP file, or the files of the tables without one."), code="invalid")
    names = [ZIP] if zips else _table_names([name for name, _content in files])
    left = settings.IMPORT_UPLOAD_MB << 20
    for name, (_sent, content) in zip(names, files, strict=True):
        left = _copy(content, folder / name, left)
    if zips:
        _look_into(folder / ZIP)


def tables(folder: Path) -> Path:
    """The folder of the tables in what was kept; a ZIP is unpacked beside itself, anew each time.

    Raises:
        ValidationError: the ZIP is damaged, or larger inside than it says.
    """
    packed, unpacked = folder / ZIP, folder / "tables"
    if not packed.exists():
        return folder
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir(mode=0o700)
    left = UNPACKED * settings.IMPORT_UPLOAD_MB << 20
    try:
        with _Packed(FileIO(packed)) as file, zipfile.ZipFile(file) as archive:
            members = _members(archive)
            names = _table_names([PurePosixPath(member.filename).name for member in members])
            for name, member in zip(names, members, strict=True):
                with archive.open(member) as content:
                    left = _copy(content, unpacked / name, left)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise _damaged() from error
    return unpacked


def _copy(content: IO[bytes], to: Path, left: int) -> int:
    """Copy in blocks; returns how many bytes may still come."""
    with to.open("xb") as out:
        while block := content.read(BLOCK):
            left -= len(block)
            if left < 0:
                raise ValidationError(
                    _("The files are larger than %(size)d MB together."),
                    params={"size": settings.IMPORT_UPLOAD_MB},
                    code="too_large",
                )
            out.write(block)
    return left


def _look_into(packed: Path) -> None:
    """Judge a ZIP by its table of contents before anything in it is unpacked."""
    try:
        with _Packed(FileIO(packed)) as file, zipfile.ZipFile(file) as archive:
            members = _members(archive)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise _damaged() from error
    _table_names([PurePosixPath(member.filename).name for member in members])
    whole = sum(member.file_size for member in members)
    limit = UNPACKED * settings.IMPORT_UPLOAD_MB << 20
    if whole > limit or (whole > SMALL and whole > RATIO * packed.stat().st_size):
        text = _("Unpacked the ZIP file is larger than %(size)d MB, or packed suspiciously small: send the tables.")
        raise ValidationError(text, params={"size": limit >> 20}, code="too_large")


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The tables of a ZIP: at its top or in one folder; what a Mac adds is left out."""
    members = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
    members = [one for one in members if PurePosixPath(one.filename).name != ".DS_Store"]
    if len(members) > MEMBERS:
        raise ValidationError(_("The ZIP file holds too many files."), code="too_large")
    if any(one.flag_bits & 1 for one in members):
        raise ValidationError(_("The ZIP file is protected by a password: pack it without one."), code="invalid")
    for one in members:
        path = PurePosixPath(one.filename)
        is_link = stat.S_ISLNK(one.external_attr >> 16)
        if is_link or path.is_absolute() or ".." in path.parts or "\\" in one.filename or len(path.parts) > 2:
            text = _(
                "“%(file)s” in the ZIP file is a link or lies in a folder of a folder: put the tables at the top."
            )
            raise ValidationError(text, params={"file": shown(one.filename)}, code="invalid")
    if len({PurePosixPath(one.filename).parent for one in members}) > 1:
        raise ValidationError(_("The ZIP file holds several folders: put the tables into one."), code="invalid")
    return members


def _table_names(sent: Sequence[str]) -> list[str]:
    """The names of tables that files are kept under, from a list of our own, so that no name of theirs reaches a disk."""
    known = {f"{table}{suffix}" for table in (*TABLES, *NOT_YET) for suffix in SUFFIXES}
    wrong = [name for name in sent if name.lower() not in known]
    if wrong or not sent:
        text = _("“%(file)s” is no table: files are named %(tables)s, each .csv, .xlsx or .parquet.")
        values = {"file": shown(wrong[0] if wrong else ""), "tables": ", ".join(TABLES)}
        raise ValidationError(text, params=values, code="invalid")
    names = [name.lower() for name in sent]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise ValidationError(_("“%(file)s” was sent twice."), params={"file": twice}, code="invalid")
    return names


def _damaged() -> ValidationError:
    return ValidationError(_("The ZIP file is damaged, or is none: pack it anew."), code="invalid")
