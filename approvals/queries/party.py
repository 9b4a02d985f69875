"""Campaigns and people by their names, as news tells of them."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from campaigns.models import Campaign


@dataclass(frozen=True)
class Party:
    code: str
    name: str
    department: str


def party_of(campaign: Campaign) -> Party:
    return Party(code=campaign.code, name=campaign.name, department=campaign.department.name)


def name_of(user: User | None) -> str:
    return (user.get_full_name() or user.get_username()) if user else ""
