"""Every text is there in Spanish, says the same as the English one, and what is compiled is what is written."""

import ast
import gettext
import re
from dataclasses import dataclass, field
from itertools import chain

import pytest
from django.conf import settings

CATALOGUE = settings.BASE_DIR / "locale/es/LC_MESSAGES/django.po"
OURS = ("approvals", "campaigns", "config", "customers")
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
CALLS_WITH_CONTEXT = {"pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"}

# {% translate "text" %}, also with a filter, `as` or `noop`, and _("text") inside a tag or a variable.
TEMPLATE_TEXT = re.compile(
    r"""\{%-?\s*trans(?:late)?\s+(?P<tag>"[^"]*"|'[^']*')(?P<rest>[^%]*)%\}|_\((?P<call>"[^"]*"|'[^']*')\)"""
)
TEMPLATE_CONTEXT = re.compile(r"""\bcontext\s+(?:"([^"]*)"|'([^']*)')""")
TEMPLATE_BLOCK = re.compile(
    r"\{%\s*blocktrans(?:late)?(?P<options>[^%]*)%\}(?P<body>.*?)\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL
)
PLACEHOLDER = re.compile(r"%%|%\(\w+\)[\d.]*[a-z]|%[sdrf]|\{\w*\}|</?[a-z][^>]*>")


@dataclass
class Entry:
    context: str | None = None
    msgid: str = ""
    plural: str = ""
    texts: dict[int, str] = field(default_factory=dict)
    """Translations by plural form; a text without plural has only the form 0."""
    is_fuzzy: bool = False

    @property
    def key(self):
        return self.context, self.msgid


def _read(path):
    """Entries of a catalogue without its head and without obsolete texts."""
    entries = []
    for block in path.read_text().split("\n\n"):
        values, keyword, is_fuzzy = {}, "", False
        for line in block.splitlines():
            if line.startswith("#"):
                is_fuzzy |= line.startswith("#,") and "fuzzy" in line
                continue
            if not line.startswith('"'):
                keyword = line.partition(" ")[0]
            text = ast.literal_eval(line[line.index('"') :])
            values[keyword] = values.get(keyword, "") + text
        if values.get("msgid"):
            texts = {int(name[7:-1] or 0): values[name] for name in values if name.startswith("msgstr[")}
            texts = texts or {0: values["msgstr"]}
            entries.append(
                Entry(values.get("msgctxt"), values["msgid"], values.get("msgid_plural", ""), texts, is_fuzzy)
            )
    return entries


@pytest.fixture(scope="module")
def entries():
    found = _read(CATALOGUE)
    assert len(found) > 500  # the file was understood
    return found


def test_every_text_is_translated_for_sure(entries):
    missing = [entry.msgid for entry in entries if not all(entry.texts.values())]
    assert missing == []
    assert [entry.msgid for entry in entries if entry.is_fuzzy] == []
    one_form_only = [entry.msgid for entry in entries if entry.plural and len(entry.texts) < 2]
    assert one_form_only == []
    # A text without "fuzzy" can still be undone by a head that has it: the compiler then drops the character set.
    assert "fuzzy" not in CATALOGUE.read_text()


def test_the_compiled_catalogue_is_this_one(entries):
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    written = {}
    for entry in entries:
        key = entry.msgid if entry.context is None else f"{entry.context}\x04{entry.msgid}"
        for form, text in entry.texts.items():
            written[(key, form) if entry.plural else key] = text
    assert {key: text for key, text in compiled.items() if key} == written


def _placeholders(text):
    return sorted(PLACEHOLDER.findall(text))


def _edges(text):
    """Space and line ends around a text: they join it to what stands beside it."""
    stripped = text.strip()
    return text.partition(stripped)[::2] if stripped else text


def test_placeholders_markup_and_edges_are_those_of_the_english_text(entries):
    wrong = []
    for entry in entries:
        for form, text in entry.texts.items():
            english = entry.plural if form and entry.plural else entry.msgid
            if (_placeholders(text), _edges(text)) != (_placeholders(english), _edges(english)):
                wrong.append((english, text))
    assert wrong == []


def _constant(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _python_texts(source):
    """(context, text) of each gettext call with a constant text."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in CALLS and node.args:
            context, text = None, _constant(node.args[0])
        elif name in CALLS_WITH_CONTEXT and len(node.args) > 1:
            context, text = _constant(node.args[0]), _constant(node.args[1])
        else:
            continue
        if text:
            yield context, text


def _template_texts(source):
    """(context, text) of each {% translate %}, _() and {% blocktranslate %}, the last as Django names its variables."""
    for found in TEMPLATE_TEXT.finditer(source):
        context = TEMPLATE_CONTEXT.search(found["rest"] or "")
        yield context and (context[1] or context[2]), (found["tag"] or found["call"])[1:-1]
    for found in TEMPLATE_BLOCK.finditer(source):
        context = TEMPLATE_CONTEXT.search(found["options"])
        body = re.split(r"\{%\s*plural\s*%\}", found["body"])[0]
        if re.search(r"\btrimmed\b", found["options"]):
            body = " ".join(line.strip() for line in body.strip().splitlines())
        text = re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", body.replace("%", "%%"))
        yield context and (context[1] or context[2]), text


def _sources():
    """(path, reader) of everything of ours that may hold texts for people."""
    for app in OURS:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                yield path, _python_texts
    for folder in ("templates", *OURS):
        for suffix in ("*.html", "*.txt"):
            for path in sorted((settings.BASE_DIR / folder).rglob(suffix)):
                yield path, _template_texts


def test_every_text_of_the_code_is_in_the_catalogue(entries):
    known = {entry.key for entry in entries}
    used = {path: set(read(path.read_text())) for path, read in _sources()}
    assert len(set(chain.from_iterable(used.values()))) > 500  # the sources were understood
    missing = [(str(path.relative_to(settings.BASE_DIR)), text) for path in used for text in used[path] - known]
    assert missing == []


def test_no_text_of_the_catalogue_is_left_over(entries):
    used = {text for path, read in _sources() for text in read(path.read_text())}
    assert [entry.msgid for entry in entries if entry.key not in used] == []


@pytest.mark.parametrize(
    ("read", "source", "texts"),
    [
        (
            _python_texts,
            '_("a") + gettext_lazy("b"); ngettext("one", "more", n)',
            {(None, x) for x in ("a", "b", "one")},
        ),
        (_python_texts, 'pgettext("mail", "from"); _(name); other("no")', {("mail", "from")}),
        (
            _template_texts,
            """{% translate "a" as b %}{% trans 'c' %}{{ x|default:_("d") }}""",
            {(None, x) for x in "acd"},
        ),
        (_template_texts, '{% translate "may" context "month" %}', {("month", "may")}),
        (
            _template_texts,
            "{% blocktranslate trimmed count n=all %}\n  {{ n }} % of\n  one\n{% plural %}more{% endblocktranslate %}",
            {(None, "%(n)s %% of one")},
        ),
    ],
)
def test_texts_are_found_in_sources(read, source, texts):
    assert set(read(source)) == texts
