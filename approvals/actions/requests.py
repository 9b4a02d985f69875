"""Customers' requests: recorded, taken, handed over to another department, closed. One owner at any time."""

import hashlib
import uuid
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import request_mails, request_steps
from approvals.choices import RequestChannel
from approvals.models import Briefing, CustomerRequest, HandOver, ReviewPolicy
from approvals.models.requests import LONGEST_REASON, LONGEST_REQUEST
from approvals.queries.requests import hand_over_targets
from approvals.queries.working_time import house_clock
from approvals.rules import requests as rules
from approvals.rules.request_machine import REQUEST
from campaigns.models import Campaign, Department, Membership
from customers.models import Customer
from customers.rules.transitions import target_of

# What came in longer ago is no request any more that somebody waits for.
OLDEST_DAYS = 366


@transaction.atomic
def record(
    *,
    channel: str,
    asked: str,
    by: User,
    now: datetime,
    department: Department | None = None,
    customer: str = "",
    campaign: str = "",
    received_at: datetime | None = None,
    token: str = "",
) -> CustomerRequest:
    """Keep what a customer asks; `by` owns it, for `department` of theirs (theirs, if they are in one alone).

    `customer` and `campaign` are codes, the campaign one that has a briefing. `received_at`: now, unless it came earlier.
    The same sent again with the same `token` is the request that is there already.

    Raises:
        PermissionDenied: `by` works in no department.
        ValidationError: by field.
    """
    # Sent twice at once, the second one finds what the first has made.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    owning = _own_department(by, department)
    if channel not in RequestChannel.values:
        raise ValidationError({"channel": _("Choose by which way the customer asked.")})
    said = request_steps.read(asked, "asked", size=LONGEST_REQUEST)
    found_customer, found_campaign = _customer(customer), _campaign(campaign)
    received = _received(received_at, now)
    key = hashlib.sha256(f"{by.pk}\n{token or uuid.uuid4().hex}\n{channel}\n{said}".encode()).hexdigest()
    there: CustomerRequest | None = CustomerRequest.objects.filter(key=key).first()
    if there:
        return there
    hours = ReviewPolicy.objects.get().hours_to_answer
    answer_by, remind_at = rules.deadlines(received, hours, house_clock())
    request = CustomerRequest.objects.create(
        channel=channel,
        asked=said,
        customer=found_customer,
        campaign=found_campaign,
        received_at=received,
        recorded_at=now,
        recorded_by=by,
        department=owning,
        owner=by,
        state=target_of(REQUEST, "record_request", ""),
        hours_to_answer=hours,
        answer_by=answer_by,
        # Whoever records it late knows the deadline already.
        remind_at=remind_at if remind_at > now else None,
        key=key,
    )
    changes = {"department": (None, owning.code), "owner": (None, by.get_username())}
    request_steps.note(request, "record_request", by=by, now=now, changes=changes)
    return request


@transaction.atomic
def take(*, request: CustomerRequest, instead_of: User, by: User, now: datetime, key: str = "") -> CustomerRequest:
    """Make oneself the owner, within the department that has the request. The same `key` again changes nothing.

    Raises:
        PermissionDenied: it is for another department.
        ValidationError: `instead_of` does not own it any more ("stale"), or it waits for no answer ("state").
    """
    found = request_steps.locked(request, by)
    done = request_steps.key_of("take_request", found, by, key)
    if request_steps.is_done(done):
        return found
    request_steps.check(found, rules.TAKE, by)
    if found.owner_id != instead_of.pk:
        owner = found.owner.get_full_name() or found.owner.get_username()
        text = _("%(person)s has it by now. Nothing was changed.")
        raise ValidationError(text % {"person": owner}, code="stale")
    HandOver.objects.create(
        request=found,
        from_department=found.department,
        to_department=found.department,
        from_owner=found.owner,
        to_owner=by,
        by=by,
        at=now,
    )
    changes = {"owner": (found.owner.get_username(), by.get_username())}
    request_steps.move(found, "take_request", owner=by)
    request_steps.note(found, "take_request", by=by, now=now, changes=changes, key=done)
    return found


@transaction.atomic
def hand_over(
    *, request: CustomerRequest, department: Department, reason: str, by: User, now: datetime, key: str = ""
) -> CustomerRequest:
    """Give the request to another department: its first lead owns it until somebody there takes it.

    The deadline stays what it is. All leads of that department are told; from the third time on, or past the deadline,
    also those of every department that had it. The same `key` again changes nothing.

    Raises:
        PermissionDenied: another department has it.
        ValidationError: by field; or it waits for no answer ("state").
    """
    found = request_steps.locked(request, by)
    done = request_steps.key_of("hand_request_over", found, by, key)
    if request_steps.is_done(done):
        return found
    request_steps.check(found, rules.HAND_OVER, by)
    said = request_steps.read(reason, "reason", size=LONGEST_REASON)
    if department.pk == found.department_id:
        raise ValidationError({"department": _("This department has the request already.")})
    if not hand_over_targets(found).filter(pk=department.pk).exists():
        raise ValidationError({"department": _("Nobody of this department can sign in and take it.")})
    owner, before, giver = _first_of(department), found.department, found.owner
    handed = HandOver.objects.create(
        request=found,
        from_department=before,
        to_department=department,
        from_owner=giver,
        to_owner=owner,
        by=by,
        at=now,
        reason=said,
    )
    request_steps.move(found, "hand_request_over", department=department, owner=owner)
    changes = {"department": (before.code, department.code), "owner": (giver.get_username(), owner.get_username())}
    request_steps.note(found, "hand_request_over", by=by, now=now, changes=changes, key=done)
    request_mails.tell_of_hand_over(found, handed, by=by, now=now)
    return found


@transaction.atomic
def close(*, request: CustomerRequest, by: User, now: datetime, key: str = "") -> CustomerRequest:
    """Put an answered request away. The same `key` again changes nothing.

    Raises:
        PermissionDenied: another department has it.
        ValidationError: it is not answered, or departments contradict each other ("state").
    """
    found = request_steps.locked(request, by)
    done = request_steps.key_of("close_request", found, by, key)
    if request_steps.is_done(done):
        return found
    request_steps.check(found, rules.CLOSE, by)
    request_steps.move(found, "close_request", closed_at=now)
    request_steps.note(found, "close_request", by=by, now=now, key=done)
    return found


@transaction.atomic
def withdraw(*, request: CustomerRequest, reason: str, by: User, now: datetime, key: str = "") -> CustomerRequest:
    """Say that nobody waits for an answer: taken back, recorded twice, no question at all.

    The same `key` again changes nothing.

    Raises:
        PermissionDenied: another department has it.
        ValidationError: by field; or it is answered already ("state").
    """
    found = request_steps.locked(request, by)
    done = request_steps.key_of("withdraw_request", found, by, key)
    if request_steps.is_done(done):
        return found
    request_steps.check(found, rules.WITHDRAW, by)
    said = request_steps.read(reason, "reason", size=LONGEST_REASON)
    request_steps.move(found, "withdraw_request", closed_at=now, because=said)
    request_steps.note(found, "withdraw_request", by=by, now=now, key=done)
    return found


def _own_department(by: User, department: Department | None) -> Department:
    mine = list(Department.objects.filter(memberships__user=by).order_by("name"))
    if not by.is_active or not by.is_staff or not mine:
        raise PermissionDenied(_("Only who works in a department records requests: somebody there has to own them."))
    if department is None and len(mine) > 1:
        raise ValidationError({"department": _("You work in several departments: choose one.")})
    if department is not None and department not in mine:
        raise ValidationError(
            {"department": _("Record it for a department of yours; hand it over from there to any other.")}
        )
    return department or mine[0]


def _customer(code: str) -> Customer | None:
    found: Customer | None = Customer.objects.filter(code=code).first() if code else None
    if code and found is None:
        raise ValidationError({"customer": _("There is no customer with this code.")})
    return found


def _campaign(code: str) -> Campaign | None:
    """What everybody may know of: a campaign that has a briefing."""
    rows = Campaign.objects.filter(pk__in=Briefing.objects.values("campaign"))
    found: Campaign | None = rows.filter(code=code).first() if code else None
    if code and found is None:
        raise ValidationError({"campaign": _("There is no briefing of a campaign with this code.")})
    return found


def _received(at: datetime | None, now: datetime) -> datetime:
    if at is None:
        return now
    if at > now:
        raise ValidationError({"received_at": _("This moment is still to come.")})
    if at < now - timedelta(days=OLDEST_DAYS):
        raise ValidationError({"received_at": _("This is more than a year ago.")})
    return at


def _first_of(department: Department) -> User:
    """Who owns what comes to a department: its first lead who can sign in, or else whoever can."""
    rows = Membership.objects.filter(department=department, user__is_active=True, user__is_staff=True)
    first = rows.select_related("user").order_by("-is_lead", "id").first()
    assert first, "asked before"
    user: User = first.user
    return user
