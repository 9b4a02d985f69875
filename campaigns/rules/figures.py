"""Percentages and amounts of money that a sentence states, in English or Spanish.

A point or comma before three digits may group thousands or begin decimals, by language: such a figure has two readings.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_NUMBER = r"\d{1,3}(?:[.,\s’']\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?"
_PERCENT = r"%|per\s?cent\b|pct\b|por\s(?:ciento|cien)\b"
_CURRENCY = (
    r"[€£¥]|(?:US|MX|AR|CL|CO)?\$|(?-i:EUR|USD|GBP|CHF|MXN|ARS|CLP|COP|PEN)\b"
    r"|euros?\b|d[óo]lar(?:es)?\b|dollars?\b|pesos?\b|libras?\b|pounds?\b"
)
_FIGURE = re.compile(
    rf"(?:{_CURRENCY})\s?(?P<money>{_NUMBER})"
    rf"|(?<![\w.,])(?P<number>{_NUMBER})\s?(?:(?P<percent>{_PERCENT})|(?:{_CURRENCY}))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Figure:
    """`text` as it is written, `readings` the numbers it may mean."""

    text: str
    is_percent: bool
    readings: frozenset[Decimal]


def figures(text: str) -> Iterator[Figure]:
    for found in _FIGURE.finditer(text):
        yield Figure(found[0], found["percent"] is not None, readings(found["money"] or found["number"]))


def readings(number: str) -> frozenset[Decimal]:
    """What a number means: "1,234.50" is 1234.5, "12,5" is 12.5, "1.500" is 1500 or 1.5."""
    number = re.sub(r"[\s’']", "", number)
    marks = [mark for mark in number if mark in ".,"]
    if not marks:
        return frozenset({Decimal(number)})
    whole, _, rest = number.rpartition(marks[-1])
    grouped, decimal = Decimal(re.sub("[.,]", "", number)), Decimal(f"{re.sub('[.,]', '', whole)}.{rest}")
    if marks.count(marks[-1]) > 1:
        return frozenset({grouped})
    if len(rest) != 3 or len(marks) > 1:
        return frozenset({decimal})
    return frozenset({grouped, decimal})
