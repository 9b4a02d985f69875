"""manage.py verify_history: is the history what was written?"""

import json
import time
from argparse import ArgumentTypeError

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.queries import chain

HELP = """
Reads every entry of the history, computes the chain of digests again and names each entry that was changed, removed,
added or moved behind Concordia's back. Prints the head (number and digest of the newest entry): keep it elsewhere, and
give it back with --head to make sure that nobody with rights on the database wrote the whole history anew.

Ends with exit code 1 if there is a problem.
"""


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", type=_head, metavar="SEQ:DIGEST", help="a head that was printed earlier")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *, head: chain.Head | None, json: bool, **options: object) -> None:
        progress = _SlowProgress(self.stderr.write)
        found = []
        for problem in chain.find_problems(now=timezone.now(), kept=head, progress=progress):
            found.append(problem)
            if not json:
                self.stdout.write(problem)
        named = chain.head()
        self._print(named, progress.read, found, as_json=json)
        if found:
            text = ngettext(
                "%(count)d problem: the history is not what was written.",
                "%(count)d problems: the history is not what was written.",
                len(found),
            )
            raise CommandError(text % {"count": len(found)})

    def _print(self, named: chain.Head | None, read: int, found: list[str], *, as_json: bool) -> None:
        shown = f"{named.seq}:{named.digest}" if named else None
        if as_json:
            report = {"ok": not found, "head": shown, "entries": read, "problems": found}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        elif not found:
            self.stdout.write(
                _("%(count)d entries, each as it was written. The head is %(head)s") % {"count": read, "head": shown}
            )
        elif shown:
            self.stdout.write(_("The head is %(head)s") % {"head": shown})


def _head(text: str) -> chain.Head:
    try:
        return chain.Head.parse(text)
    except ValueError:
        raise ArgumentTypeError(
            _("“%(text)s” is not a head, such as 17 and 64 hex digits after a colon.") % {"text": text}
        ) from None


class _SlowProgress:
    """Counts what was read, and says so about once a second, from the second second on."""

    def __init__(self, write) -> None:
        self._write, self._last, self.read = write, time.monotonic(), 0

    def __call__(self, read: int) -> None:
        self.read = read
        if time.monotonic() - self._last >= 1:
            self._last = time.monotonic()
            self._write(_("%(count)s entries read") % {"count": f"{read:,}"})
