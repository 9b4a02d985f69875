"""The Celery application: the doorbell of the queue that lives in the database."""

import os

from celery import Celery
from django_structlog.celery.steps import DjangoStructLogInitStep

from config import doorbell  # noqa: F401 - mends the transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("concordia")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# A line of a task has the id of the request that rang for it.
app.steps["worker"].add(DjangoStructLogInitStep)
