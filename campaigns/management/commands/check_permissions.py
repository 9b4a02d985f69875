"""manage.py check_permissions: does everybody have exactly the rights that follow from their roles?"""

import json

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.actions import access
from campaigns.management.commands.import_dataset import SlowProgress
from campaigns.queries import grants

HELP = """
Compares the stored rights on every campaign with those that follow from departments, RACI and mandates, and names each
right that is missing or has no reason. With --repair it then puts them right and tells of it in the history.

Ends with exit code 1 if there is a problem, or one is left after the repair.
"""


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="put right what was found")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *, repair: bool, json: bool, **options: object) -> None:
        found = self._find()
        left = found
        if found and repair:
            access.repair(now=timezone.now())
            left = self._find()
        self._print(found, left, as_json=json)
        if left:
            text = ngettext("%(count)d right is wrong.", "%(count)d rights are wrong.", len(left))
            raise CommandError(text % {"count": len(left)})

    def _find(self) -> list[str]:
        progress = SlowProgress(self.stderr.write)
        return list(grants.find_problems(progress=lambda done, of: progress("campaigns", done, of)))

    def _print(self, found: list[str], left: list[str], *, as_json: bool) -> None:
        if as_json:
            report = {"ok": not left, "problems": found, "repaired": len(found) - len(left)}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
            return
        for problem in found:
            self.stdout.write(problem)
        if not found:
            self.stdout.write(_("Everybody has exactly the rights that follow from their roles."))
        elif not left:
            text = ngettext("%(count)d right was put right.", "%(count)d rights were put right.", len(found))
            self.stdout.write(text % {"count": len(found)})
