"""Numbers for Prometheus: requests counted by every web process, and what waits in the database, read when asked."""

import os
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.middleware import PrometheusAfterMiddleware
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config import backlog

_Rows = Iterable[tuple[list[str], float]]


class CountRequests(PrometheusAfterMiddleware):
    def label_metric(self, metric, request, response=None, **labels):  # noqa: ANN001, ANN201 - the library's
        if "method" in labels:
            # Anybody may invent methods, and each would be a series of its own.
            labels["method"] = self._method(request)
        return super().label_metric(metric, request, response, **labels)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever has METRICS_TOKEN. Not there at all while that is not set."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    text = generate_latest(_requests()) + generate_latest(_state(timezone.now()))
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _requests() -> CollectorRegistry:
    """The counts of all web processes of this machine; of this process where it is the only one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return registry


def _state(now: datetime) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(State(now))
    return registry


class State(Collector):
    """What the database says at one moment, in nine queries whatever is in it."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def describe(self) -> list[Metric]:
        """Nothing: describing must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        try:
            found = [*self._queues(), *self._people(), *self._jobs()]
        except DatabaseError:
            found = []
        yield _gauge(
            "database_reachable", "1 if the database answered; else nothing is known of the rest", bool(found)
        )
        yield from found

    def _queues(self) -> Iterator[Metric]:
        events, mails = backlog.events(self._now), backlog.mails(self._now)
        failed, unsure = backlog.mails_failed_and_unsure()
        overdue, first = backlog.timers_overdue(self._now)
        yield _gauge("events_unhandled", "News that nobody has reacted to yet", events.unhandled)
        yield _gauge("events_oldest_seconds", "Age of the oldest of it", events.oldest.total_seconds())
        yield _gauge("events_given_up", "News tried too often: waits for an operator", events.given_up)
        yield _gauge("mails_queued", "Mails not sent yet", mails.queued)
        yield _gauge("mails_oldest_seconds", "Age of the oldest of them", mails.oldest.total_seconds())
        yield _gauge("mails_overdue_seconds", "Longest wait beyond a next try", mails.overdue.total_seconds())
        yield _gauge("mails_held", "1 while all mail is held back on purpose", backlog.is_mail_held())
        yield _gauge("mails_failed", "Mails that failed for good and were not sent again", failed)
        yield _gauge("mails_unsure", "Mails perhaps sent twice, ever", unsure)
        yield _gauge("timers_overdue", "Reminders and escalations that are due", overdue)
        yield _gauge("timers_overdue_seconds", "Since when the first of them is", first.total_seconds())

    def _people(self) -> Iterator[Metric]:
        cases = backlog.open_cases().items()
        yield _gauges("cases_open", "Open cases", ["state"], [([state], n) for state, n in cases])
        collisions = backlog.open_collisions().items()
        yield _gauges("collisions_open", "Open collisions", ["level"], [([level], n) for level, n in collisions])

    def _jobs(self) -> Iterator[Metric]:
        ages = backlog.sweeps(self._now).items()
        known = [([name], age.total_seconds()) for name, age in ages if age is not None]
        yield _gauges(
            "sweep_age_seconds", "Since a sweep last came to its end; absent if it never did", ["sweep"], known
        )
        if last := backlog.last_detection(self._now):
            yield _gauge("detection_seconds", "How long the last detection of everything took", last.seconds)
            yield _gauge("detection_age_seconds", "Since it came to its end", last.age.total_seconds())


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"concordia_{name}", text, value=float(value))


def _gauges(name: str, text: str, labels: list[str], rows: _Rows) -> Metric:
    family = GaugeMetricFamily(f"concordia_{name}", text, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family
