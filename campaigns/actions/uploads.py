"""Imports that come by upload: kept, queued as a row, and worked off by whoever looks at the queue."""

import logging
import secrets
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from campaigns.actions.dataset import parcels
from campaigns.actions.dataset.parcels import File
from campaigns.actions.dataset.problems import SHOWN
from campaigns.actions.dataset.runs import TakenOver, held
from campaigns.actions.import_dataset import import_dataset
from campaigns.choices import ImportState
from campaigns.models import ImportRun
from customers.actions import events, heartbeats, history
from customers.languages import Text, filled, in_every_language, later
from customers.permissions import works_with_data
from customers.rules.text import shown

logger = logging.getLogger(__name__)

TASK = "campaigns.tasks.task_import"
LOCK = "uploads"
WAITING = (ImportState.QUEUED, ImportState.CHECKING, ImportState.WRITING)

# A worker that says nothing for so long is taken for dead; longer than any one statement of an import takes.
LEASE = timedelta(minutes=5)
# How often a run tells how far it is, in seconds.
TELL = 1.0
# A run that has killed so many workers is not given to another.
MAX_TRIES = 3
# A folder that no row names is that of a request which died.
FORGOTTEN = timedelta(days=1)


def request_import(
    *, files: Sequence[File], dry_run: bool, by: AbstractBaseUser, now: datetime, source: str = ""
) -> ImportRun:
    """Keep what somebody sent, (name, open file) each, and queue its import; `dry_run` only checks it.

    Raises:
        PermissionDenied: `by` is neither analyst nor administrator.
        ValidationError: the files are too large, or something among them is no table; nothing is kept then.
    """
    if not works_with_data(by):
        raise PermissionDenied
    folder = Path(settings.UPLOAD_DIR) / secrets.token_hex(16)
    folder.mkdir(mode=0o700, parents=True)
    try:
        parcels.keep(files, folder)
        return _queue(folder.name, source or _named(files), dry_run, by, now)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _named(files: Sequence[File]) -> str:
    """The first names, which say enough."""
    names = [shown(name) for name, _content in files]
    return ", ".join(names[:3]) + (f" … ({len(names)})" if len(names) > 3 else "")


@transaction.atomic
def _queue(upload: str, source: str, dry_run: bool, by: AbstractBaseUser, now: datetime) -> ImportRun:  # noqa: FBT001
    run = ImportRun.objects.create(
        source=source[:500],
        state=ImportState.QUEUED,
        dry_run=dry_run,
        requested_by_id=by.pk,
        upload=upload,
        started_at=now,
    )
    changes = {"files": (None, run.source), "check only": (None, dry_run)}
    history.write(by=by, now=now, verb="upload", subject=f"import:{run.pk}", changes=changes)
    transaction.on_commit(lambda: events.ring(TASK), robust=True)
    return run


def work_off(*, now: datetime) -> int:
    """Import what waits, the oldest first, one at a time in the whole house; returns how many came to an end."""
    done, begun = 0, monotonic()
    while run := _claim(now + timedelta(seconds=monotonic() - begun)):
        _work(run, now)
        done += 1
    _sweep_folders(now)
    return done


@transaction.atomic
def _claim(now: datetime) -> ImportRun | None:
    heartbeats.lock(LOCK)
    waiting = ImportRun.objects.filter(state__in=WAITING).exclude(upload="")
    if waiting.filter(lease_until__gt=now).exists():
        return None
    # Locked first: a worker that was taken for dead may just be saving how far it is.
    run = waiting.select_for_update(no_key=True).order_by("pk").first()
    if run is not None:
        run.tries, run.lease_until = run.tries + 1, now + LEASE
        run.save(update_fields=["tries", "lease_until"])
    return run


def _work(run: ImportRun, now: datetime) -> None:
    try:
        _work_on(run, now)
    except TakenOver:
        logger.warning("import %d went on without this worker, which was silent for too long", run.pk)


def _work_on(run: ImportRun, now: datetime) -> None:
    folder = Path(settings.UPLOAD_DIR) / run.upload
    if run.tries > MAX_TRIES:
        text = _("it was interrupted %(times)d times; an administrator finds the reason in the log")
        _refuse(run, filled(text, times=MAX_TRIES), now)
    elif not (run.requested_by and works_with_data(run.requested_by)):
        _refuse(run, _("whoever sent this may no longer import"), now)
    elif not folder.is_dir():
        _refuse(run, _("the files are no longer there: upload them again"), now)
    else:
        _check_and_write(run, folder, now)
    shutil.rmtree(folder, ignore_errors=True)


def _check_and_write(run: ImportRun, folder: Path, now: datetime) -> None:
    if run.state == ImportState.QUEUED:
        run.state = ImportState.CHECKING
        run.save(update_fields=["state"])
    try:
        tables = parcels.tables(folder)
    except ValidationError as error:
        _refuse(run, later(lambda error=error: " ".join(error.messages))(), now)
    else:
        _import(run, tables, now)


def _import(run: ImportRun, folder: Path, now: datetime) -> None:
    report = import_dataset(
        folder,
        by=run.requested_by,
        now=now,
        source=run.source,
        dry_run=run.dry_run,
        progress=_teller(run, now),
        run=None if run.dry_run else run,
    )
    run.warnings = [in_every_language(warning) for warning in report.warnings[:SHOWN]]
    if report.error_count:
        run.problem_count = report.error_count
        run.problems = [[one.table, one.row, one.column, in_every_language(one.text)] for one in report.errors]
        _end(run, ImportState.REFUSED, now)
    elif run.dry_run:
        run.rows = report.tables
        _end(run, ImportState.FINISHED, now)
    else:
        run.save(update_fields=["warnings"])


def _teller(run: ImportRun, now: datetime) -> Callable[[str, int, int], None]:
    """Keeps the lease and tells the page how far the run is, now and then."""
    begun = monotonic()
    last = begun

    def tell(step: str, done: int, of: int) -> None:
        nonlocal last
        if monotonic() - last < TELL and done != of:
            return
        last = monotonic()
        at = {"step": step, "done": done, "of": of}
        lease = now + timedelta(seconds=last - begun) + LEASE
        if not held(run).update(at=at, lease_until=lease):
            raise TakenOver

    return tell


def _refuse(run: ImportRun, text: Text, now: datetime) -> None:
    run.problems, run.problem_count = [[run.source[:60], 0, "", in_every_language(text)]], 1
    _end(run, ImportState.REFUSED, now)


def _end(run: ImportRun, state: str, now: datetime) -> None:
    run.state, run.finished_at, run.lease_until = state, now, None
    columns = ("state", "finished_at", "lease_until", "problems", "problem_count", "warnings", "rows")
    if not held(run).update(**{name: getattr(run, name) for name in columns}):
        raise TakenOver


def _sweep_folders(now: datetime) -> None:
    """Take away folders of requests that died between keeping their files and queueing them."""
    root = Path(settings.UPLOAD_DIR)
    if not root.is_dir():
        return
    named = set(ImportRun.objects.filter(state__in=WAITING).exclude(upload="").values_list("upload", flat=True))
    for folder in root.iterdir():
        if folder.name not in named and now.timestamp() - folder.stat().st_mtime > FORGOTTEN.total_seconds():
            shutil.rmtree(folder, ignore_errors=True)
