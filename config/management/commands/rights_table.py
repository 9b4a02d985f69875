"""manage.py rights_table: who takes which step of a campaign's life, as docs/approval.md shows it."""

from django.core.management.base import BaseCommand, CommandParser

from config import rights_table


class Command(BaseCommand):
    help = "Prints the table of steps; with --write, brings docs/approval.md up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write it into docs/approval.md")

    def handle(self, *, write: bool, **options: object) -> None:
        if write:
            rights_table.DOCUMENT.write_text(rights_table.in_document())
        else:
            self.stdout.write(rights_table.table())
