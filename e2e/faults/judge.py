"""Every invariant, and the collisions once more by sets and loops. Run with the environment of the house; prints JSON."""

import json
import os
from datetime import timedelta


def main() -> None:
    from django.utils import timezone

    from campaigns.choices import CollisionState
    from campaigns.tests import random_plan
    from config.invariants import check

    verdicts = {one.code: {"title": one.title, "problems": one.problems} for one in check(grace=timedelta(0))}
    expected = random_plan.expected(today=timezone.localdate())
    stored = random_plan.stored(CollisionState.OPEN, CollisionState.SETTLED)
    wrong = sorted(pair for pair in expected.keys() | stored.keys() if expected.get(pair) != stored.get(pair))
    verdicts["brute force"] = {
        "title": "Stored collisions are what sets and loops find",
        "problems": [f"{a} and {b}: {stored.get((a, b))}, but {expected.get((a, b))}" for a, b in wrong],
    }
    print(json.dumps(verdicts, ensure_ascii=False))  # noqa: T201 - the house reads it


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "e2e.faults.product")
    import django

    django.setup()
    main()
