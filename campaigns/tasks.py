"""What Celery runs: each task looks at the clock and makes one call. Lost or doubled, a task does no harm."""

from celery import shared_task

from campaigns.actions import collisions, uploads
from customers import clock
from customers.actions import heartbeats, history


@shared_task
def task_refresh() -> None:
    collisions.refresh_due(now=clock.shared_now())


@shared_task
def task_detect_everything() -> None:
    """Run what was asked for; when nothing was, this is the regular sweep."""
    collisions.sweep_everything(now=clock.shared_now())


@shared_task
def task_detect_shard() -> None:
    """Help another worker with a large plan."""
    collisions.run_waiting(now=clock.shared_now())


@shared_task
def task_sweep() -> None:
    """Every minute: whatever a lost ring left behind."""
    now = clock.shared_now()
    history.seal()
    history.log_head(now=now)
    collisions.refresh_due(now=now)
    heartbeats.beat("campaigns sweep", now=now)


# Long imports are long: their pieces are short, and a second task leaves the one that runs alone.
@shared_task(soft_time_limit=6 * 3600, time_limit=6 * 3600 + 60)
def task_import() -> None:
    uploads.work_off(now=clock.shared_now())
