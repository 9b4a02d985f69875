"""Is the history what was written? Reads the chain from its first entry to its head and names what does not fit."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import HistoryEntry, HistoryHead
from customers.rules.chain import FIELDS, digest

# Entries read at once.
PAGE = 2000

# An entry is sealed within milliseconds of its commit; a sweep makes up for a process that died in between.
SEALED_WITHIN = timedelta(minutes=1)
# `at` may be long past when a long import commits: what looks forgotten is looked at again after so many seconds.
LOOK_AGAIN_AFTER = 1.0

Progress = Callable[[int], object]


@dataclass(frozen=True)
class Head:
    """The number and digest of the newest entry, as somebody noted them."""

    seq: int
    digest: str

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Of "17:ab…", as `str()` of a HistoryHead.

        Raises:
            ValueError: it is not a number and 64 hex digits.
        """
        seq, _colon, digits = text.strip().partition(":")
        if not (seq.isascii() and seq.isdecimal()) or len(digits) != 64 or set(digits) - set("0123456789abcdef"):
            raise ValueError(text)
        return cls(int(seq), digits)


@dataclass(frozen=True)
class Row:
    """A sealed entry; `content` are its values of FIELDS, None if one of them is not what its column holds."""

    pk: int
    seq: int
    digest: str
    content: Sequence[Any] | None

    def __str__(self) -> str:
        if self.content is None:
            return _("entry %(seq)d (row %(row)d)") % {"seq": self.seq, "row": self.pk}
        return _("entry %(seq)d (%(what)s)") % {"seq": self.seq, "what": _what(self.content)}


def head() -> Head | None:
    row = HistoryHead.objects.first()
    return Head(row.seq, row.digest) if row else None


def find_problems(*, now: datetime, kept: Head | None = None, progress: Progress = lambda read: None) -> Iterator[str]:
    """What is wrong with the history, in words; none if it is what was written.

    Reads with PAGE entries in memory. Others may write meanwhile.

    `kept` is a head noted earlier: with it, even a history that was written anew as a whole is told from the true one.
    `progress(entries read)` is called after each page.
    """
    forgotten = set(_unsealed(now).values_list("pk", flat=True))
    chain = _Chain(kept)
    while True:
        # The head before the entries: what it names is then among those read after it.
        named = head()
        rows = _page(chain)
        if not rows:
            break
        for row in rows:
            yield from chain.follow(row)
        progress(chain.read)
    yield from chain.end(named)
    if forgotten:
        time.sleep(LOOK_AGAIN_AFTER)
        for content in _unsealed(now).filter(pk__in=forgotten).order_by("pk").values_list(*FIELDS):
            yield _("the entry of row %(row)d (%(what)s) was written but never sealed") % {
                "row": content[0],
                "what": _what(content),
            }


class _Chain:
    """The entries met so far, and what must come next."""

    def __init__(self, kept: Head | None) -> None:
        self.seq = self.pk = self.read = 0
        self.odd: list[int] = []
        self._last: Row | None = None
        self._kept = kept

    def follow(self, row: Row) -> Iterator[str]:
        self.read += 1
        if not isinstance(row.seq, int):
            # SQLite puts any value into any column.
            self.odd.append(row.pk)
            yield _("the entry of row %(row)d has no number any more: it was changed") % {"row": row.pk}
            return
        if row.seq == self.seq:
            self.pk = row.pk
            yield _("%(entry)s has the number of another entry: one of them was forged") % {"entry": row}
            return
        follows = row.seq == self.seq + 1
        if not follows:
            yield _missing(self.seq + 1, row.seq - 1)
        if row.content is None:
            yield _("%(entry)s was changed after it was written: it cannot be read any more") % {"entry": row}
        elif follows and row.digest != digest(row.seq, row.content, self._last.digest if self._last else ""):
            yield _changed(row)
        if self._kept and row.seq == self._kept.seq and row.digest != self._kept.digest:
            yield _("%(entry)s is not the one whose digest was kept: the history was written anew") % {"entry": row}
        self.seq, self.pk, self._last = row.seq, row.pk, row

    def end(self, named: Head | None) -> Iterator[str]:
        """What the head and the kept head miss, once all entries have been followed."""
        last = self._last or _("none")
        if named is None:
            yield _("the head of the history is missing: nobody can tell whether the newest entries were removed")
        elif named.seq > self.seq:
            yield _missing(self.seq + 1, named.seq)
            yield _("the newest entry, %(entry)s, is not the one the head names: entry %(seq)d") % {
                "entry": last,
                "seq": named.seq,
            }
        elif named != Head(self.seq, self._last.digest if self._last else ""):
            yield _("the newest entry, %(entry)s, is not the one the head names: entry %(seq)d") % {
                "entry": last,
                "seq": named.seq,
            }
        if self._kept and self._kept.seq > self.seq:
            yield _("the history ends with entry %(last)d, but the digest of entry %(seq)d was kept") % {
                "last": self.seq,
                "seq": self._kept.seq,
            }


def _page(chain: _Chain) -> list[Row]:
    """The next sealed entries in order of their numbers; by key instead of one long cursor, so that any can be odd."""
    beyond = Q(seq__gt=chain.seq) | Q(seq=chain.seq, pk__gt=chain.pk)
    rows = HistoryEntry.objects.filter(beyond).exclude(pk__in=chain.odd).order_by("seq", "pk")
    try:
        return _read(rows[:PAGE])
    except (ValueError, TypeError, DatabaseError):
        # A value that is not what its column holds stops the whole page: SQLite lets in anything.
        keys = list(rows.values_list("pk", "seq", "digest")[:PAGE])
        return [_read_alone(*key) for key in keys]


def _read(rows: Any) -> list[Row]:
    return [
        Row(content[0], seq, stored, content) for seq, stored, *content in rows.values_list("seq", "digest", *FIELDS)
    ]


def _read_alone(pk: int, seq: int, stored: str) -> Row:
    try:
        (row,) = _read(HistoryEntry.objects.filter(pk=pk))
    except (ValueError, TypeError, DatabaseError):
        return Row(pk, seq, stored, None)
    return row


def _unsealed(now: datetime) -> Any:
    return HistoryEntry.objects.filter(seq__isnull=True, at__lte=now - SEALED_WITHIN)


def _changed(row: Row) -> str:
    if row.seq == 1:
        return _("%(entry)s was changed after it was written") % {"entry": row}
    return _("%(entry)s was changed after it was written, or entry %(before)d before it was replaced") % {
        "entry": row,
        "before": row.seq - 1,
    }


def _missing(first: int, last: int) -> str:
    if first == last:
        return _("entry %(seq)d is missing") % {"seq": first}
    return _("entries %(first)d–%(last)d are missing") % {"first": first, "last": last}


def _what(content: Sequence[Any]) -> str:
    """Of an entry: campaign:CJ13, change, 2026-11-26 10:00."""
    named = dict(zip(FIELDS, content, strict=True))
    at = timezone.localtime(named["at"], timezone.get_default_timezone()) if named["at"] else None
    return (
        f"{named['subject']}, {named['verb']}, {at:%Y-%m-%d %H:%M}" if at else f"{named['subject']}, {named['verb']}"
    )
