"""Which grants follow from who has which part in a campaign."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

VIEW, CHANGE = "view_campaign", "change_campaign"


@dataclass(frozen=True)
class Parts:
    """Who has a part in one campaign, as ids of people and departments."""

    department: int
    accountable: Iterable[int] = ()
    contact: Iterable[int] = ()
    offer_departments: Iterable[int] = ()
    responsible_departments: Iterable[int] = ()
    responsible_people: Iterable[int] = ()
    other_departments: Iterable[int] = ()
    other_people: Iterable[int] = ()
    reasons: Iterable[int] = field(default=())


def wanted(
    parts: Parts, members: Mapping[int, Iterable[int]], leads: Mapping[int, Iterable[int]]
) -> set[tuple[int, str]]:
    """Grants as (person, permission): the union of RACI, department and other reasons.

    The owning department reads and its leads write; R writes; A writes; C, I, the contact person and the departments of
    single offers read. `members` and `leads` give the people of each department.
    """
    writers = {*parts.accountable, *parts.responsible_people, *leads.get(parts.department, ())}
    for department in parts.responsible_departments:
        writers.update(members.get(department, ()))
    readers = {*writers, *parts.contact, *parts.other_people, *parts.reasons}
    for department in (parts.department, *parts.offer_departments, *parts.other_departments):
        readers.update(members.get(department, ()))
    return {(person, VIEW) for person in readers} | {(person, CHANGE) for person in writers}
