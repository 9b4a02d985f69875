"""Words and phrases found in a text: whole words in any case, with or without accents, in time that grows with the text.

A phrase may end in `*`: its last word then stands for all words that begin so. Accents make no difference, but “ñ” is a
letter of its own. What stands in two sentences is no phrase.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

T = TypeVar("T")

_LETTER = r"(?:[^\W_]|[\u0300-\u036f])"
_WORD = re.compile(rf"{_LETTER}+(?:['’]{_LETTER}+)*")
_ACCENT = re.compile(r"(?<!n)\u0303|[\u0300-\u0302\u0304-\u036f]")
_APART = re.compile(r"[.!?¡¿;:…\n]")
MOST_WORDS = 8
# With fewer letters before it a star would stand for half of the language.
FEWEST_LETTERS = 3


@dataclass(frozen=True)
class Found(Generic[T]):
    """`quote` as the text has it, and what the phrase means."""

    quote: str
    means: T


@dataclass
class _Node:
    """What may follow: words as they are, and words by how they begin; `means` holds what ends here, if anything does."""

    whole: dict[str, "_Node"] = field(default_factory=dict)
    begun: dict[str, "_Node"] = field(default_factory=dict)
    means: list[object] = field(default_factory=list)


class Phrases(Generic[T]):
    """Pairs of a phrase and what it means; of two that say the same the first counts."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._start = _Node()
        self._longest_begun = 0
        for phrase, means in entries:
            self._add(words_of(phrase), means, is_open=phrase.rstrip().endswith("*"))

    def _add(self, words: list[str], means: T, *, is_open: bool) -> None:
        if not words:
            return
        node = self._start
        for word in words[:-1]:
            node = node.whole.setdefault(word, _Node())
        last = (node.begun if is_open else node.whole).setdefault(words[-1], _Node())
        if is_open:
            self._longest_begun = max(self._longest_begun, len(words[-1]))
        if not last.means:
            last.means.append(means)

    def find(self, text: str) -> Iterator[Found[T]]:
        """From left to right, the longest at each place; none overlaps another."""
        words = [(fold(one[0]), one.start(), one.end()) for one in _WORD.finditer(text)]
        place = 0
        while place < len(words):
            if (found := self._longest(text, words, place)) is None:
                place += 1
                continue
            last, means = found
            yield Found(text[words[place][1] : words[last][2]], means)
            place = last + 1

    def _longest(self, text: str, words: list[tuple[str, int, int]], first: int) -> tuple[int, T] | None:
        node, found = self._start, None
        for place in range(first, min(first + MOST_WORDS, len(words))):
            word, start, _end = words[place]
            if place > first and _APART.search(text, words[place - 1][2], start):
                break
            following = node.whole.get(word)
            end = following if following and following.means else self._begun(node, word)
            if end is not None:
                found = (place, end.means[0])
            if following is None:
                break
            node = following
        return found  # type: ignore[return-value]

    def _begun(self, node: _Node, word: str) -> _Node | None:
        if not node.begun:
            return None
        sizes = range(min(len(word), self._longest_begun), 0, -1)
        return next((end for size in sizes if (end := node.begun.get(word[:size])) is not None), None)


def words_of(phrase: str) -> list[str]:
    return [fold(word) for word in _WORD.findall(phrase)]


def fold(word: str) -> str:
    """What is compared: “Increíble” and “INCREIBLE” are the same, “año” and “ano” are not."""
    apart = unicodedata.normalize("NFD", word.casefold().replace("’", "'"))
    return unicodedata.normalize("NFC", _ACCENT.sub("", apart))


def wrong_phrase(phrase: str) -> str:
    """Why this cannot be looked for, in a sentence; "" if it can."""
    words = words_of(phrase)
    if not words:
        return _("Give a word.")
    if len(words) > MOST_WORDS:
        return _("A phrase has at most %(most)s words.") % {"most": MOST_WORDS}
    if "*" in phrase.rstrip()[:-1] or (phrase.rstrip().endswith("*") and not phrase.rstrip()[-2:-1].isalnum()):
        return _("A star stands only at the end, right behind a letter.")
    if phrase.rstrip().endswith("*") and len(words[-1]) < FEWEST_LETTERS:
        return _("Before a star stand at least %(fewest)s letters.") % {"fewest": FEWEST_LETTERS}
    return ""
