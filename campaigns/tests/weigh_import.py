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
    kilobytes = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    found = {
        "megabytes": sum(kilobytes) // 1024,
        "count": report.error_count,
        "first": [str(e) for e in report.errors[:2]],
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
