import os
from datetime import UTC, datetime, timedelta

from django.apps import AppConfig

from e2e.faults import sabotage


class FaultsConfig(AppConfig):
    """Has no models: it is installed so that a process starts with another clock, or without one protection."""

    name = "e2e.faults"
    label = "faults"

    def ready(self) -> None:
        if hours := float(os.environ.get("FAULTS_CLOCK_HOURS", "0")):
            import time_machine

            time_machine.travel(datetime.now(UTC) + timedelta(hours=hours), tick=True).start()
        sabotage.apply(os.environ.get("FAULTS_WITHOUT", ""))
