"""What mails about the conversation of a case tell: what was said in it, and when its parties meet."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse

from approvals.models import Case, Meeting, Statement
from approvals.queries.party import Party, name_of, party_of


@dataclass(frozen=True)
class StatementNews:
    """`kind` is a StatementKind, `department` that in whose name it was said (empty: the mediator's word).

    `text`, `source` and `files` (names) are empty once it is retracted.
    """

    url: str
    label: str
    parties: tuple[Party, Party]
    by: str
    kind: str
    department: str
    text: str
    source: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class MeetingNews:
    """A meeting as it stands now. `by` is empty for what nobody did; `before` is when it would have been until now.

    `is_over` says that the case is closed, `is_left` that the reader alone is out of it. `people` are (name, address).
    """

    url: str
    label: str
    parties: tuple[Party, Party]
    uid: str
    sequence: int
    at: datetime
    starts_at: datetime
    ends_at: datetime
    place: str
    agenda: str
    people: tuple[tuple[str, str], ...]
    by: str = ""
    before: datetime | None = None
    is_over: bool = False
    is_left: bool = False


def of_statement(statement: Statement, case: Case) -> StatementNews:
    page = reverse("admin:approvals_case_conversation", args=[case.pk])
    stands = not statement.retracted_at
    return StatementNews(
        url=f"{settings.SITE_URL}{page}?statement={statement.pk}#statement-{statement.pk}",
        label=case.label,
        parties=(party_of(case.campaign_a), party_of(case.campaign_b)),
        by=name_of(statement.author),
        kind=statement.kind,
        department=statement.side.department.name if statement.side else "",
        text=statement.shown,
        source=statement.source if stands else "",
        files=tuple(file.name for file in statement.attachments.all()) if stands else (),
    )


def of_meeting(
    meeting: Meeting,
    case: Case,
    *,
    now: datetime,
    by: User | None = None,
    before: datetime | None = None,
    is_over: bool = False,
    is_left: bool = False,
) -> MeetingNews:
    invited = meeting.invitations.filter(left_at=None).select_related("user")
    people = tuple((name_of(one.user), one.user.email) for one in invited if one.user.email)
    # Who is out of the case may not open it any more.
    page = reverse("admin:index") if is_left else reverse("admin:approvals_case_change", args=[case.pk])
    return MeetingNews(
        url=settings.SITE_URL + page,
        label=case.label,
        parties=(party_of(case.campaign_a), party_of(case.campaign_b)),
        uid=meeting.uid,
        sequence=meeting.sequence,
        at=now,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place=meeting.place,
        agenda=meeting.agenda,
        people=people,
        by=name_of(by),
        before=before,
        is_over=is_over,
        is_left=is_left,
    )
