"""The product's settings for processes of the fault tests: the sweeps may come oftener, a protection may be missing.

`FAULTS_SWEEP` is the pause between sweeps in seconds, `FAULTS_WITHOUT` names what sabotage.py takes away.
"""

import os

from config.settings import *  # noqa: F403 - all of it, but for the following
from config.settings import CELERY_BEAT_SCHEDULE, INSTALLED_APPS, STORAGES
from e2e.faults import sabotage

INSTALLED_APPS = [*INSTALLED_APPS, "e2e.faults.apps.FaultsConfig"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True

for _name in ("campaigns sweep", "approvals sweep"):
    CELERY_BEAT_SCHEDULE[_name]["schedule"] = float(os.environ.get("FAULTS_SWEEP", "60"))

globals().update(sabotage.settings(os.environ.get("FAULTS_WITHOUT", ""), globals()))
