"""manage.py backup: a whole copy of the SQLite database while everything runs."""

import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils.translation import gettext as _


class Command(BaseCommand):
    help = "Copies the SQLite database into a new file, consistent although people work meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: object) -> None:
        if connection.vendor != "sqlite":
            raise CommandError(_("This database is PostgreSQL: use pg_dump, as docs/operations.md says."))
        # The copy has everybody's data: made as an empty file first, so that it is its owner's from the beginning.
        try:
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            text = _("%(file)s cannot be written: %(error)s")
            raise CommandError(text % {"file": file, "error": error.strerror}) from error
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(file)])
        self.stdout.write(_("%(file)s holds the whole database.") % {"file": file})
