"""What a line of the log looks like, and what never stands in one."""

import json
import logging
import re
import time

import pytest
import structlog
from django.core.exceptions import ImproperlyConfigured, SuspiciousOperation
from django.db import IntegrityError

from config import logs
from config.logs.masking import mask, mask_error

pytestmark = pytest.mark.usefixtures("_no_context")


@pytest.fixture
def _no_context():
    structlog.contextvars.clear_contextvars()
    yield
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def lines(request):
    """Everything logged, as the setting LOGGING writes it."""

    class Kept(logging.Handler):
        def emit(self, record):
            found.append(self.format(record))

    def begin(log_format):
        formatter = logs.configuration(log_format)["formatters"]["line"]
        handler.setFormatter(formatter.pop("()")(**formatter))
        return found

    found, handler, root = [], Kept(), logging.getLogger()
    root.addHandler(handler)
    yield begin
    root.removeHandler(handler)


def test_an_event_is_one_line_of_json(lines):
    found = lines("json")
    structlog.contextvars.bind_contextvars(request_id="abc")
    logging.getLogger("campaigns").warning("broker does not answer: %s", "TimeoutError")
    (line,) = found
    event = json.loads(line)
    assert event.pop("time").endswith("+00:00")
    assert event == {
        "level": "warning",
        "logger": "campaigns",
        "event": "broker does not answer: TimeoutError",
        "request_id": "abc",
    }


def test_people_read_a_line_without_braces(lines):
    found = lines("plain")
    structlog.get_logger("config").warning("GET %s", "/x", route="/x", ms=3)
    assert found == ["WARNING config: GET /x ms=3"]


def _look_up(secret):
    return {}[secret]


def _fail(secret):
    try:
        _look_up(secret)
    except KeyError as error:
        raise ValueError(f"no row for '{secret}'\nDETAIL: ({secret})") from error


@pytest.mark.parametrize("log_format", ["plain", "json"])
def test_an_error_has_its_traceback_and_no_data(lines, log_format):
    found, secret = lines(log_format), "CAN" + "ARY"  # the traceback shows this line's neighbours
    try:
        _fail(secret)
    except ValueError:
        logging.getLogger("x").exception("event %d failed", 7)
    (text,) = found
    assert secret not in text
    assert ("\n" in text) is (log_format == "plain")
    story = json.loads(text)["exception"] if log_format == "json" else text.partition("\n")[2]
    functions = re.findall(r"^(?:  File .*, in (\w+)|(\w+: .*))$", story, re.MULTILINE)
    assert ["".join(pair) for pair in functions] == [
        "_fail",
        "_look_up",
        "KeyError: '…'",
        "test_an_error_has_its_traceback_and_no_data",
        "_fail",
        "ValueError: no row for '…'",
    ]


def test_what_celery_says_of_a_task_has_no_arguments_and_no_result(lines):
    found = lines("json")
    data = {"name": "t", "id": "1", "args": "('CANARY',)", "kwargs": "{'a': 'CANARY'}"}
    log = logging.getLogger("celery.app.trace")
    succeeded = data | {"runtime": 0.12345, "return_value": "'CANARY'"}
    log.warning("%(name)s %(return_value)s", succeeded, extra={"data": succeeded})
    failed = data | {"description": "raised unexpected", "exc": "ValueError('CANARY')", "traceback": "CANARY"}
    log.error("%(exc)s\n%(traceback)s", failed, extra={"data": failed})
    first, second = (json.loads(line) for line in found)
    assert "CANARY" not in "".join(found)
    assert (first["event"], first["task"], first["task_id"]) == ("Task t[1] succeeded in 0.123s", "t", "1")
    assert first["seconds"] == 0.123
    assert second["event"] == "Task t[1] raised unexpected"


def test_what_django_refuses_is_not_repeated(lines):
    found = lines("json")
    for kind, text in (
        ("DisallowedModelAdminLookup", "Filtering by CANARY not allowed"),
        ("csrf", "Forbidden (CSRF cookie not set.): /admin/CANARY/"),
    ):
        try:
            raise SuspiciousOperation(text)  # noqa: TRY301 - what is logged is an error with its traceback
        except SuspiciousOperation:
            logging.getLogger(f"django.security.{kind}").exception(text)
    events = [json.loads(line) for line in found]
    assert [event["event"] for event in events] == [
        "refused: DisallowedModelAdminLookup",
        "Forbidden (CSRF cookie not set.)",
    ]
    assert {event["exception"].splitlines()[-1] for event in events} == {"SuspiciousOperation"}
    assert "CANARY" not in "".join(event["event"] + event["exception"].splitlines()[-1] for event in events)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("550 no such user: ana.ruiz+x@tienda.es!", "550 no such user: <e-mail>!"),
        ("to José@correo.es", "to <e-mail>"),
        ("celery@host ready.", "celery@host ready."),
        ("call +34 600 12 34 56 now", "call <phone> now"),
        ("call 600123456", "call <phone>"),
        ("call 600-123-456.", "call <phone>."),
        ("offers of 2026-11-26 11:24", "offers of 2026-11-26 11:24"),
        ("event 123456 failed after 4096 ms", "event 123456 failed after 4096 ms"),
        ("Error handling request /admin/?q=ana&o=1", "Error handling request /admin/?…"),
        ("Error handling request /calendar/Jx_3-kQ9.ics", "Error handling request /calendar/<secret>.ics"),
        ("Not Found: /calendar/Jx%203..kQ9.ics?x=1", "Not Found: /calendar/<secret>.ics?…"),
        ("postgres://concordia:pw@host/db refused", "postgres://<secret>@host/db refused"),
        ("password=hunter2, next", "password=<secret>, next"),
        ("{'csrfmiddlewaretoken': 'abc'}", "{'csrfmiddlewaretoken': <secret>}"),
        ("Authorization: Bearer abcdefghij", "Authorization: <secret>"),
        ("got Bearer abcdefghij", "got Bearer <secret>"),
    ],
)
def test_masks(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "piece", ["a-", "12-", "a@", "x'a", "a.", "w", "(", "+1", "password-", "/calendar/", "://", "/?a=", "bearer "]
)
def test_a_long_line_takes_no_time(piece):
    """Whoever can get a line into the log must not stop the process with it."""
    text = piece * (20_000 // len(piece))
    begun = time.process_time()
    mask(text)
    mask_error(text)
    assert time.process_time() - begun < 2


def test_masks_inside_and_by_name():
    given = {"to": ["a@b.es", 3], "api_key": "x", "password": "", "token": None}
    assert mask(given) == {"to": ["<e-mail>", 3], "api_key": "<secret>", "password": "", "token": None}
    assert mask(ValueError("a@b.es")) == "<e-mail>"


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (
            IntegrityError('duplicate key value violates unique constraint "u"\nDETAIL:  Key (code)=(Ana) exists.'),
            "duplicate key value violates unique constraint '…'",
        ),
        (IntegrityError("UNIQUE constraint failed: customers_customer.code"), None),
        (ValueError("invalid literal for int() with base 10: 'Ana'"), "invalid literal for int() with base 10: '…'"),
        (KeyError("Ana"), "'…'"),
        (KeyError("Ana O'Brien"), "'…'"),
        (ValueError("can't read 'Ana' of “Ruiz” and «Paz»"), "can't read '…' of '…' and '…'"),
        (ValueError("no row for 'Ana\nRuiz'"), "no row for '…'"),
        (ValueError(f"{(550, b'no Ana')} refused"), "(550, '…') refused"),
        (ValueError(repr('Ana "O\'Brien"')), "'…'"),
    ],
)
def test_messages_of_errors(error, shown):
    assert mask_error(str(error)) == (shown or str(error))


def test_an_unknown_format_is_refused():
    with pytest.raises(ImproperlyConfigured, match=r"LOG_FORMAT is “xml”; it must be plain or json\."):
        logs.configuration("xml")


def test_errors_are_sent_to_nobody(settings):
    handlers = {type(handler).__name__ for handler in logging.getLogger("django").handlers}
    assert (handlers, settings.ADMINS, settings.MANAGERS) == (set(), [], [])
