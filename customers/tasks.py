"""What Celery runs for this app."""

from celery import shared_task
from django.utils import timezone

from customers.actions import requests


@shared_task
def task_forget() -> None:
    requests.forget(now=timezone.now())
