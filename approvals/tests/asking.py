"""Departments that get a customer's request, for tests of what becomes of it."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from approvals.actions import request_answers, requests
from approvals.models import Answer, CustomerRequest, HandOver, Mail, Settlement
from campaigns.models import Department
from campaigns.tests.factories import NOW, lead_of, make_analyst, make_department, make_user
from customers.models import HistoryEntry

# Whose word a page or a mail must never hold.
ASKED, REASON, SAID, SAID_TOO = "CANARYASKED", "CANARYREASON", "CANARYSAID", "CANARYSAIDTOO"
STRANGERS = ["stranger", "analyst"]


@dataclass
class House:
    departments: dict[str, Department]
    people: dict[str, User]


def make_house() -> House:
    """Marketing, Sales and Service, each with a lead and a member; a fourth department that has nothing to do with it."""
    people = {part: make_user(part) for part in ("marketer", "seller", "server", "stranger")}
    departments = {
        code: make_department(code, members=[people[member]])
        for code, member in (("MKT", "marketer"), ("SAL", "seller"), ("SRV", "server"), ("OTH", "stranger"))
    }
    people |= {f"lead_{code}": lead_of(department) for code, department in departments.items()}
    people["administrator"] = make_user("administrator", is_superuser=True)
    people["analyst"] = make_analyst()
    return House(departments, people)


def ask(house: House, by: str = "marketer", now: datetime = NOW, **more: object) -> CustomerRequest:
    return requests.record(**{"channel": "social", "asked": ASKED} | more, by=house.people[by], now=now)


def hand(
    house: House, request: CustomerRequest, by: str, to: str, now: datetime = NOW, **more: object
) -> CustomerRequest:
    return requests.hand_over(
        request=request,
        department=house.departments[to],
        **{"reason": REASON} | more,
        by=house.people[by],
        now=now,
    )


def say(
    house: House, request: CustomerRequest, by: str, text: str = SAID, now: datetime = NOW, **more: object
) -> CustomerRequest:
    return request_answers.answer(request=request, text=text, by=house.people[by], now=now, **more)


def settle(house: House, request: CustomerRequest, by: str, answer: Answer, **more: object) -> CustomerRequest:
    return request_answers.settle(
        request=request, answer=answer, **{"reason": REASON} | more, by=house.people[by], now=NOW
    )


def disputed(house: House) -> CustomerRequest:
    """Marketing handed it over to Sales; both answered."""
    request = hand(house, ask(house), "marketer", "SAL")
    say(house, request, "seller")
    return say(house, request, "marketer", SAID_TOO)


def mailed(event: str) -> list[str]:
    """User names of those who have a mail about the event."""
    return sorted(Mail.objects.filter(event=event).values_list("recipient__username", flat=True))


def everything() -> list[object]:
    """All rows that steps of requests write."""
    models = (CustomerRequest, HandOver, Answer, Settlement, Mail, HistoryEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]
