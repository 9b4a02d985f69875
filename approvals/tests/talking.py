"""A campaign and everybody around it, for tests of its discussion."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from approvals.actions import discussion
from approvals.models import Comment
from approvals.tests.builders import NOW, lead_of, make_campaign, make_department, make_offer, make_user
from campaigns.actions import access, raci
from campaigns.models import Activity, Campaign
from campaigns.tests.factories import make_analyst

# Who is who to the campaign: who comments on it, who merely reads it, and who does not.
SPEAKERS = ["lead", "member", "contact", "a_of_activity", "r_department", "c_department", "c_person", "offers"]
READERS = ["i_department", "i_person", "administrator"]
STRANGERS = ["stranger", "analyst", "gone"]


@dataclass
class Talk:
    campaign: Campaign
    people: dict[str, User]


def make_talk() -> Talk:
    """A draft of Marketing; the people are named by their part in it."""
    people = {part: make_user(part) for part in (*SPEAKERS[1:], *READERS[:2], "stranger", "gone")}
    people["administrator"] = make_user("administrator", is_superuser=True)
    people["analyst"] = make_analyst()
    marketing = make_department("MKT", members=[people["member"], people["gone"]])
    people["lead"] = lead_of(marketing)
    campaign = make_campaign(marketing, "MKT-1", contact_person=people["contact"], name="SECRETNAME")
    letters = {"r_department": "R", "c_department": "C", "i_department": "I"}
    houses = {part: make_department(part.upper(), members=[people[part]]) for part in letters}
    first, second = Activity.objects.filter(campaign=campaign).order_by("pk")[:2]
    single = make_department("SINGLE", members=[people["c_person"], people["i_person"]])
    raci.set_matrix(
        campaign=campaign,
        by=people["lead"],
        now=NOW,
        roles={(first.code, houses[part].pk): letter for part, letter in letters.items()},
        people={
            (first.code, people["c_person"].pk, single.pk): "C",
            (first.code, people["i_person"].pk, single.pk): "I",
        },
        accountable={second.code: people["a_of_activity"]},
    )
    offering = make_department("OFFERS", members=[people["offers"]])
    make_offer(campaign, "MKT-1-A", department=offering)
    access.leave(department=marketing, user=people["gone"], by=None, now=NOW)
    return Talk(Campaign.objects.get(pk=campaign.pk), people)


def say(talk: Talk, part: str = "lead", text: str = "What do you think?", **more: object) -> Comment:
    return discussion.write(campaign=talk.campaign, text=text, by=talk.people[part], now=NOW, **more)
