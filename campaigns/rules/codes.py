"""Codes that customers type: which ones a till takes for the same, and which ones people mistake for each other."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

SAME, ALIKE = "same", "alike"
# Below this length most codes are a letter away from another one.
SHORTEST = 6
_LOOKS_LIKE = str.maketrans("OIL", "011")


def plain(code: str) -> str:
    """The code as a till compares it: capitals, without spaces, hyphens and other separators."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", code).upper()))


def folded(code: str) -> str:
    """The code as people read it: O is 0, I and L are 1."""
    return plain(code).translate(_LOOKS_LIKE)


def likeness(one: str, two: str, *, shortest: int = SHORTEST) -> str:
    """SAME, ALIKE (they look the same, or are one character apart and have `shortest` or more) or ""."""
    if not plain(one) or not plain(two):
        return ""
    if plain(one) == plain(two):
        return SAME
    a, b = folded(one), folded(two)
    return ALIKE if a == b or (min(len(a), len(b)) >= shortest and _one_apart(a, b)) else ""


def alike(codes: Mapping[int, str], *, shortest: int = SHORTEST) -> Iterator[tuple[int, int, str]]:
    """Every two keys whose codes have a likeness, smaller key first, in ascending order.

    Does not compare all with all: codes one character apart are equal after taking one character out of either or both.
    """
    buckets: dict[str, set[int]] = defaultdict(set)
    for key, code in codes.items():
        word = folded(code)
        buckets[word].add(key)
        if len(word) >= shortest:
            for place in range(len(word)):
                buckets[word[:place] + word[place + 1 :]].add(key)
    together = {pair for keys in buckets.values() for pair in combinations(sorted(keys), 2)}
    for one, two in sorted(together):
        if how := likeness(codes[one], codes[two], shortest=shortest):
            yield one, two, how


def _one_apart(one: str, two: str) -> bool:
    """Whether one character replaced, added or taken out makes the one word the other."""
    short, long = sorted((one, two), key=len)
    if short == long or len(long) - len(short) > 1:
        return False
    at = next((place for place, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    return short[at + (len(short) == len(long)) :] == long[at + 1 :]
