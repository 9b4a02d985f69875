"""What a rule would have to know of an offer, said once."""

from collections.abc import Iterable, Iterator

from campaigns.rules.collisions.findings import Finding, Gap


def once(said: Iterable[Finding | Gap]) -> Iterator[Finding | Gap]:
    """What a rule says, without gaps that it said before: an offer that meets a hundred others lacks its terms once."""
    seen: set[Gap] = set()
    for one in said:
        if isinstance(one, Gap):
            if one in seen:
                continue
            seen.add(one)
        yield one
