"""Decisions on cases like this one, as far as their reader may know them.

A precedent tells of two plans. As long as one of them has not started, only who reads its case, and the mediator who
decides a case like it, reads more than what kind of decision it was: no department, date, product, reason or fact.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Q, QuerySet

from approvals.choices import ReopenedBecause
from approvals.models import Case, Citation, Precedent, Ruling
from approvals.models.precedents import columns_of
from approvals.permissions import can_decide
from approvals.precedent_words import fact
from approvals.queries.case_facts import in_facts
from approvals.rules.outcomes import describe
from approvals.rules.precedents import NAMES, Decided, Facts, Likeness, compare, most_alike
from campaigns.choices import CampaignStatus

User = AbstractBaseUser | AnonymousUser

STARTED = (CampaignStatus.LIVE, CampaignStatus.PAUSED, CampaignStatus.ENDED)

# The newest of each kind of neighbours that are compared.
MOST_READ = 200

_CASE = "ruling__case"
_JOINED = (
    f"{_CASE}__campaign_a__department",
    f"{_CASE}__campaign_b__department",
    "department_a",
    "department_b",
    "category",
    "ruling__decided_by",
)


@dataclass(frozen=True)
class Shown:
    """A precedent for one reader. `is_hidden`: only `pk`, `outcome`, `is_superseded` and how much is alike are told.

    `case` is the id of its case where the reader may open it. `alike` and `differ` are (what, what it was there) in words;
    `number` of `facts` are alike. `label` and `between` name the case and its campaigns.
    """

    pk: int
    is_hidden: bool
    is_superseded: bool
    outcome: str
    number: int
    facts: int
    label: str = ""
    case: int | None = None
    between: tuple[str, ...] = ()
    decided_at: datetime | None = None
    decided_by: str = ""
    reason: str = ""
    alike: tuple[tuple[str, str], ...] = ()
    differ: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Said:
    """What the mediator said of a precedent in a decision; `why` is empty also where its reader may not know it."""

    precedent: Shown
    stance: str
    why: str


def alike(case: Case, *, today: date) -> tuple[Facts | None, list[tuple[int, Likeness]]]:
    """The facts of an open case, and the ids of the decisions most like it; no precedent costs one query."""
    if not Precedent.objects.exists():
        return None, []
    here = in_facts(case, today=today)
    return (here.facts, alike_to(case, here.facts)) if here else (None, [])


def _nearest(facts: Facts, *, but: Collection[int]) -> list[tuple[int, Likeness]]:
    """Each kind of neighbours is read from an index of its own, newest first."""
    near = [
        {"department_a": facts.departments[0], "department_b": facts.departments[1]},
        {"leading": facts.leading},
        {"category": facts.category},
    ]
    ids: set[int] = set()
    for one in near:
        rows = Precedent.objects.filter(**one).exclude(pk__in=but).order_by("-decided_at")
        ids.update(rows.values_list("pk", flat=True)[:MOST_READ])
    decided = (_decided(row) for row in Precedent.objects.filter(pk__in=ids))
    return [(one.pk, likeness) for one, likeness in most_alike(facts, decided)]


def shown_for(case: Case, user: User, *, today: date) -> list[Shown]:
    """The decisions most like an open case, the most alike first, in a number of queries that does not grow with them."""
    _facts, found = alike(case, today=today)
    return _shown([pk for pk, _likeness in found], dict(found), user, reads_all=bool(found) and can_decide(user, case))


def of_rule(rows: QuerySet[Precedent], user: User) -> list[Shown]:
    """The decisions that a standing rule comes from; its facts are theirs."""
    found = list(rows.order_by("-decided_at"))
    same = {row.pk: compare(row.facts, row.facts) for row in found}
    return _shown(list(same), same, user, reads_all=False)


def said_in(ruling: Ruling, user: User) -> list[Said]:
    """What a decision says of precedents, for this reader."""
    citations = list(Citation.objects.filter(ruling=ruling).select_related("precedent"))
    if not citations:
        return []
    own = Precedent.objects.filter(ruling=ruling).first()
    likeness = {one.precedent_id: compare(own.facts, one.precedent.facts) for one in citations} if own else {}
    # Who decided has read them; of what they could not read now the why is still their own.
    decided = user.pk == ruling.decided_by_id
    shown = _shown([one.precedent_id for one in citations], likeness, user, reads_all=decided)
    return [
        Said(one, citation.stance, "" if one.is_hidden else citation.why)
        for one, citation in zip(shown, citations, strict=True)
    ]


def superseded(rulings: Iterable[int]) -> set[int]:
    """Those of the rulings (ids) that a later one replaces."""
    return set(Ruling.objects.filter(supersedes__in=list(rulings)).values_list("supersedes", flat=True))


def alike_to(case: Case, facts: Facts) -> list[tuple[int, Likeness]]:
    """Without what was decided in the case that this one takes up: its mediator judges that anew."""
    before = () if case.reopened_because == ReopenedBecause.FACTS else (case.reopened_from_id,)
    but = Precedent.objects.filter(ruling__case__in=[pk for pk in before if pk])
    return _nearest(facts, but=but.values_list("pk", flat=True))


def _shown(ids: Sequence[int], likeness: dict[int, Likeness], user: User, *, reads_all: bool) -> list[Shown]:
    """In the order of `ids`."""
    if not ids:
        return []
    rows = Precedent.objects.select_related(*_JOINED).in_bulk(ids)
    cases = [row.ruling.case_id for row in rows.values()]
    readable = set(Case.objects.visible(user).filter(pk__in=cases).values_list("pk", flat=True))
    replaced = superseded(row.ruling_id for row in rows.values())
    return [
        _one(
            rows[pk],
            likeness[pk],
            opens=rows[pk].ruling.case_id in readable,
            tells=reads_all or rows[pk].ruling.case_id in readable or has_started(rows[pk]),
            is_superseded=rows[pk].ruling_id in replaced,
        )
        for pk in ids
    ]


def has_started(precedent: Precedent) -> bool:
    """Whether customers have seen both plans. Reads the campaigns of its case."""
    case = precedent.ruling.case
    return all(campaign.status in STARTED for campaign in (case.campaign_a, case.campaign_b))


def _one(row: Precedent, likeness: Likeness, *, opens: bool, tells: bool, is_superseded: bool) -> Shown:
    number, facts = len(likeness.alike), len(likeness.alike) + len(likeness.differ)
    if not tells:
        return Shown(
            pk=row.pk,
            is_hidden=True,
            is_superseded=is_superseded,
            outcome=describe(row.outcome),
            number=number,
            facts=facts,
        )
    case = row.ruling.case
    names = {row.department_a_id: row.department_a.name, row.department_b_id: row.department_b.name}
    category = row.category.code if row.category else ""
    words = {name: fact(name, row.facts, departments=names, category=category) for name in NAMES}
    campaigns = sorted((case.campaign_a, case.campaign_b), key=lambda one: (one.department.name, one.code))
    by = row.ruling.decided_by
    return Shown(
        pk=row.pk,
        is_hidden=False,
        is_superseded=is_superseded,
        outcome=describe(row.outcome, names),
        number=number,
        facts=facts,
        label=case.label,
        case=case.pk if opens else None,
        between=tuple(f"{one.name} ({one.department.name})" for one in campaigns),
        decided_at=row.decided_at,
        decided_by=by.get_full_name() or by.get_username(),
        reason=row.ruling.reason,
        alike=tuple((str(NAMES[name]), words[name]) for name in likeness.alike),
        differ=tuple((str(NAMES[name]), words[name]) for name in likeness.differ),
    )


def _decided(row: Precedent) -> Decided:
    return Decided(row.pk, row.decided_at, row.facts, row.outcome)


def on_the_same_facts(facts: Facts, *, since: datetime | None, most: int) -> list[Precedent]:
    """The newest decisions on exactly these facts, and after `since`."""
    later = Q() if since is None else Q(decided_at__gt=since)
    rows = list(Precedent.objects.filter(later, **columns_of(facts)).order_by("-decided_at", "-id")[: most * 2])
    replaced = superseded(row.ruling_id for row in rows)
    return [row for row in rows if row.ruling_id not in replaced][:most]
