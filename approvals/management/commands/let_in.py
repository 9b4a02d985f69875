"""manage.py let_in: for whoever cannot sign in any more, above all the only administrator."""

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions import locks, two_factor


class Command(BaseCommand):
    help = "Lifts the sign-in lock of a person; with --device also takes their lost second factor away."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--device", action="store_true", help="forget the app and the recovery codes too")

    def handle(self, *, username: str, device: bool, **options: object) -> None:
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(_("Nobody has the user name “%(name)s”.") % {"name": username})
        now = timezone.now()
        if locks.lift(person=person, by=None, now=now):
            self.stdout.write(_("The lock is lifted."))
        if device and two_factor.take_away(person=person, by=None, now=now):
            self.stdout.write(_("The device is taken away."))
