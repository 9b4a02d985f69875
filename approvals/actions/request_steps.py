"""What every step of a customer's request needs: its lock, its rights, its history and the way to another state."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from approvals.choices import RequestState
from approvals.models import CustomerRequest
from approvals.queries.requests import JOINED, part_of, standing_of
from approvals.rules import requests as rules
from approvals.rules.request_machine import REQUEST
from customers.actions import history
from customers.models import HistoryEntry
from customers.rules.text import WrongText, prose
from customers.rules.transitions import IllegalTransition, target_of


def lock(pk: int, *, wait: bool = True) -> CustomerRequest | None:
    """The request, locked until the transaction ends; None if, without `wait`, somebody else has it.

    Locked first and read afterwards: PostgreSQL reads the row again after waiting for it, but not what is joined to it.
    """
    rows = CustomerRequest.objects.filter(pk=pk)
    if not list(rows.select_for_update(no_key=True, skip_locked=not wait).values_list("pk", flat=True)):
        return None
    found: CustomerRequest = rows.select_related(*JOINED).get()
    return found


def locked(request: CustomerRequest, by: User) -> CustomerRequest:
    """The request under its lock, for somebody who may read it.

    Raises:
        PermissionDenied: they may not.
    """
    found = lock(request.pk)
    if found is None or not CustomerRequest.objects.visible(by).filter(pk=found.pk).exists():
        raise PermissionDenied(_("This request is not yours to read."))
    return found


def key_of(step: str, request: CustomerRequest, by: User, key: str) -> str | None:
    """The history key of a step: sent again by the same person it is made once. None without a key."""
    if not key:
        return None
    return f"{step}:{request.pk}:{hashlib.sha256(f'{by.pk}:{key}'.encode()).hexdigest()}"


def is_done(key: str | None) -> bool:
    """Whether the same was done before."""
    return key is not None and HistoryEntry.objects.filter(key=key).exists()


def check(request: CustomerRequest, step: str, by: User) -> None:
    """Ask whether `by` may take a step, of approvals.rules.requests, now.

    Raises:
        PermissionDenied: it is for another department.
        ValidationError: with the code "state", it is too late for that, or too early.
    """
    match rules.refusal(step, part_of(by, request), **standing_of(request)):
        case "":
            return
        case "foreign":
            raise PermissionDenied(_foreign(step) % {"department": request.department.name})
        case "spoken":
            text = _("Your department has answered this customer already.")
        case "disputed":
            text = _("Two departments answered this customer. A lead settles first which answer stands.")
        case "undisputed":
            text = _("There is nothing to settle: no department contradicts another.")
        case "owner":
            text = _("This request is yours already.")
        case _:
            raise state_error(request)
    raise ValidationError(text, code="state")


def _foreign(step: str) -> str:
    if step == rules.ANSWER_TOO:
        return _("Only departments that have this request, or had it, answer it.")
    if step == rules.SETTLE:
        return _("Only leads of the departments that answered, or that have the request, settle which answer stands.")
    return _("Only %(department)s does that: it has the request now.")


def state_error(request: CustomerRequest) -> ValidationError:
    """It is not in a state for this step any more; says in which it is and whose it is."""
    text = _("%(request)s is in another state by now: “%(state)s”, with %(department)s. Nothing was changed.")
    state = RequestState(request.state).label
    values = {"request": request.label, "state": state, "department": request.department.name}
    return ValidationError(text % values, code="state")


def move(request: CustomerRequest, verb: str, **columns: Any) -> None:
    """Take a locked request to where the step leads.

    Raises:
        ValidationError: it leads nowhere from here.
    """
    try:
        request.state = target_of(REQUEST, verb, request.state)
    except IllegalTransition as error:
        raise state_error(request) from error
    for name, value in columns.items():
        setattr(request, name, value)
    request.save(update_fields=["state", *columns])


def note(
    request: CustomerRequest,
    verb: str,
    *,
    by: User | None,
    now: datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    key: str | None = None,
) -> None:
    """Write a step into the history: who and whither, but no word of what was said, as that can be erased."""
    history.write(by=by, now=now, verb=verb, subject=f"request:{request.label}", changes=changes, key=key)


def read(text: str, field: str, *, size: int) -> str:
    """What was typed into `field`, by the rules of the house.

    Raises:
        ValidationError: by field; also if nothing was.
    """
    try:
        said = prose(text, size=size)
    except WrongText as error:
        raise ValidationError({field: ValidationError(error.message, code=error.code)}) from error
    if not said:
        raise ValidationError({field: ValidationError(_("Write something first."), code="required")})
    return said
