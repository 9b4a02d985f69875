"""People who work while something breaks: edits of offers, each told apart by the reason it gives.

Run as `python -m e2e.faults.load JOURNAL --rate 10` with the environment of the house. What was accepted is written to
the journal as "accepted TOKEN"; what ended in an error may or may not have been done: "unknown TOKEN".
"""

import argparse
import os
import random
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection


def work(journal: Callable[[str], object], *, rate: float, edits: int | None, seed: int, only: str) -> None:
    """Edit until `edits` were tried, or for ever; `only` is the code of an offer."""
    dice = random.Random(seed)  # noqa: S311 - reproducible, not secret
    done = 0
    while edits is None or done < edits:
        begun = time.monotonic()
        token = f"edit-{uuid.uuid4()}"
        try:
            _edit(dice, token, only)
        except (DatabaseError, InterfaceError) as error:
            journal(f"unknown {token} {type(error).__name__}")
            connection.close()
            time.sleep(0.2)
        else:
            journal(f"accepted {token}")
        done += 1
        time.sleep(max(0.0, 1 / rate - (time.monotonic() - begun)))


def _edit(dice: random.Random, token: str, only: str) -> None:
    """One offer takes a product that others have too, or gives it back; `only` always the same product."""
    from django.utils import timezone

    from campaigns.actions import offers
    from campaigns.models import Offer, Product
    from e2e.faults.seed import PRODUCTS

    rows = Offer.objects.select_related("campaign__accountable").order_by("code")
    offer = rows.get(code=only) if only else dice.choice(list(rows))
    product = Product.objects.get(code=f"SHARED-{0 if only else dice.randrange(PRODUCTS)}")
    named = offer.product_rows.filter(product__code__startswith="SHARED-", mode="include")
    some = list(Product.objects.filter(pk__in=named.values("product")))
    # Rather back than forth, so that most pairs of campaigns agree most of the time.
    if some and (product in some or (not only and dice.random() < 0.6)):
        reach = offers.Reach(drop_products=some)
    else:
        reach = offers.Reach(add_products=[product])
    offers.change_offer(
        offer=offer,
        by=offer.campaign.accountable,
        now=timezone.now(),
        reason=token,
        fields={"name": token},
        reach=reach,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("journal", type=Path)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--edits", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="code of the offer to edit")
    parser.add_argument("--die", action="store_true", help="end without a word when the first bell should ring")
    given = parser.parse_args()
    if given.die:
        from customers.actions import events

        events.ring = lambda task: os._exit(9)
    with given.journal.open("a", buffering=1) as file:
        work(
            lambda line: file.write(f"{line}\n"), rate=given.rate, edits=given.edits, seed=given.seed, only=given.only
        )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "e2e.faults.product")
    import django

    django.setup()
    main()
