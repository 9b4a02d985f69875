"""The documents point at things that exist."""

import re

import pytest

from config.paths import BASE_DIR

DOCUMENTS = [*BASE_DIR.glob("*.md"), *(BASE_DIR / "docs").rglob("*.md")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_every_relative_link_leads_somewhere(document):
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_make_target_in_the_documents_exists():
    targets = set(re.findall(r"^([a-z]+):", (BASE_DIR / "Makefile").read_text(), re.MULTILINE))
    named = {name for document in DOCUMENTS for name in re.findall(r"\bmake ([a-z]+)\b`", document.read_text())}
    assert named <= targets
