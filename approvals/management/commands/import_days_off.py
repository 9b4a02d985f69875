"""manage.py import_days_off: the days off of a country or region, shown as a difference and written when asked to."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions.import_days_off import DaysOffReport, UnknownDays, import_days_off
from approvals.rules.days_off import SourceDay
from customers.clock import local_day


class Command(BaseCommand):
    help = "Shows which days off of a country or region are missing in the business calendar; --write imports them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "region", nargs="?", default=settings.DAYS_OFF_OF, help="ES, ES-MD, …; without it DAYS_OFF_OF"
        )
        parser.add_argument("--years", nargs="+", type=int, help="without it this year and the next")
        parser.add_argument("--language", default="", help="of the names; without it LANGUAGE_CODE")
        parser.add_argument("--write", action="store_true", help="write what is shown")

    def handle(self, *, region: str, years: list[int] | None, language: str, write: bool, **options: object) -> None:
        now = timezone.now()
        this = local_day(now).year
        try:
            report = import_days_off(
                region=region, years=years or [this, this + 1], language=language, write=write, by=None, now=now
            )
        except UnknownDays as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self._tell(report)

    def _tell(self, report: DaysOffReport) -> None:
        found = report.found.everything()
        for day, (before, after) in found.items():
            sign = "~" if before and after else "+" if after else "-"
            self.stdout.write(f"{sign} {day.isoformat()} {' → '.join(_words(one) for one in (before, after) if one)}")
        for day in report.found.kept:
            self.stdout.write(_("= %(day)s was entered by hand and stays as it is") % {"day": day.isoformat()})
        if not found:
            self.stdout.write(_("The business calendar has the days off of %(region)s.") % {"region": report.source})
        elif report.is_written:
            self.stdout.write(_("Written; open deadlines are counted anew."))
        else:
            self.stdout.write(_("Nothing was written: look at it and run this again with --write."))


def _words(one: SourceDay) -> str:
    return f"{one.name} ({_('somebody works')})" if one.is_worked else one.name
