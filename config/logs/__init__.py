"""One line an event, for people or for machines, and nobody's data in it."""

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured, SuspiciousOperation

from config.logs.masking import mask, mask_error

Event = dict[str, Any]

# Above CRITICAL: a logger with this level says nothing.
NEVER = 100

# Told twice otherwise: RequestLog has the first two with route and duration, Celery itself has its tasks.
# axes tells who could not sign in, by name and address; it keeps that in the database as well.
SILENT = ("django.request", "django.server", "django_structlog.celery", "axes")

# Beside the event, people read what its text does not say already.
IN_THE_TEXT = {"time", "level", "logger", "event", "exception", "method", "route", "status"}
IN_THE_TEXT |= {"task", "task_id", "parent_task_id", "seconds"}

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def configuration(log_format: str) -> dict[str, Any]:
    """The setting LOGGING: `plain` is for people, `json` for machines."""
    renderers = {"plain": plain, "json": as_json}
    if log_format not in renderers:
        raise ImproperlyConfigured(f"LOG_FORMAT is “{log_format}”; it must be plain or json.")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [structlog.contextvars.merge_contextvars],
                "processors": [describe, mask_event, renderers[log_format]],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # No handlers of their own: Django's would send errors by mail.
            "django": {"handlers": [], "level": "INFO"},
            "gunicorn.error": {"handlers": [], "propagate": True},
            "gunicorn.access": {"handlers": [], "level": NEVER},
            **{name: {"handlers": [], "level": NEVER} for name in SILENT},
        },
    }


def describe(_logger: object, _method: str, event: Event) -> Event:
    """Who says it, when and how loud; of a task which one and how long it took; of an error where it happened."""
    record: logging.LogRecord = event.pop("_record")
    event.pop("_from_structlog", None)
    error = _error_of(event.pop("exc_info", None))
    event.pop("stack_info", None)
    told = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        **event,
        **_refusal(event, record.name),
        **_task(event, getattr(record, "data", None)),
    }
    return told | ({"exception": "\n".join(_story(error))} if error else {})


def _refusal(event: Event, logger: str) -> Event:
    """What Django refuses as an attack or a mistake, without the part of the request that was: its words tell it."""
    kind = logger.removeprefix("django.security.")
    if kind == logger:
        return {}
    if kind == "csrf":
        return {"event": str(event["event"]).partition("): ")[0] + ")"}
    return {"event": f"refused: {kind}"}


def _task(event: Event, data: Any) -> Event:
    """What Celery says of a task, without arguments and results; the text of a failure would hold the error's."""
    if not isinstance(data, dict) or "name" not in data:
        return {}
    told = {"task": data["name"], "task_id": data["id"]}
    if "runtime" in data:
        told["seconds"] = round(data["runtime"], 3)
        told["event"] = "Task {name}[{id}] succeeded in {runtime:.3f}s".format(**data)
    elif "exc" in data:
        told["event"] = "Task {name}[{id}] {description}".format(**data)
    return told


def _error_of(given: Any) -> BaseException | None:
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    return error if isinstance(error, BaseException) else None


def _story(error: BaseException) -> Iterator[str]:
    """Lines as Python prints them, causes first: frames with their code, no variables, messages without data."""
    if error.__cause__ and error.__cause__ is not error:
        yield from _story(error.__cause__)
        yield "The cause of:"
    elif error.__context__ and not error.__suppress_context__:
        yield from _story(error.__context__)
        yield "While that was handled:"
    yield "Traceback (most recent call last):"
    for frame in traceback.format_tb(error.__traceback__):
        yield frame.rstrip("\n")
    message = "" if isinstance(error, SuspiciousOperation) else mask_error(str(error))
    yield type(error).__qualname__ + (f": {message}" if message else "")


def mask_event(_logger: object, _method: str, event: Event) -> Event:
    # The time has the digits of a telephone number, and is ours.
    return {name: value if name == "time" else mask(value, name=name) for name, value in event.items()}


def as_json(_logger: object, _method: str, event: Event) -> str:
    return json.dumps(event, ensure_ascii=False, default=str)


def plain(_logger: object, _method: str, event: Event) -> str:
    details = "".join(f" {name}={value}" for name, value in event.items() if name not in IN_THE_TEXT)
    text = f"{event['level'].upper()} {event['logger']}: {event['event']}{details}"
    return text + (f"\n{event['exception']}" if "exception" in event else "")
