"""How long to wait before a mail is tried again, and when trying again is useless."""

from datetime import timedelta

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 300, 900))
LEASE = timedelta(seconds=60)
# Mails are tried for ever, and the column that counts the tries holds no more.
MOST_TRIES = 32_767
# The server wants another password or a safer line from us: nothing is wrong with the mail.
ABOUT_THE_LINE = frozenset({530, 534, 535, 538})


def pause_after(tries: int) -> timedelta:
    """The pause after the `tries`-th failed try (from 1). It never ends: a server that is away comes back one day."""
    return PAUSES[min(tries, len(PAUSES)) - 1]


def is_final(code: int) -> bool:
    """Does this answer of an SMTP server to a recipient or a message refuse it for good?"""
    return 500 <= code <= 599 and code not in ABOUT_THE_LINE
