"""How often customers are in a row of sets, counted exactly and for all customers at once.

A count is kept in binary: slice k holds the customers whose count has the bit 2^k (bit-sliced arithmetic, O'Neil and
Quass 1997). To add or to take a set is an addition with carry of whole sets: a handful of set operations however many
customers there are, so that a window can roll over the days without being counted again.
"""

from campaigns.rules.collisions.facts import NOBODY, Numbers


class Tally:
    """Counts of customers. All sets that one tally gets are frozensets, or all are bitmaps; it changes none of them."""

    def __init__(self) -> None:
        self._slices: list[Numbers] = []

    def add(self, members: Numbers, times: int) -> None:
        """Count each of `members` `times` more."""
        for place in _places(times):
            carry, at = members, place
            while carry:
                while at >= len(self._slices):
                    self._slices.append(members - members)
                before = self._slices[at]
                self._slices[at], carry = before ^ carry, before & carry
                at += 1

    def take(self, members: Numbers, times: int) -> None:
        """Undo `add(members, times)`."""
        for place in _places(times):
            borrow, at = members, place
            while borrow:
                before = self._slices[at]
                self._slices[at], borrow = before ^ borrow, borrow - before
                at += 1

    def everybody(self) -> Numbers:
        """Those who are counted at least once."""
        everybody = NOBODY
        for counted in self._slices:
            everybody = everybody | counted if everybody else counted
        return everybody

    def above(self, limit: int) -> Numbers:
        """Those with a count of more than `limit`, which is at least 0."""
        if limit >= 1 << len(self._slices):
            return NOBODY
        above, level = NOBODY, self.everybody()
        # From the highest bit down, `level` is who has the bits of the limit so far.
        for at in reversed(range(len(self._slices))):
            ones = level & self._slices[at] if level else level
            if limit >> at & 1:
                level = ones
            elif ones:
                above = above | ones if above else ones
                # Not -=, which would change a bitmap in its place.
                level = level - ones
        return above

    def ranked(self, among: Numbers, rank: int) -> int:
        """The count in place `rank` when those `among` stand in order of their counts, the highest in place 0."""
        count = 0
        for at in reversed(range(len(self._slices))):
            ones = among & self._slices[at]
            if len(ones) > rank:
                count += 1 << at
                among = ones
            else:
                rank -= len(ones)
                among = among - ones
        return count


def _places(times: int) -> list[int]:
    """The places of the bits of a number: 6 is 4 + 2, places 1 and 2."""
    return [place for place in range(times.bit_length()) if times >> place & 1]
