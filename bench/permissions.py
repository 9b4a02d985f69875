"""What object permissions cost: the first page of many campaigns for a lead who may read some, and for who may read all.

    python -m bench.permissions --campaigns 100000

Both are asked in turn, in one process, on a SQLite file of its own; only the ratio of their medians says anything.
"""

import argparse
import os
import statistics
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.house import enter

DEPARTMENTS = 20
ROUNDS = 15
PAGES = {"page": "/admin/campaigns/campaign/", "API": "/api/v1/campaigns/"}


def fill(number: int) -> None:
    """As many campaigns, spread over the departments; each department's lead reads and writes its own, and a tenth of the others."""
    from django.contrib.auth.models import Permission, User
    from django.db import transaction

    from campaigns.models import Campaign, CampaignUserObjectPermission, Department, Membership

    rights = dict(Permission.objects.filter(content_type__model="campaign").values_list("codename", "pk"))
    with transaction.atomic():
        User.objects.create(username="root", is_staff=True, is_superuser=True)
        leads = [User.objects.create(username=f"lead{one}", is_staff=True) for one in range(DEPARTMENTS)]
        departments = [Department.objects.create(code=f"D{one}", name=f"D{one}") for one in range(DEPARTMENTS)]
        for lead, department in zip(leads, departments, strict=True):
            Membership.objects.create(user=lead, department=department, is_lead=True)
        first = date(2026, 1, 1)
        campaigns = Campaign.objects.bulk_create(
            [
                Campaign(
                    code=f"C{one}",
                    name=f"Campaign {one}",
                    department=departments[one % DEPARTMENTS],
                    accountable=leads[one % DEPARTMENTS],
                    starts_on=first + timedelta(days=one % 700),
                    ends_before=first + timedelta(days=one % 700 + 10),
                )
                for one in range(number)
            ],
            batch_size=2000,
        )
        grants = []
        for one, campaign in enumerate(campaigns):
            owner, reader = leads[one % DEPARTMENTS], leads[(one * 7 + 3) % DEPARTMENTS]
            grants += [(campaign, owner, "view_campaign"), (campaign, owner, "change_campaign")]
            if one % 2 == 0 and reader != owner:
                grants.append((campaign, reader, "view_campaign"))
        CampaignUserObjectPermission.objects.bulk_create(
            [
                CampaignUserObjectPermission(content_object=campaign, user=user, permission_id=rights[right])
                for campaign, user, right in grants
            ],
            batch_size=2000,
        )


def ask(client: Any, address: str) -> tuple[float, int]:
    """Seconds, and how many questions the database was asked."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        begin = time.perf_counter()
        answer = client.get(address)
        taken = time.perf_counter() - begin
    assert answer.status_code == 200, (answer.status_code, answer.headers.get("Location"))
    return taken, len(asked)


def measure() -> None:
    from django.contrib.auth.models import User
    from django.test import Client

    from campaigns.models import Campaign

    clients = {}
    for username in ("root", "lead0"):
        clients[username] = Client(SERVER_NAME="localhost")
        clients[username].force_login(User.objects.get(username=username))
    lead = User.objects.get(username="lead0")
    print(f"{Campaign.objects.count()} campaigns, of which the lead reads {Campaign.objects.visible(lead).count()}")
    for name, address in PAGES.items():
        for client in clients.values():
            ask(client, address)
        times: dict[str, list[float]] = {username: [] for username in clients}
        questions = {}
        for _round in range(ROUNDS):
            for username, client in clients.items():
                taken, questions[username] = ask(client, address)
                times[username].append(taken)
        all_of_them, some = (statistics.median(times[username]) for username in ("root", "lead0"))
        print(
            f"{name}: who may read all {1000 * all_of_them:.0f} ms ({questions['root']} questions), the lead "
            f"{1000 * some:.0f} ms ({questions['lead0']} questions): {some / all_of_them:.2f} times"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--campaigns", type=int, default=100_000)
    asked = parser.parse_args()
    # Administrators would be asked to set it up first; and static files are collected nowhere.
    os.environ |= {"REQUIRE_TWO_FACTOR": "off", "DEBUG": "on"}
    with tempfile.TemporaryDirectory() as folder:
        enter(Path(folder) / "product.sqlite3")
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        fill(asked.campaigns)
        measure()


if __name__ == "__main__":
    main()
