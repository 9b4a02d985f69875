"""What a file is by its first bytes, where that is not what its name says."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from customers.languages import Text, filled

# The first bytes of files that people take for tables, with what they are called.
_STARTS = (
    (b"PK\x03\x04", "ZIP/XLSX"),
    (b"PAR1", "Parquet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x1f\x8b", "GZIP"),
    (b"SQLite format 3\x00", "SQLite"),
)


def not_what_its_name_says(file: Path) -> Text:
    """Why a file cannot be read as its suffix says; "" if nothing speaks against it."""
    with file.open("rb") as content:
        start = content.read(4096)
        content.seek(0, 2)
        content.seek(max(0, content.tell() - 4))
        end = content.read()
    kind = next((name for first, name in _STARTS if start.startswith(first)), "")
    if file.suffix == ".csv":
        if kind:
            return filled(_("this is a %(kind)s file, not CSV: save the table as CSV (UTF-8)"), kind=kind)
        # Text of two bytes per character; a single NUL is told with its cell.
        if start.count(0) > len(start) // 8 and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
            return _("this is not text in UTF-8 (half of its bytes are zero): save it as CSV (UTF-8)")
    if file.suffix == ".parquet":
        if kind != "Parquet":
            return filled(_("this is no Parquet file%(found)s"), found=f" ({kind})" if kind else "")
        if end != b"PAR1":
            return _("the Parquet file is cut off: copy it again")
    if file.suffix == ".xlsx" and kind == "XLS":
        return _("this is an old XLS workbook, or one with a password: save it as XLSX without a password")
    return ""
