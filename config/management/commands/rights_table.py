"""manage.py rights_table: who takes which step of a campaign's life and of a case, as the documents show it."""

from django.core.management.base import BaseCommand, CommandParser

from config.rights_table import TABLES


class Command(BaseCommand):
    help = "Prints the tables of steps; with --write, brings docs/approval.md and docs/cases.md up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write them into the documents")

    def handle(self, *, write: bool, **options: object) -> None:
        for table in TABLES:
            if write:
                table.write()
            else:
                self.stdout.write(table.text)
