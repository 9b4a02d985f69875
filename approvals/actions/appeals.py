"""A department asks for another mediator, as long as what was decided has not taken effect."""

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import cases, dossier
from approvals.choices import MailEvent, ReopenedBecause
from approvals.models import Case
from approvals.permissions import can_appeal
from approvals.queries.recipients import everybody


@transaction.atomic
def appeal(*, case: Case, reason: str, by: User, now: datetime, key: str) -> Case:
    """Ask in the name of one side that another mediator decides. What was decided is not carried out.

    Returns the case that takes up this one. The same `key` again, from the same person, changes nothing.

    Raises:
        PermissionDenied: `by` answers for neither party.
        ValidationError: nothing is decided, it is in force already, it was itself decided after an appeal, or there is
            no reason.
    """
    locked = dossier.locked_with_campaigns(case.pk)
    request = dossier.key_of("appeal", locked, key)
    if dossier.is_repeated(request, by):
        return locked.taken_up_by
    cases.step_of(locked, "appeal")
    if not can_appeal(by, locked):
        raise PermissionDenied(_("Only the leads and the accountables of the two campaigns appeal."))
    assert locked.takes_effect_at, "it is decided"
    if locked.takes_effect_at <= now:
        raise ValidationError(_("The time to appeal is over: the decision takes effect now."), code="state")
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the other department and the next mediator read it.")})
    cases.close(locked, "appeal", by=by, now=now, reason=reason.strip(), key=request, goes_on=True)
    again = cases.take_up(locked, ReopenedBecause.APPEAL, by=by, now=now, reason=reason.strip())
    dossier.tell(
        locked, MailEvent.CASE_APPEALED, everybody(locked), occasion="1", now=now, by=by, reason=reason.strip()
    )
    return again
