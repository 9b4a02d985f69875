"""manage.py detect_collisions: find what collides, now and in this process."""

import json
import time

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.actions.collisions import detect_everything, refresh
from campaigns.choices import CollisionState
from campaigns.management.commands.import_dataset import SlowProgress
from campaigns.models import Collision, Offer
from customers.clock import shared_now


class Command(BaseCommand):
    help = "Detects the collisions of all planned offers, or of one."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--all", action="store_true", help="also offers that have ended: kept as past, never a case"
        )
        which.add_argument("--offer", metavar="CODE", help="only the collisions of this offer")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *, all: bool, offer: str | None, json: bool, **options: object) -> None:  # noqa: A002 - the option's name
        begun = time.monotonic()
        if offer is None:
            progress = SlowProgress(self.stderr.write)
            # By the clock of the workers that may help: slices are leased.
            run = detect_everything(
                now=shared_now(), with_past=all, progress=lambda done, of: progress("offers", done, of)
            )
            offers, collisions = run.offers, run.pairs
        else:
            offers, collisions = 1, _refresh(offer)
        self._print(offers, collisions, round(time.monotonic() - begun, 3), as_json=json)

    def _print(self, offers: int, collisions: int, seconds: float, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"offers": offers, "collisions": collisions, "seconds": seconds}))
        else:
            text = _("%(collisions)d collisions among %(offers)d offers, %(seconds).1f seconds")
            self.stdout.write(text % {"collisions": collisions, "offers": offers, "seconds": seconds})


def _refresh(code: str) -> int:
    offer = Offer.objects.filter(code=code).first()
    if offer is None:
        raise CommandError(_("There is no offer “%(code)s”.") % {"code": code})
    refresh(offer_ids=[offer.pk], now=timezone.now())
    known = Collision.objects.filter(state__in=[CollisionState.OPEN, CollisionState.SETTLED])
    return known.filter(Q(offer_a=offer) | Q(offer_b=offer)).count()
