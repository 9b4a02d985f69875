"""Every text is there in every language, and what is compiled is what is written."""

import ast
import gettext
import shutil
import subprocess
import sys

import pytest
from django.conf import settings

from config.tests.live import ENVIRONMENT

CATALOGUES = sorted((settings.BASE_DIR / "locale").glob("*/LC_MESSAGES/*.po"))

pytestmark = pytest.mark.skipif(not CATALOGUES, reason="no catalogue has been made yet")


def _entries(path):
    """[{"msgid": ..., "msgstr[0]": ..., "fuzzy": bool}] of a catalogue, its head and obsolete texts left out."""
    entries = []
    for block in path.read_text().split("\n\n"):
        entry, field = {"fuzzy": False}, ""
        for line in block.splitlines():
            if line.startswith("#"):
                entry["fuzzy"] |= line.startswith("#,") and "fuzzy" in line
                continue
            if not line.startswith('"'):
                field, _, line = line.partition(" ")
            entry[field] = entry.get(field, "") + ast.literal_eval(line)
        if entry.get("msgid"):
            entries.append(entry)
    return entries


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_text_is_translated_for_sure(path):
    entries = _entries(path)
    assert len(entries) > 100  # the file was understood
    missing = [e["msgid"] for e in entries for name in e if name.startswith("msgstr") and not e[name]]
    assert missing == []
    assert [entry["msgid"] for entry in entries if entry["fuzzy"]] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_the_compiled_catalogue_is_this_one(path):
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    written = {}
    for entry in _entries(path):
        context = f"{entry['msgctxt']}\x04" if "msgctxt" in entry else ""
        for name, text in entry.items():
            if name == "msgstr":
                written[context + entry["msgid"]] = text
            elif name.startswith("msgstr["):
                written[context + entry["msgid"], int(name[7:-1])] = text
    assert {key: text for key, text in compiled.items() if key} == written


@pytest.mark.skipif(not shutil.which("xgettext"), reason="GNU gettext is not installed")
@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_text_of_the_code_is_in_the_catalogue(path, tmp_path):
    """Collects the texts anew, in a copy, as `make messages` does."""
    for name in ("approvals", "campaigns", "config", "customers", "templates", "locale", "manage.py", "static"):
        source = settings.BASE_DIR / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
        else:
            shutil.copy(source, tmp_path)
    language = path.parts[-3]
    command = [sys.executable, "manage.py", "makemessages", "--locale", language, "--no-obsolete"]
    subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT | {"SECRET_KEY": "texts"}, check=True)
    collected = _entries(tmp_path / path.relative_to(settings.BASE_DIR))
    assert {entry["msgid"] for entry in collected} == {entry["msgid"] for entry in _entries(path)}
