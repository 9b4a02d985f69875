"""Who hears what about the approval of a plan."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import User

from approvals.actions import outbox
from approvals.choices import MailEvent
from approvals.models import Review, Vote
from approvals.queries import news
from approvals.queries.recipients import Recipient, administrators, once, side, without
from approvals.queries.reviews import Reviewed, sections_waiting, stand_ins
from campaigns.models import Campaign


def ask(review: Review, one: Reviewed, *, by: User | None, now: datetime, but: Collection[int] = ()) -> None:
    """Tell everybody whose vote is missing that they are asked; `but` are those who know already."""
    told = [recipient for recipient in without(_waited_for(one, now), by) if recipient.user.pk not in but]
    _queue(MailEvent.REVIEW_ASKED, review, one, told, occasion="1", by=by, now=now)


def remind(review: Review, one: Reviewed, *, rung: int, is_overdue: bool, now: datetime) -> None:
    """Remind those whose vote is missing; once the time is over, the A and the administrators hear of it as well."""
    occasion = str(rung + 1)
    told = _waited_for(one, now)
    if is_overdue:
        told = once([*told, *side(one.campaign), *administrators()])
        _queue(MailEvent.REVIEW_OVERDUE, review, one, told, occasion=occasion, by=None, now=now)
    else:
        _queue(MailEvent.REVIEW_REMINDER, review, one, told, occasion=occasion, by=None, now=now)


def tell_of_changes(one: Reviewed, votes: Collection[Vote], *, by: User, now: datetime) -> None:
    """Whoever answers for the plan hears what should change in it."""
    occasion = ".".join(str(vote.pk) for vote in votes)
    outbox.queue(
        event=MailEvent.CHANGES_ASKED,
        recipients=without(side(one.campaign), by),
        news=news.of_review(one, sections=[vote.section for vote in votes], by=by, reason=next(iter(votes)).comment),
        key=f"campaign:{one.campaign.pk}:{MailEvent.CHANGES_ASKED}:{occasion}",
        now=now,
        campaign=one.campaign,
    )


def tell_of_void(one: Reviewed, votes: Collection[Vote], *, by: User | None, now: datetime) -> None:
    """Whoever approved sections that have changed since hears that their approval of these no longer counts."""
    by_voter: dict[int, list[Vote]] = {}
    for vote in votes:
        by_voter.setdefault(vote.voter_id, []).append(vote)
    for mine in by_voter.values():
        outbox.queue(
            event=MailEvent.APPROVAL_FELL,
            recipients=without([Recipient(mine[0].voter, "reviewer", one.campaign.code)], by),
            news=news.of_review(one, sections=[vote.section for vote in mine], by=by),
            key=f"campaign:{one.campaign.pk}:{MailEvent.APPROVAL_FELL}:{mine[0].pk}",
            now=now,
            campaign=one.campaign,
        )


def _queue(
    event: MailEvent,
    review: Review,
    one: Reviewed,
    told: Collection[Recipient],
    *,
    occasion: str,
    by: User | None,
    now: datetime,
) -> None:
    outbox.queue(
        event=event,
        recipients=told,
        news=news.of_review(one, sections=list(one.plan.sections), by=by, due_at=review.due_at),
        key=f"review:{review.pk}:{event}:{occasion}",
        now=now,
        campaign=one.campaign,
    )


def _waited_for(one: Reviewed, now: datetime) -> list[Recipient]:
    """Those whose vote would bring the approval nearer, and who stands in for whoever is away."""
    asked = one.people.keys()
    away = stand_ins(asked, now)
    speaks = {person: [person] for person in asked}
    for person, others in away.items():
        for stand_in in others:
            speaks[stand_in] = [*speaks.get(stand_in, [stand_in]), person]
    waiting = [person for person, people in speaks.items() if sections_waiting(one, people)]
    reads = Campaign.objects.filter(pk=one.campaign.pk)
    people = User.objects.filter(pk__in=waiting, is_active=True, is_staff=True).order_by("id")
    return [Recipient(person, "reviewer", one.campaign.code) for person in people if reads.visible(person).exists()]
