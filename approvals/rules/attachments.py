"""Which files people may attach: judged by what is in them, as a name says anything."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext as _

# Bytes of one file, and files of one statement.
LARGEST = 5 * 2**20
MOST = 5
LONGEST_NAME = 120


class FileKind(StrEnum):
    PDF = "pdf"
    PNG = "png"
    JPG = "jpg"
    CSV = "csv"
    XLSX = "xlsx"
    TXT = "txt"


MEDIA_TYPES: Mapping[FileKind, str] = {
    FileKind.PDF: "application/pdf",
    FileKind.PNG: "image/png",
    FileKind.JPG: "image/jpeg",
    FileKind.CSV: "text/csv",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.TXT: "text/plain",
}
_ENDINGS: Mapping[str, FileKind] = {**{str(kind): kind for kind in FileKind}, "jpeg": FileKind.JPG}
_BEGINS: Mapping[FileKind, bytes] = {
    FileKind.PDF: b"%PDF-",
    FileKind.PNG: b"\x89PNG\r\n\x1a\n",
    FileKind.JPG: b"\xff\xd8\xff",
}
# What no text holds, in whatever encoding of one byte or UTF-8.
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_PARTS_OF_A_WORKBOOK = {"[Content_Types].xml", "xl/workbook.xml"}
_MACROS = re.compile(r"vbaproject|macrosheets", re.IGNORECASE)
# What a file system or a header reads as something else than a letter of a name.
_UNSAFE = re.compile(r'[\\/:*?"<>|;%\x00-\x1f\x7f]')


class WrongFile(ValueError):
    """Says in words what is wrong with it; `code` is "kind", "content", "size" or "empty"."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.message, self.code = message, code


def examined(name: str, content: bytes) -> tuple[str, FileKind]:
    """The clean name of the file and what it is.

    Raises:
        WrongFile: it is empty, too large, of a kind that is not taken, or not what its name says.
    """
    clean = clean_name(name)
    kind = _ENDINGS.get(clean.rpartition(".")[2].lower()) if "." in clean else None
    told = {"name": clean, "kinds": ", ".join(FileKind), "size": LARGEST // 2**20}
    if kind is None:
        raise WrongFile(_("“%(name)s” is of a kind that is not taken; there are %(kinds)s.") % told, "kind")
    if not content:
        raise WrongFile(_("“%(name)s” is empty.") % told, "empty")
    if len(content) > LARGEST:
        raise WrongFile(_("“%(name)s” is too large: at most %(size)d MB a file.") % told, "size")
    if not _is(kind, content):
        raise WrongFile(
            _("“%(name)s” does not hold what its name says. Save it anew as one of %(kinds)s.") % told, "content"
        )
    return clean, kind


def clean_name(name: str) -> str:
    """The last part of a path, in letters that every system keeps; “file” where nothing is left."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in _UNSAFE.sub("_", last))
    stem, dot, ending = " ".join(kept.split()).rstrip(". ").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    stem, ending = stem.strip(". ") or "file", ending[:10]
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}" if ending else stem[:LONGEST_NAME]


def _is(kind: FileKind, content: bytes) -> bool:
    if kind in _BEGINS:
        return content.startswith(_BEGINS[kind])
    return _is_workbook(content) if kind == FileKind.XLSX else not _NO_TEXT.search(content)


def _is_workbook(content: bytes) -> bool:
    """By the names of its parts: nothing is unpacked. A workbook with macros is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError, UnicodeDecodeError):
        return False
    return names >= _PARTS_OF_A_WORKBOOK and not any(_MACROS.search(name) for name in names)
