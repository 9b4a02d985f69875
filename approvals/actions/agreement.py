"""The last acceptance of terms: what both sides signed is carried out, and the case closes, in one transaction."""

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import cases, dossier, orders
from approvals.actions import terms as negotiation
from approvals.actions.terms import StaleTerms
from approvals.choices import MailEvent, RulingSource
from approvals.models import Acceptance, Ruling, Terms
from approvals.permissions import signs_for
from approvals.queries.effects import tally_of
from approvals.queries.facts import terms_hash
from approvals.queries.recipients import everybody
from approvals.queries.signers import signers_of
from approvals.rules.operations import AllowBoth


@transaction.atomic
def accept(*, terms: Terms, posted_hash: str, by: User, now: datetime) -> Terms:
    """Sign the terms for one's side. With the last signature they are carried out, and the case is closed.

    Possible in negotiation and in mediation: the mediator's work ends then. Who signed already and sends it again
    changes nothing.

    Args:
        posted_hash: of the terms as `by` was shown them.

    Raises:
        PermissionDenied: `by` may bind neither side.
        StaleTerms: other terms were shown, or the plans changed since they were proposed.
        ValidationError: the terms are answered or superseded, the side has accepted already, or the offers cannot be
            changed so now. Nothing is changed then, and the terms stay open.
    """
    if _is_repeated(terms, posted_hash, by):
        return Terms.objects.get(pk=terms.pk)
    locked = negotiation.lock_open(terms, "accept_terms")
    case = locked.case
    mine = signs_for(by, case)
    if not mine:
        raise PermissionDenied(_("Only who may change the offers of a side accepts terms for it."))
    if posted_hash != locked.terms_hash or terms_hash(case, locked.orders) != locked.terms_hash:
        raise StaleTerms
    signed = set(locked.acceptances.values_list("campaign", flat=True))
    missing = {case.campaign_a_id, case.campaign_b_id} - signed
    if not missing & mine:
        raise ValidationError(
            _("Your side has accepted these terms already: they wait for the other department."), code="state"
        )
    for campaign in sorted(missing & mine):
        negotiation.sign(locked, campaign, by=by, now=now)
    if missing - mine:
        negotiation.move(locked, "sign_terms", by=by, now=now)
    else:
        _agree(locked, by=by, now=now)
    return locked


def _is_repeated(terms: Terms, posted_hash: str, by: User) -> bool:
    signed = Acceptance.objects.filter(terms=terms.pk, accepted_by=by, terms_hash=posted_hash)
    return signed.filter(terms__state="accepted", terms__answered_by=by).exists()


def _agree(terms: Terms, *, by: User, now: datetime) -> None:
    """For those who are merely told of the plans the case is all of the reason: what the sides wrote stays between them."""
    case = terms.case
    effect = orders.enforce(case, terms.orders, by=by, now=now, reason=case.label)
    negotiation.move(terms, "accept_terms", by=by, now=now)
    Ruling.objects.create(
        case=case,
        source=RulingSource.AGREED,
        terms=terms,
        decided_by=by,
        decided_at=now,
        reason=terms.message,
        operations=terms.operations,
        effect=effect.as_json(),
    )
    cases.close(case, _step(terms), by=by, now=now, reason=terms.message)
    dossier.tell(
        case,
        MailEvent.CASE_AGREED,
        everybody(case),
        occasion="1",
        now=now,
        by=by,
        reason=terms.message,
        orders=terms.orders,
        tally=tally_of(effect.as_json(), case),
        signers=signers_of(terms),
    )


def _step(terms: Terms) -> str:
    """Terms that change nothing are a waiver: the overlap is known, and allowed."""
    return "waive" if all(isinstance(order, AllowBoth) for order in terms.orders) else "agree"
