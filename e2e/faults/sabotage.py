"""What the controls take away: each name is one protection of the product. Without it the same fault must do harm.

Nothing here is reachable from the product: the names come from FAULTS_WITHOUT, which only product.py reads.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any


def settings(without: str, product: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that differ when the protection `without` is missing."""
    transport = product["CELERY_BROKER_TRANSPORT_OPTIONS"]
    if without == "quick rings":
        return {"CELERY_BROKER_TRANSPORT_OPTIONS": _less(transport, "max_retries", "interval_start")}
    if without == "socket timeouts":
        return {
            "CELERY_BROKER_TRANSPORT_OPTIONS": _less(
                transport, "socket_timeout", "socket_connect_timeout", "health_check_interval"
            )
        }
    if without == "mail timeout":
        return {"EMAIL_TIMEOUT": None}
    return {}


def _less(options: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in names}


def apply(without: str) -> None:
    """Take the protection away in this process, once the apps are loaded."""
    if change := _CHANGES.get(without):
        change()


def _handle_marks_first() -> None:
    """Events are marked as handled in a transaction of its own, before the work."""
    from customers.actions import events
    from customers.models import Event

    def handle(ids, react, now):
        rows = list(Event.objects.filter(pk__in=ids, handled_at=None).order_by("id"))
        Event.objects.filter(pk__in=ids).update(handled_at=now)
        with events.transaction.atomic():
            react(rows, now)
        return len(rows)

    events._handle = handle  # noqa: SLF001 - this is sabotage


def _claim_without_looking() -> None:
    """Whoever read that a mail is due sends it, whoever else does too."""
    from approvals.actions import outbox
    from approvals.choices import MailState
    from approvals.models import Mail

    def claim(pk, clock):
        mail = Mail.objects.select_related("recipient", "case").get(pk=pk)
        lease = clock() + timedelta(seconds=60)
        Mail.objects.filter(pk=pk).update(state=MailState.SENDING, lease_until=lease, tries=1, sent_at=None)
        mail.refresh_from_db(fields=["state", "lease_until"])
        return mail

    def held(mail):
        return Mail.objects.filter(pk=mail.pk)

    outbox._claim, outbox._held = claim, held  # noqa: SLF001 - this is sabotage


def _one_try() -> None:
    """A mail that cannot be sent now is given up."""
    from approvals.actions import outbox

    def put_back(mail, error, clock, *, unsure=False):
        outbox._give_up(mail, str(error))  # noqa: SLF001 - this is sabotage

    outbox._put_back = put_back  # noqa: SLF001
    outbox._put_off_the_rest = lambda clock: None  # noqa: SLF001


def _every_answer_is_final() -> None:
    from approvals.actions import mail_server

    mail_server.is_permanent = lambda error: True


def _never_unsure() -> None:
    """Nobody remembers that a mail may have arrived."""
    from approvals.actions import mail_server, outbox
    from approvals.models import Mail

    claim = outbox._claim  # noqa: SLF001 - this is sabotage

    def forgetful(pk, clock):
        mail = claim(pk, clock)
        Mail.objects.filter(pk=pk).update(unsure=False)
        if mail:
            mail.unsure = False
        return mail

    outbox._claim = forgetful  # noqa: SLF001
    mail_server.may_have_arrived = lambda error: False


def _always_ring() -> None:
    """Every page tries the broker anew, however long it has not answered (see also `settings`)."""
    from customers.actions import events

    events.ring_unless_resting = events.ring


def _every_error_is_ours() -> None:
    """A database that is away is answered like a mistake in the code."""
    from config import outages

    outages.is_outage = lambda error: False


def _own_clock() -> None:
    """Sweeps believe the clock of their machine."""
    from django.utils import timezone

    from customers import clock

    clock.shared_now = timezone.now


_CHANGES: dict[str, Callable[[], None]] = {
    "mark after work": _handle_marks_first,
    "claim": _claim_without_looking,
    "second try": _one_try,
    "kinds of answers": _every_answer_is_final,
    "unsure": _never_unsure,
    "quick rings": _always_ring,
    "socket timeouts": _always_ring,
    "answer 503": _every_error_is_ours,
    "one clock": _own_clock,
}
