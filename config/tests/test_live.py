"""The servers that other tests stand on do what their names say."""

import pytest

from config.celery import app
from config.tests.live import wait_until

pytestmark = pytest.mark.live


def test_a_worker_does_what_is_rung_for_after_its_broker_was_killed(worker, valkey):
    valkey.kill()
    valkey.start()
    app.send_task("celery.backend_cleanup", ignore_result=True, retry=False)
    wait_until(lambda: "backend_cleanup" in worker.log and "succeeded" in worker.log, what="the task")
