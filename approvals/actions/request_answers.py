"""What is answered to customers: one answer stands; what another department said as well is kept, and settled."""

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import request_mails, request_steps
from approvals.models import Answer, CustomerRequest, Settlement
from approvals.models.requests import LONGEST_ANSWER, LONGEST_REASON
from approvals.queries.requests import part_of
from approvals.rules import requests as rules
from approvals.rules.request_machine import OPEN
from campaigns.models import Department


@transaction.atomic
def answer(*, request: CustomerRequest, text: str, by: User, now: datetime, key: str = "") -> CustomerRequest:
    """Keep what the customer was answered.

    From the department that has the request it is the answer. From one that had it, it is kept beside the answer and
    contradicts it, unless it says the same word for word; the leads of both are told, and settle which stands. The same
    `key` again changes nothing.

    Raises:
        PermissionDenied: no department of `by` has or had the request.
        ValidationError: by field; or their department has answered, or nobody waits for an answer ("state").
    """
    found = request_steps.locked(request, by)
    done = request_steps.key_of("answer_request", found, by, key)
    if request_steps.is_done(done):
        return found
    part = part_of(by, found)
    request_steps.check(found, rules.ANSWER if part.owns else rules.ANSWER_TOO, by)
    said = request_steps.read(text, "text", size=LONGEST_ANSWER)
    assert part.speaks_for, "asked before"
    department = Department.objects.get(pk=part.speaks_for)
    if not part.owns and found.standing and rules.is_same(found.standing.text, said):
        return found
    others = list(found.answers.values_list("text", flat=True))
    row = Answer.objects.create(request=found, department=department, author=by, text=said, answered_at=now)
    if part.owns:
        # What others said before is settled by itself if all say the same.
        disputed_at = now if rules.contradicts(said, others) else None
        request_steps.move(found, "answer_request", standing=row, disputed_at=disputed_at)
        verb = "answer_request"
    else:
        verb = "forestall_request" if found.state == OPEN else "contradict_request"
        request_steps.move(found, verb, disputed_at=now, closed_at=None)
    request_steps.note(found, verb, by=by, now=now, changes={"answer": (None, department.code)}, key=done)
    if found.disputed_at:
        request_mails.tell_of_contradiction(found, row, by=by, now=now)
    return found


@transaction.atomic
def settle(
    *, request: CustomerRequest, answer: Answer, reason: str, by: User, now: datetime, key: str = ""
) -> CustomerRequest:
    """Say which of the answers stands; everybody concerned is told. The same `key` again changes nothing.

    Raises:
        PermissionDenied: `by` leads neither the department that has the request nor one that answered.
        ValidationError: by field; or nothing is contradicted ("state").
    """
    found = request_steps.locked(request, by)
    done = request_steps.key_of("settle_request", found, by, key)
    if request_steps.is_done(done):
        return found
    request_steps.check(found, rules.SETTLE, by)
    said = request_steps.read(reason, "reason", size=LONGEST_REASON)
    chosen = found.answers.select_related("department", "author").filter(pk=answer.pk).first()
    if chosen is None:
        raise ValidationError({"answer": _("This is no answer to this request.")})
    settlement = Settlement.objects.create(request=found, answer=chosen, by=by, at=now, reason=said)
    before = found.standing.department.code if found.standing else None
    request_steps.move(found, "settle_request", standing=chosen, disputed_at=None)
    changes = {"answer": (before, chosen.department.code)}
    request_steps.note(found, "settle_request", by=by, now=now, changes=changes, key=done)
    request_mails.tell_of_settlement(found, settlement, by=by, now=now)
    return found
