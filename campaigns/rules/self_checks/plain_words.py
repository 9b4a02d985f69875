"""Words in the texts of a plan that customers do not believe or understand, and those that a department never uses."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.rules.phrases import Phrases, fold
from campaigns.rules.self_checks.verdicts import WARN, SelfCheck

EXAGGERATION, JARGON, UNCLEAR, NEVER = "exaggeration", "jargon", "unclear", "never_word"


@dataclass(frozen=True)
class Watched:
    """What is wrong with a phrase: the kind, what to write instead, and whose rule it is ("" = everybody's)."""

    kind: str
    advice: str = ""
    department: str = ""


@dataclass(frozen=True)
class Text:
    """A text of a plan: the column where it stands, what people call that, and what it says."""

    field: str
    label: str
    text: str


def check(texts: Iterable[Text], *lists: Phrases[Watched]) -> Iterator[SelfCheck]:
    """A warning for each different phrase of each column, in the order in which they stand."""
    seen = set()
    for one in texts:
        for phrases in lists:
            for found in phrases.find(one.text):
                key = (one.field, found.means.kind, *map(fold, found.quote.split()))
                if key not in seen:
                    seen.add(key)
                    yield _warning(one, found.quote, found.means)


def _warning(text: Text, quote: str, watched: Watched) -> SelfCheck:
    words = {"field": text.label, "quote": quote, "department": watched.department, "advice": watched.advice}
    match watched.kind:
        case "exaggeration":
            told = _("%(field)s: “%(quote)s” exaggerates.")
        case "jargon":
            told = _("%(field)s: “%(quote)s” is jargon.")
        case "unclear":
            told = _("%(field)s: “%(quote)s” is unclear.")
        case _other:
            told = _("%(field)s: “%(quote)s” is a word that %(department)s never uses.")
    if watched.advice:
        better = _("Better: %(advice)s.")
        told = f"{told} {better}"
    return SelfCheck(watched.kind, WARN, (text.field,), told % words, quote=quote, advice=watched.advice)
