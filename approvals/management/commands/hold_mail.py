"""manage.py hold_mail: let no mail leave, as after a restore."""

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions import mail_hold


class Command(BaseCommand):
    help = "Holds all mail back until `release_mail`: new ones are written and wait. Run it after a restore, before start."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", default="", help="stands in the history")

    def handle(self, *, reason: str, **options: object) -> None:
        if mail_hold.hold(by=None, now=timezone.now(), reason=reason):
            self.stdout.write(_("Mail is held: nothing leaves until `manage.py release_mail`."))
        else:
            self.stdout.write(_("Mail is held already."))
