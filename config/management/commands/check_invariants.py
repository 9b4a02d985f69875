"""manage.py check_invariants: is everything that is stored as it must be?"""

import json
import sys
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.invariants import Verdict, check


class Command(BaseCommand):
    help = "Checks that nothing is lost, doubled or out of order, and names what is; ends with 1 if anything is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument(
            "--grace",
            type=int,
            default=300,
            metavar="SECONDS",
            help="what is due may wait so long for the sweep that does it (default: 300)",
        )

    def handle(self, *, grace: int, json: bool, **options: object) -> None:
        verdicts = check(grace=timedelta(seconds=grace))
        if json:
            self.stdout.write(_as_json(verdicts))
        else:
            for verdict in verdicts:
                self._print(verdict)
        if any(verdict.problems for verdict in verdicts):
            sys.exit(1)

    def _print(self, verdict: Verdict) -> None:
        number = len(verdict.problems)
        words = ngettext("%(number)d problem", "%(number)d problems", number) % {"number": number}
        holds = _("holds")
        self.stdout.write(f"{verdict.code} {verdict.title}: {words if number else holds}")
        for problem in verdict.problems:
            self.stdout.write(f"   {problem}")


def _as_json(verdicts: list[Verdict]) -> str:
    found = {verdict.code: {"title": verdict.title, "problems": verdict.problems} for verdict in verdicts}
    return json.dumps(found, ensure_ascii=False, indent=2)
