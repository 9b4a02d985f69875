"""manage.py release_mail: end what hold_mail began."""

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.actions import mail_hold


class Command(BaseCommand):
    help = "Lets mail leave again after `hold_mail`. Say what becomes of the mails that waited meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        fate = parser.add_mutually_exclusive_group(required=True)
        fate.add_argument(
            "--set-aside",
            action="store_true",
            help="they may have been sent before: an administrator sends what is missing",
        )
        fate.add_argument("--send", action="store_true", help="nobody has got them: they leave now")
        parser.add_argument("--reason", default="", help="stands in the history")

    def handle(self, *, send: bool, reason: str, **options: object) -> None:
        waited = mail_hold.release(by=None, now=timezone.now(), send_waiting=send, reason=reason)
        if waited is None:
            self.stdout.write(_("Mail was not held."))
        elif send:
            text = ngettext(
                "Mail is sent again; %(n)d mail waited.", "Mail is sent again; %(n)d mails waited.", waited
            )
            self.stdout.write(text % {"n": waited})
        else:
            text = ngettext(
                "Mail is sent again; %(n)d mail that waited is set aside, see Sent mail.",
                "Mail is sent again; %(n)d mails that waited are set aside, see Sent mail.",
                waited,
            )
            self.stdout.write(text % {"n": waited})
