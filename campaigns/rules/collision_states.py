"""What becomes of a stored collision when detection finds it again, or does not."""

from campaigns.rules.severity import has_risen

OPEN, SETTLED, CLEARED, PAST = "open", "settled", "cleared", "past"


def when_found(state: str | None, *, over: bool, same_versions: bool, level: str, settled_level: str) -> str:
    """State of a pair that overlaps; `state=None`: it was never stored.

    What a decision allowed stays allowed as long as both offers are what they were and it got no worse.
    """
    if over:
        return PAST
    if state == SETTLED and same_versions and not has_risen(level, settled_level):
        return SETTLED
    return OPEN


def when_missing(state: str, *, over: bool, with_past: bool) -> str:
    """State of a stored pair that was not found; `over`: by the stored days, its last shared day has passed.

    A run that looks only ahead does not find what is over, which is then past and not undone. A run `with_past` would
    have found it.
    """
    if with_past:
        return CLEARED
    if state in {OPEN, SETTLED}:
        return PAST if over else CLEARED
    return state
