"""manage.py settings_table: the settings as docs/operations.md shows them."""

from django.core.management.base import BaseCommand, CommandParser

from config import setting_table


class Command(BaseCommand):
    help = "Prints the table of settings; with --write, brings docs/operations.md up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write it into docs/operations.md")

    def handle(self, *, write: bool, **options: object) -> None:
        if write:
            setting_table.DOCUMENT.write_text(setting_table.in_document())
        else:
            self.stdout.write(setting_table.table())
