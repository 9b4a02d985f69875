"""Full detection in slices of time, by one process and by two."""

import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from bench import house, rows
from bench.plans import FIRST_DAY

# What the product cuts a plan of 100,000 offers into.
SLICES = 4


def compare(folder: Path) -> dict[str, Any]:
    """Seconds of one and of two processes for the same slices, from their start together to the last slice."""
    house.enter(folder / "product.sqlite3")
    _cut(folder)
    times, sums = [], []
    for processes in (1, 2):
        _reset()
        command = [sys.executable, "-m", "bench.slices", str(folder)]
        workers = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ)
            for _ in range(processes)
        ]
        for worker in workers:
            assert worker.stdout
            worker.stdout.readline()  # it is ready
        start = time.perf_counter()
        for worker in workers:
            assert worker.stdin
            worker.stdin.close()
        codes = [worker.wait() for worker in workers]
        times.append(time.perf_counter() - start)
        assert codes == [0] * processes, codes
        sums.append(_sum_up())
    assert sums[0] == sums[1], "one process and two found different rows"
    return {"one": times[0], "two": times[1], "rows": sums[0][0], "checksum": sums[0][1]}


def _cut(folder: Path) -> None:
    from django.conf import settings

    from campaigns.actions.collisions import shards
    from campaigns.models import DetectionRun
    from customers import clock

    settings.DETECTION_SHARDS = SLICES
    now = clock.shared_now()
    # Without a broker the rings for further workers are lost, and that is all.
    shards.cut(DetectionRun.objects.create(requested_at=now, started_at=now))


def _reset() -> None:
    from campaigns.models import DetectionRun, DetectionShard

    DetectionRun.objects.update(shards_done=0)
    DetectionShard.objects.update(tries=0, lease_until=None, finished_at=None, claimed_at=None, result=b"", pairs=0)


def _sum_up() -> tuple[int, str]:
    from campaigns.actions.collisions.parts import unpack
    from campaigns.actions.collisions.shards import extent_of
    from campaigns.models import DetectionShard

    found = []
    for shard in DetectionShard.objects.select_related("run"):
        pairs = unpack(shard.result, extent_of(shard.run, shard)).pairs
        found.append((np.minimum(pairs.one, pairs.two), np.maximum(pairs.one, pairs.two), *pairs.columns[2:6]))
    columns = [np.concatenate(column) for column in zip(*found, strict=True)]
    return len(columns[0]), rows.checksum(columns)


def work() -> None:
    """One of the processes: take slices until none is left, as a worker does, without the rules of step two."""
    from campaigns.actions.collisions import shards
    from campaigns.actions.collisions.parts import compute, pack
    from campaigns.models import DetectionRun
    from customers import clock

    run = DetectionRun.objects.latest("pk")
    print("ready", flush=True)
    sys.stdin.read()
    while shard := shards.claim(run, clock.shared_now()):
        part = compute(shards.extent_of(run, shard))
        shards.finish(shard, pack(part), pairs=len(part.pairs.one), now=clock.shared_now())


if __name__ == "__main__":
    house.enter(Path(sys.argv[1]) / "product.sqlite3")
    assert date.fromordinal(FIRST_DAY) > date.today()  # noqa: DTZ011 - the plan lies ahead
    work()
