"""A server is killed in the middle of the main job: collision, case and mails still appear, once each.

Nothing is mocked: the worker is the product's, the broker is Valkey, both end by SIGKILL. Beat is played by the test,
which rings for the sweeps as beat does every minute.
"""

import email
import time
from datetime import timedelta
from email.utils import parseaddr

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from approvals.choices import CaseState, MailState
from approvals.models import Case, Mail
from campaigns.actions import collisions, offers
from campaigns.actions.collisions.rows import LOCK
from campaigns.models import Collision
from campaigns.tests import factories
from campaigns.tests.factories import (
    lead_of,
    make_campaign,
    make_offer,
    make_products,
    make_segment,
    make_user,
    submit,
)
from config.tests.live import ring_at, wait_until
from customers.actions import heartbeats
from customers.actions.events import ring
from customers.models import Event, Heartbeat

pytestmark = [pytest.mark.live, pytest.mark.postgres]

SWEEPS = {"campaigns sweep": "campaigns.tasks.task_sweep", "approvals sweep": "approvals.tasks.task_sweep"}


@pytest.fixture
def plans(transactional_db, monkeypatch):
    """Two submitted offers of two departments for the same customers on the same days, on different products."""
    # The worker has the real clock, so the plans lie in its future.
    monkeypatch.setattr(factories, "NOW", timezone.now())
    segment = make_segment(numbers=range(50))
    pair = []
    for code in ("MKT", "SAL"):
        campaign = make_campaign(
            factories.make_department(code),
            f"{code}-1",
            starts_on=(timezone.now() + timedelta(days=20)).date(),
            contact_person=make_user(f"contact_{code.lower()}"),
        )
        pair.append(make_offer(campaign, f"{code}-1-A", segments=[segment], products=make_products(3)))
        submit(campaign)
    # Whoever hears of these beginnings has nothing to do with what the test kills.
    Event.objects.update(handled_at=timezone.now())
    return pair


def make_collide(plans):
    """The edit that a lead makes: the offer gets the products of the other one."""
    first, second = plans
    products = [row.product for row in second.product_rows.select_related("product")]
    offers.change_offer(
        offer=first,
        by=lead_of(first.campaign.department),
        now=timezone.now(),
        reach=offers.Reach(add_products=products),
    )


def sweep():
    """Ring for both sweeps and wait until each has come to its end."""
    before = dict(Heartbeat.objects.values_list("name", "last_ok_at"))

    def over():
        now = dict(Heartbeat.objects.values_list("name", "last_ok_at"))
        return all(now.get(name) not in {None, before.get(name)} for name in SWEEPS)

    for task in SWEEPS.values():
        ring(task)
    wait_until(over, what="the sweeps")


def assert_everything_happened_once(folder):
    wait_until(lambda: Mail.objects.filter(state=MailState.SENT).count() >= 4, what="the mails")
    sweep()
    sweep()
    assert Collision.objects.count() == 1
    assert Case.objects.get().state == CaseState.NEGOTIATION
    told = sorted(Mail.objects.values_list("event", "recipient__username", "state", "unsure"))
    people = ["contact_mkt", "contact_sal", "lead_mkt", "lead_sal"]
    assert told == [("case_opened", name, "sent", False) for name in people]
    letters = [email.message_from_bytes(path.read_bytes()) for path in (folder / "mail").glob("*.eml")]
    assert sorted(parseaddr(letter["To"])[1] for letter in letters) == [f"{name}@example.com" for name in people]
    assert {letter["Message-ID"] for letter in letters} == set(Mail.objects.values_list("message_id", flat=True))
    assert not Event.objects.filter(handled_at=None).exists()


def nothing_happened():
    return not (Collision.objects.exists() or Case.objects.exists() or Mail.objects.exists())


def test_broker_killed_during_an_edit(plans, worker, valkey, tmp_path):
    started = time.monotonic()
    with transaction.atomic():
        make_collide(plans)
        valkey.kill()
    assert time.monotonic() - started < 2  # the lead's click does not wait for a dead server
    assert Event.objects.filter(topic="offer.changed", handled_at=None).exists()
    assert nothing_happened()

    valkey.start()
    sweep()
    assert_everything_happened_once(tmp_path)


def test_broker_killed_before_anybody_heard_the_ring(plans, worker, valkey, tmp_path):
    """What was rung is lost with the broker's memory; what was written is not."""
    worker.kill()
    make_collide(plans)
    valkey.flush()
    valkey.kill()
    valkey.start()
    worker.start()
    assert nothing_happened()
    sweep()
    assert_everything_happened_once(tmp_path)


def test_broker_away_during_a_task(plans, worker, valkey, tmp_path):
    """The worker cannot say that its task is done; it waits for the broker, which is no reason to die."""
    make_collide(plans)
    wait_until(lambda: Mail.objects.filter(state=MailState.SENT).count() >= 4, what="the mails")
    with transaction.atomic():
        heartbeats.lock(LOCK)
        before = worker.log.count("task_refresh[")
        ring("campaigns.tasks.task_refresh")
        Event.objects.filter(topic="offer.changed").update(handled_at=None)
        wait_until(lambda: worker.log.count("task_refresh[") > before, what="the task")
        valkey.kill()
        time.sleep(1)
    time.sleep(1)
    assert worker.process.poll() is None, worker.log
    valkey.start()
    wait_until(
        lambda: "Connected to redis" in worker.log.rpartition("Connection to broker lost")[2], what="the worker"
    )
    sweep()
    assert_everything_happened_once(tmp_path)


@pytest.mark.parametrize("task", ["task_refresh", "task_detect_everything"])
def test_worker_killed_during_detection(plans, worker, valkey, tmp_path, task):
    ring_at(settings.CELERY_BROKER_URL)  # nobody hears of the edit yet
    make_collide(plans)
    if task == "task_detect_everything":
        Event.objects.update(handled_at=timezone.now())
        collisions.request_detection(by=None, now=timezone.now())
    ring_at(valkey.url)
    # Detection takes this lock before it writes: while we hold it, the worker stands in the middle of its work.
    with transaction.atomic():
        heartbeats.lock(LOCK)
        ring(f"campaigns.tasks.{task}")
        wait_until(lambda: f"{task}[" in worker.log, what="the task")
        time.sleep(1)
        worker.kill()
    assert f"{task}[" in worker.log
    assert "succeeded" not in worker.log.partition(f"{task}[")[2]
    assert nothing_happened()

    worker.start()
    if task == "task_detect_everything":
        ring("campaigns.tasks.task_detect_everything")  # beat does it every quarter of an hour
        wait_until(Collision.objects.exists, what="the collision")
    sweep()
    assert_everything_happened_once(tmp_path)
