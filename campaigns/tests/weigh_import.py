"""A program that checks a dataset folder and tells how much memory that took at most, it and its children together.

`python -m campaigns.tests.weigh_import FOLDER`, with DATABASE_URL naming a migrated database.
"""

import json
import os
import resource
import sys
from pathlib import Path


def main(folder: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.tests.settings"
    import django

    django.setup()
    from django.utils import timezone

    from campaigns.actions.import_dataset import import_dataset

    report = import_dataset(Path(folder), by=None, now=timezone.now(), dry_run=True)
    # getrusage(RUSAGE_SELF) would count what the process that started this one had; the kernel's mark does not.
    own = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    kilobytes = int(own.split()[1]) + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    found = {
        "megabytes": kilobytes // 1024,
        "count": report.error_count,
        "first": [str(e) for e in report.errors[:2]],
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
