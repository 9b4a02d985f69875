"""A program that checks a dataset folder and tells how much memory that took at most, it and its children together.

`python -m campaigns.tests.weigh_import FOLDER`, with DATABASE_URL naming a migrated database.
"""

import contextlib
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path


def highest(pid: str) -> int:
    """The most memory a process has held since it became the program that it is, in kB: the kernel's mark."""
    # getrusage would count what the process that started it had: a program inherits that from whom it was forked.
    marks = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in marks if line.startswith("VmHWM:")), 0)


@contextlib.contextmanager
def watch(child: str) -> Iterator[list[int]]:
    """Looks after the processes this one starts from the program `child`; the last of the list is the most one held."""
    peaks, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(0.002):
            for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
                # It may end between being found and being read.
                with contextlib.suppress(OSError):
                    # Until it is its own program it shares our memory, which is counted already.
                    if child in Path(f"/proc/{pid}/cmdline").read_text():
                        peaks.append(max(peaks[-1], highest(pid)))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()


def main(folder: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.tests.settings"
    import django

    django.setup()
    from django.utils import timezone

    from campaigns.actions.dataset import sheet_reader
    from campaigns.actions.import_dataset import import_dataset

    with watch(sheet_reader.__file__) as peaks:
        report = import_dataset(Path(folder), by=None, now=timezone.now(), dry_run=True)
    kilobytes = highest("self") + peaks[-1]
    found = {
        "megabytes": kilobytes // 1024,
        "of_children": peaks[-1] // 1024,
        "count": report.error_count,
        "first": [str(e) for e in report.errors[:2]],
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
