"""Make a token for the API and print it, once."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from customers.actions.tokens import create_token
from customers.models import ApiToken


class Command(BaseCommand):
    help = "Makes a token with which a program uses the API as a person, and prints it. It cannot be read again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="for whom the program acts")
        parser.add_argument("--read-only", action="store_true", help="the program may read, and change nothing")
        parser.add_argument("--days", type=int, default=90, help="how long it works (default: 90)")
        parser.add_argument("--name", default="command line", help="what uses it, for the list of tokens")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no person with the user name “{options['username']}”.")
        scope = ApiToken.Scope.READ if options["read_only"] else ApiToken.Scope.WRITE
        try:
            _token, secret = create_token(
                user=user,
                name=options["name"],
                scope=scope,
                days=options["days"],
                by=None,
                now=timezone.now(),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(secret)
