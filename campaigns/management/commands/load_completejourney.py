"""manage.py load_completejourney: the public data set as campaigns, offers, segments and customers."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.actions.dataset.completejourney import NotInstalled
from campaigns.actions.load_completejourney import load_completejourney
from campaigns.management.commands.import_dataset import SlowProgress, print_report


class Command(BaseCommand):
    help = (
        "Loads the Complete Journey data set (27 campaigns, 1,197 coupons, 2,469 households). It names no owners: "
        "campaigns of type A become CRM's, of type B Marketing's, of type C Trade Marketing's."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--today",
            type=date.fromisoformat,
            metavar="2017-07-24",
            help="move every date by whole weeks so that this day falls into the present week",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *, today: date | None, json: bool, **options: object) -> None:
        try:
            report = load_completejourney(
                by=None, now=timezone.now(), today=today, progress=SlowProgress(self.stderr.write)
            )
        except NotInstalled as error:
            raise CommandError(str(error)) from error
        print_report(self, report, as_json=json)
