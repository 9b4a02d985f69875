"""A dispute and everybody around it, for tests of its conversation."""

import io
import zipfile
from dataclasses import dataclass

from django.contrib.auth.models import User

from approvals.actions import statements
from approvals.models import Case, Statement
from approvals.tests.builders import NOW, Dispute, lead_of, make_mediator, make_user, open_dispute
from campaigns.actions import access, raci
from campaigns.models import Activity, Campaign
from campaigns.tests.factories import make_department

SIDES = ["lead", "member", "contact", "other_lead", "a"]
READERS = ["administrator"]
# Other departments, those who give an opinion (C) or are told (I) of a campaign, and who was mediator once.
STRANGERS = ["third", "c_department", "i_department", "former", "gone"]

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def workbook(*more: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml", *more):
            archive.writestr(name, "<x/>")
    return file.getvalue()


@dataclass
class Conversation:
    dispute: Dispute
    people: dict[str, User]

    @property
    def case(self) -> Case:
        return self.dispute.case

    @property
    def campaign(self) -> Campaign:
        return self.case.campaign_a


def make_conversation() -> Conversation:
    """MKT-1 and SAL-1 negotiate; the people are named by their part, first of all those of Marketing."""
    people = {part: make_user(part) for part in ("member", "a", "third", "c_department", "i_department", "gone")}
    people["administrator"] = make_user("administrator", is_superuser=True)
    people["mediator"], people["former"] = make_mediator("mediator"), make_user("former")
    dispute = open_dispute()
    marketing = dispute.campaigns[0].department
    people["lead"], people["other_lead"] = dispute.leads
    people["contact"] = dispute.campaigns[0].contact_person
    for part in ("member", "gone"):
        access.join(department=marketing, user=people[part], is_lead=False, by=None, now=NOW)
    access.leave(department=marketing, user=people["gone"], by=None, now=NOW)
    houses = {part: make_department(part.upper(), members=[people[part]]) for part in ("c_department", "i_department")}
    activity = Activity.objects.filter(campaign=dispute.campaigns[0]).order_by("pk").first()
    roles = {
        (activity.code, houses[part].pk): letter for part, letter in (("c_department", "C"), ("i_department", "I"))
    }
    raci.set_matrix(campaign=dispute.campaigns[0], by=people["lead"], now=NOW, roles=roles)
    Campaign.objects.filter(pk=dispute.campaigns[0].pk).update(accountable=people["a"])
    make_department("THIRD", members=[people["third"]])
    assert lead_of(marketing) == people["lead"]
    return Conversation(dispute, people)


def state(talk: Conversation, part: str = "lead", kind: str = "fact", text: str = "Two stores sell it.", **more):
    more = {"source": "Stock report, page 3"} | more if kind == "fact" else more
    return statements.state(case=talk.case, kind=kind, text=text, by=talk.people[part], now=NOW, **more)


def newest() -> Statement:
    found = Statement.objects.first()
    assert found
    return found
