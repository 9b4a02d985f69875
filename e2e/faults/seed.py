"""Fill an empty database with a plan whose offers collide once somebody gives them the same product.

Run as `python -m e2e.faults.seed` with the environment of the house.
"""

import os
from datetime import timedelta

PRODUCTS = 6


def fill() -> None:
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import transaction
    from django.utils import timezone

    from approvals.models import Mediator
    from campaigns.actions import collisions
    from campaigns.tests import factories as make
    from customers.actions.segments import customers_added

    make.NOW = timezone.now()
    make.make_customers(200)
    with transaction.atomic():
        customers_added(now=make.NOW)
    segment = make.make_segment("SHARED", numbers=range(100))
    for number in range(PRODUCTS):
        make.make_product(f"SHARED-{number}")
    for code in ("CRM", "MKT", "SAL", "TRD"):
        department = make.make_department(code, members=[make.make_user(f"member_{code.lower()}")])
        for number in range(3):
            campaign = make.make_campaign(
                department,
                f"{code}-{number}",
                starts_on=timezone.localdate() + timedelta(days=30 + number),
                days=20,
                contact_person=User.objects.get(username=f"member_{code.lower()}"),
            )
            for letter in "ABCD":
                own = make.make_product(f"{campaign.code}-{letter}-own")
                # They contact nobody: with all of them in one week, every two campaigns would have a case for ever.
                named = f"{campaign.code}-{letter}"
                make.make_offer(campaign, named, segments=[segment], products=[own], contacts=0)
            make.submit(campaign)
    Mediator.objects.create(user=make.make_user("marta"), stand_in=make.make_user("henry"))
    make.make_user("admin", is_superuser=True)
    collisions.refresh_due(now=make.NOW)
    for user in User.objects.all():
        session = SessionStore(session_key=None)
        session.update(
            {
                "_auth_user_id": str(user.pk),
                "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
                "_auth_user_hash": user.get_session_auth_hash(),
            }
        )
        session.create()
        print(user.username, session.session_key)  # noqa: T201 - the house reads who is signed in


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "e2e.faults.product")
    import django

    django.setup()
    fill()
