"""What an import of days off would change in the table of the house."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class SourceDay:
    """`is_worked`: a weekend on which people work, as some countries have them."""

    name: str
    is_worked: bool


@dataclass(frozen=True)
class Difference:
    """`changed` is {day: (before, after)}; `kept` are days that the source names and somebody entered by hand."""

    added: Mapping[date, SourceDay]
    removed: Mapping[date, SourceDay]
    changed: Mapping[date, tuple[SourceDay, SourceDay]]
    kept: Collection[date]

    def everything(self) -> dict[date, tuple[SourceDay | None, SourceDay | None]]:
        """{day: (before, after)}, earliest first."""
        pairs: dict[date, tuple[SourceDay | None, SourceDay | None]] = {
            day: (None, one) for day, one in self.added.items()
        }
        pairs |= {day: (one, None) for day, one in self.removed.items()}
        pairs |= self.changed
        return dict(sorted(pairs.items()))


def difference(
    stored: Mapping[date, SourceDay], wanted: Mapping[date, SourceDay], *, by_hand: Collection[date]
) -> Difference:
    """From what was imported before to what is wanted now; nothing that was entered by hand changes."""
    return Difference(
        added={day: one for day, one in wanted.items() if day not in stored and day not in by_hand},
        removed={day: one for day, one in stored.items() if day not in wanted},
        changed={day: (stored[day], one) for day, one in wanted.items() if day in stored and stored[day] != one},
        kept=sorted(set(wanted) & set(by_hand)),
    )
