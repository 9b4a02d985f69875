"""docs/operations.md explains the settings that the code reads, no more and no fewer."""

import re
from io import StringIO

from django.core.management import call_command

from config import setting_table
from config.paths import BASE_DIR


def test_the_table_in_the_document_is_that_of_the_code():
    assert setting_table.DOCUMENT.read_text() == setting_table.in_document(), "run manage.py settings_table --write"


def test_every_setting_is_explained():
    assert [one.name for one in setting_table.settings() if not (one.help and one.without)] == []


def test_every_variable_of_the_code_is_found():
    """By a rougher look at the text, so that a new way of reading is noticed."""
    texts = [(BASE_DIR / path).read_text() for path in setting_table.SOURCES]
    read = {name for text in texts for name in re.findall(r"(?:env\.\w+|environ\.get)\(\s*\"([A-Z_]+)\"", text)}
    assert {one.name for one in setting_table.settings()} == read - setting_table.LEFT_OUT
    assert len(read) > 15


def test_a_row_has_default_and_meaning():
    found = {one.name: one for one in setting_table.settings()}
    assert (found["DEBUG"].without, found["CURRENCY"].without) == ("off", "`USD`")
    assert found["CSRF_TRUSTED_ORIGINS"].without == "none"
    assert found["DATABASE_URL"].without == "SQLite in `VAR_DIR`"
    assert found["CURRENCY"].help == "The currency of every amount."


def test_the_command_prints_it():
    out = StringIO()
    call_command("settings_table", stdout=out)
    assert out.getvalue() == setting_table.table() + "\n"
