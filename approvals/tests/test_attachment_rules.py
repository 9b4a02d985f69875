"""Which files are taken, by what is in them."""

import pytest

from approvals.rules.attachments import LARGEST, LONGEST_NAME, FileKind, WrongFile, clean_name, examined
from approvals.tests.conversing import PDF, workbook

PNG, JPG = b"\x89PNG\r\n\x1a\n" + b"\0" * 9, b"\xff\xd8\xff\xe0" + b"\0" * 9


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("Plan.PDF", PDF, FileKind.PDF),
        ("shop.png", PNG, FileKind.PNG),
        ("shop.jpeg", JPG, FileKind.JPG),
        ("stock.xlsx", workbook(), FileKind.XLSX),
        ("stock.csv", "tienda;precio\nA Coruña;3,50 €\n".encode("cp1252"), FileKind.CSV),
        ("note.txt", "\ufeffmañana\r\n\tsí".encode(), FileKind.TXT),
        ("exact.txt", b"x" * LARGEST, FileKind.TXT),
    ],
)
def test_what_is_taken(name, content, kind):
    assert examined(name, content) == (name, kind)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("run.exe", b"MZ", "kind"),
        ("page.html", b"<html>", "kind"),
        ("drawing.svg", b"<svg/>", "kind"),
        ("plan", PDF, "kind"),
        ("plan.pdf.exe", PDF, "kind"),
        ("plan.pdf", b"<html><script>", "content"),
        ("plan.png", JPG, "content"),
        ("note.txt", b"MZ\x90\x00", "content"),
        ("stock.csv", workbook(), "content"),
        ("stock.xlsx", b"PK\x03\x04 no archive", "content"),
        ("stock.xlsx", workbook("xl/vbaProject.bin"), "content"),
        ("empty.txt", b"", "empty"),
        ("large.txt", b"x" * (LARGEST + 1), "size"),
    ],
)
def test_what_is_refused_and_named(name, content, code):
    with pytest.raises(WrongFile) as error:
        examined(name, content)
    assert error.value.code == code
    assert name in error.value.message


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ana\\Plan 1.pdf", "Plan 1.pdf"),
        ('a"b\r\nSet-Cookie: x.txt', "a_b__Set-Cookie_ x.txt"),
        ("\u202efdp.exe.txt", "fdp.exe.txt"),
        (".txt", "file.txt"),
        ("...", "file"),
        ("año\u0301.pdf", "añó.pdf"),
        (f"{'x' * 300}.xlsx", f"{'x' * (LONGEST_NAME - 5)}.xlsx"),
    ],
)
def test_names_are_cleaned(name, clean):
    assert clean_name(name) == clean
    assert len(clean) <= LONGEST_NAME
