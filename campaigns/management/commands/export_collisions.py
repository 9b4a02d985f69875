"""manage.py export_collisions: every colliding pair of offers as a CSV file."""

import csv
import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from campaigns.queries.export import COLUMNS, collision_rows
from customers.rules.spreadsheet import literal


class Command(BaseCommand):
    help = (
        "Writes one row per colliding pair of offers and rule. Days are inclusive. Collisions that are open, allowed by "
        "a decision or past are written; drafts never collide."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.csv")

    def handle(self, *, output: Path, **options: object) -> None:
        # Whoever reads the file meanwhile keeps the old one whole.
        unfinished = output.with_name(f"{output.name}.{os.getpid()}")
        try:
            with unfinished.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(COLUMNS)
                count = 0
                for row in collision_rows():
                    writer.writerow([literal(cell) if isinstance(cell, str) else cell for cell in row])
                    count += 1
            unfinished.replace(output)
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be written: %(error)s") % {"file": output, "error": error.strerror}
            ) from error
        self.stderr.write(_("%(count)d collisions written to %(file)s") % {"count": count, "file": output})
