"""manage.py import_dataset: bring a dataset folder in, or say what is wrong with it."""

import json
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.actions.import_dataset import ImportReport, import_dataset

HELP = """
Reads a folder of tables (NAME.csv, NAME.xlsx or NAME.parquet) and brings the database to what they say, by code.

Everything is checked first. Each problem is printed as table:row:column: what is wrong, where row counts as in a
spreadsheet: the header is row 1, so the first row of data is row 2 (in a Parquet file as well). With one problem
nothing is written. An import that was interrupted goes on when the same folder is imported again.

Rows are inserted or updated by code. A column that a file does not have leaves stored values alone. The members of a
segment, and the segments, channels, products and categories of an offer, are replaced for every segment and offer that
the folder names, as far as the folder has that table or column; segments and products that were excluded in Concordia
stay excluded. Nothing else is deleted. Withdrawn offers stay as they are, and so does the status of campaigns that
existed before.
"""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, *args, **kwargs) -> CommandParser:
        from argparse import RawDescriptionHelpFormatter

        parser = super().create_parser(*args, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *, folder: Path, dry_run: bool, json: bool, **options: object) -> None:
        if not folder.is_dir():
            raise CommandError(_("%(folder)s is not a folder.") % {"folder": folder})
        progress = SlowProgress(self.stderr.write)
        try:
            report = import_dataset(folder, by=None, now=timezone.now(), dry_run=dry_run, progress=progress)
        except OSError as error:
            text = _("%(file)s cannot be read: %(error)s")
            raise CommandError(text % {"file": error.filename, "error": error.strerror}) from error
        except KeyboardInterrupt as stop:
            raise CommandError(_("Stopped. Import the same folder again to go on."), returncode=130) from stop
        print_report(self, report, as_json=json, dry_run=dry_run)


class SlowProgress:
    """Says where an import is, at most once a second, and nothing at all about what takes less."""

    def __init__(self, write) -> None:
        self._write, self._last = write, time.monotonic()

    def __call__(self, step: str, done: int, of: int) -> None:
        if time.monotonic() - self._last >= 1:
            self._last = time.monotonic()
            self._write(f"{step}: {done:,} / {of:,}" if of else f"{step}: {done:,}")


def print_report(command: BaseCommand, report: ImportReport, *, as_json: bool, dry_run: bool = False) -> None:
    """Print what came of an import; end the command with exit code 1 if nothing was written because of errors."""
    if as_json:
        command.stdout.write(json.dumps(_as_json(report), ensure_ascii=False, indent=2))
    else:
        for warning in report.warnings:
            command.stderr.write(_("Warning: %(warning)s") % {"warning": warning})
        for problem in report.errors:
            command.stdout.write(str(problem))
        if more := report.error_count - len(report.errors):
            command.stdout.write(_("… and %(count)d more") % {"count": more})
    if report.error_count:
        text = ngettext(
            "%(count)d problem: nothing was written.", "%(count)d problems: nothing was written.", report.error_count
        )
        raise CommandError(text % {"count": report.error_count})
    if not as_json:
        for table, counts in report.tables.items():
            command.stdout.write(f"{table}: " + ", ".join(f"{count:,} {what}" for what, count in counts.items()))
        if dry_run:
            command.stdout.write(_("Nothing was written: this was a dry run."))


def _as_json(report: ImportReport) -> dict[str, object]:
    return {
        "ok": not report.error_count,
        "tables": report.tables,
        "errors": [
            {"table": one.table, "row": one.row or None, "column": one.column, "text": str(one.text)}
            for one in report.errors
        ],
        "more_errors": report.error_count - len(report.errors),
        "warnings": list(map(str, report.warnings)),
    }
