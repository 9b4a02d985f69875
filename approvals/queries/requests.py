"""Customers' requests: what a person is to one, what happened to it, what waits for whom, and who hears of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import F, Q, QuerySet

from approvals.choices import RequestState
from approvals.models import Answer, CustomerRequest, HandOver, Settlement
from approvals.queries.recipients import Recipient
from approvals.rules import requests as rules
from approvals.rules.requests import Part
from campaigns.models import Department, Membership

User = AbstractBaseUser | AnonymousUser

# What a page or a mail of one request reads of other tables.
JOINED = ("department", "owner", "recorded_by", "customer", "campaign__department", "standing__department")


def part_of(user: User, request: CustomerRequest) -> Part:
    """What this person is to the request, read now: two queries, three where another department owns it."""
    memberships = dict(Membership.objects.filter(user_id=user.pk).values_list("department", "is_lead"))
    answered = set(request.answers.values_list("department", flat=True))
    owns = request.department_id in memberships
    speaks_for = request.department_id if owns else _had_it(request, memberships)
    return Part(
        owns=owns,
        is_owner=owns and user.pk == request.owner_id,
        leads=any(memberships.get(department) for department in {request.department_id, *answered}),
        speaks_for=speaks_for,
        has_spoken=speaks_for in answered,
    )


def steps_of(user: User, request: CustomerRequest) -> frozenset[str]:
    """What this person may do with the request now, of approvals.rules.requests."""
    if not user.is_active or not getattr(user, "is_staff", False):
        return frozenset()
    return rules.steps(part_of(user, request), **standing_of(request))


def standing_of(request: CustomerRequest) -> dict[str, Any]:
    """What approvals.rules.requests asks of the request itself."""
    return {
        "state": request.state,
        "is_disputed": request.disputed_at is not None,
        "is_erased": request.erased_at is not None,
    }


def _had_it(request: CustomerRequest, departments: Iterable[int]) -> int | None:
    """The first of these departments that had the request before."""
    left = request.hand_overs.filter(from_department__in=list(departments)).order_by("id")
    found: int | None = left.values_list("from_department", flat=True).first()
    return found


def touching(request: CustomerRequest) -> set[int]:
    """Ids of the departments that own the request, owned it or answered it."""
    had = set(request.hand_overs.values_list("from_department", flat=True))
    return {request.department_id} | had | set(request.answers.values_list("department", flat=True))


def leads_of(departments: Iterable[int]) -> list[Recipient]:
    """Those who lead one of the departments and can sign in, each once."""
    rows = Membership.objects.filter(
        department__in=list(departments), is_lead=True, user__is_active=True, user__is_staff=True
    )
    people = {row.user_id: row.user for row in rows.select_related("user").order_by("id")}
    return [Recipient(person, "request_lead") for person in people.values()]


def owner_of(request: CustomerRequest) -> list[Recipient]:
    """The owner; nobody if they can no longer sign in or have left the department."""
    works = Membership.objects.filter(user=request.owner, department=request.department_id)
    is_here = request.owner.is_active and request.owner.is_staff and works.exists()
    return [Recipient(request.owner, "request_owner")] if is_here else []


def hand_over_targets(request: CustomerRequest) -> QuerySet[Department]:
    """Departments in which somebody can take the request over."""
    staffed = Membership.objects.filter(user__is_active=True, user__is_staff=True).values("department")
    return Department.objects.filter(pk__in=staffed).exclude(pk=request.department_id).order_by("name")


def number_of_hand_overs(request: CustomerRequest) -> int:
    """How often it went to another department."""
    return request.hand_overs.exclude(from_department=F("to_department")).count()


@dataclass(frozen=True)
class Moment:
    """One thing that happened to a request: `kind` is "recorded", "taken", "handed", "answer", "settled", "over".

    Of an answer, `stands` says whether it counts.
    """

    kind: str
    at: datetime
    by: AbstractBaseUser | None
    department: Department | None = None
    before: Department | None = None
    owner: AbstractBaseUser | None = None
    text: str = ""
    stands: bool = False
    answer: Answer | None = field(default=None, compare=False)


def thread_of(request: CustomerRequest) -> list[Moment]:
    """All that happened, from the beginning, in three queries."""
    found = [Moment("recorded", request.recorded_at, request.recorded_by)]
    people = ("from_department", "to_department", "to_owner", "by")
    for one in HandOver.objects.filter(request=request).select_related(*people):
        kind = "taken" if one.from_department_id == one.to_department_id else "handed"
        found.append(
            Moment(kind, one.at, one.by, one.to_department, one.from_department, owner=one.to_owner, text=one.reason)
        )
    for said in Answer.objects.filter(request=request).select_related("department", "author"):
        stands = said.pk == request.standing_id
        found.append(
            Moment(
                "answer", said.answered_at, said.author, said.department, text=said.text, stands=stands, answer=said
            )
        )
    settled = Settlement.objects.filter(request=request).select_related("answer__department", "by")
    found += [Moment("settled", one.at, one.by, one.answer.department, text=one.reason) for one in settled]
    if request.closed_at:
        found.append(Moment("over", request.closed_at, None, text=request.because))
    # Python's sort keeps what happened at one moment in the order of the kinds above.
    return sorted(found, key=lambda moment: moment.at)


def waiting_for(user: User) -> QuerySet[CustomerRequest]:
    """What this person must do something about: their own open ones, and contradictions that they may settle."""
    led = Membership.objects.filter(user_id=user.pk, is_lead=True).values("department")
    of_mine = Membership.objects.filter(user_id=user.pk).values("department")
    answered = Answer.objects.filter(department__in=led).values("request")
    mine = Q(state=RequestState.OPEN, owner_id=user.pk, department__in=of_mine)
    settles = Q(disputed_at__isnull=False) & (Q(department__in=led) | Q(pk__in=answered))
    return (
        CustomerRequest.objects.filter(mine | settles)
        .select_related("department", "owner")
        .order_by("answer_by", "id")
    )
