"""The rounds in which approval is asked for: begun, reminded of, and over. Working hours decide when."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from approvals.actions import absences, review_mails
from approvals.models import Review, ReviewPolicy, Vote
from approvals.queries.reviews import Reviewed, current_rules, reviewed_one
from approvals.queries.working_time import house_clock
from approvals.rules import routing, working_time
from approvals.rules.working_time import Clock
from campaigns.actions import access, lifecycle
from campaigns.models import AccessReason, Campaign
from campaigns.rules.lifecycle import OVER, REVIEWED
from customers.actions import history

logger = logging.getLogger(__name__)

# Parts of the time to review after which reviewers are reminded; at its end the A and the administrators are told.
RUNGS = (0.5, 0.8, 1.0)
WHY = "approves by rule"


def open_round(campaign: Campaign, *, by: User | None, now: datetime, already_told: Collection[int] = ()) -> Review:
    """Begin to ask for the approval of a locked campaign, by the rules as they are now."""
    policy, clock = ReviewPolicy.objects.get(), house_clock()
    rules = current_rules()
    review = Review.objects.create(
        campaign=campaign,
        opened_at=now,
        rules=rules,
        hours_to_review=policy.hours_to_review,
        due_at=_after(now, policy.hours_to_review, 1.0, clock),
        next_at=_after(now, policy.hours_to_review, RUNGS[0], clock),
    )
    one = reviewed_one(campaign)
    named = User.objects.filter(pk__in=[rule.approver for rule in routing.exceeded(one.plan, one.rules)])
    review.named.set(named)
    for person in named:
        access.add_reason([campaign.pk], user=person, why=WHY)
    for absence in absences.announced([person.pk for person in named], now=now):
        absences.let_read([campaign.pk], absence)
    review_mails.ask(review, one, now=now, by=by, but=already_told)
    return review


def follow(campaign: Campaign, *, by: User | None, now: datetime, changed_by: User | None = None) -> Campaign:
    """Move a locked campaign to where the votes on it lead, and begin or end the round that asks for them.

    `by` has just voted, or `changed_by` has just changed what is voted on: they know what they did.
    """
    review = Review.objects.filter(campaign=campaign, closed_at__isnull=True).first()
    if campaign.status in OVER:
        _close(review, now)
        _let_go(campaign)
        return campaign
    if campaign.status not in REVIEWED:
        return campaign
    one = reviewed_one(campaign)
    campaign = lifecycle.void(campaign=campaign, agreed=lambda _campaign: one.is_agreed, now=now)
    campaign = lifecycle.approve(campaign=campaign, by=by, now=now, agreed=lambda _campaign: one.is_agreed)
    if one.is_agreed and campaign.approved_hash == one.hash:
        _close(review, now)
    else:
        told = _tell_whose_votes_fell(one, by=by or changed_by, now=now)
        if review is None:
            open_round(campaign, by=by or changed_by, now=now, already_told=told)
    return campaign


def remind_due(*, now: datetime) -> None:
    """Remind those whose approval is missing; one transaction per round, so that none stops another."""
    due = Review.objects.filter(closed_at__isnull=True, next_at__lte=now).order_by("next_at", "id")
    for pk, campaign in list(due.values_list("pk", "campaign")):
        try:
            _remind(pk, campaign, now)
        except Exception:
            logger.exception("nobody was reminded of review %d", pk)


@transaction.atomic
def _remind(pk: int, campaign_id: int, now: datetime) -> None:
    campaign = lifecycle.lock_campaign(Campaign(pk=campaign_id))
    review = Review.objects.filter(pk=pk, closed_at__isnull=True, next_at__lte=now).first()
    if review is None:
        return
    hours, clock, rung = review.hours_to_review, house_clock(), review.reminders
    if now >= review.due_at:
        # Whoever swept late does not say "half of the time is over" when all of it is.
        rung = max(rung, len(RUNGS) - 1)
    one = reviewed_one(campaign)
    review_mails.remind(review, one, rung=rung, is_overdue=now >= review.due_at, now=now)
    review.reminders = rung + 1
    if review.reminders < len(RUNGS):
        review.next_at = _after(review.opened_at, hours, RUNGS[review.reminders], clock)
    else:
        # Nobody is ever taken to have agreed: it is said again after as much time again.
        review.next_at = _after(now, hours, 1.0, clock)
    review.save(update_fields=["reminders", "next_at"])


@transaction.atomic
def recount(pk: int, *, clock: Clock, by: User | None, now: datetime) -> None:
    """Follow a calendar that changed: when a round is due, and when reviewers are reminded next."""
    campaign_id = Review.objects.values_list("campaign", flat=True).get(pk=pk)
    campaign = lifecycle.lock_campaign(Campaign(pk=campaign_id))
    review = Review.objects.filter(pk=pk, closed_at__isnull=True).first()
    if review is None:
        return
    before, hours = review.due_at, review.hours_to_review
    review.due_at = _after(review.opened_at, hours, 1.0, clock)
    if review.reminders < len(RUNGS):
        review.next_at = _after(review.opened_at, hours, RUNGS[review.reminders], clock)
    review.save(update_fields=["due_at", "next_at"])
    if review.due_at != before:
        changes = {"due_at": (before, review.due_at)}
        history.write(by=by, now=now, verb="recount", subject=f"campaign:{campaign.code}", changes=changes)


def _after(start: datetime, hours: int, part: float, clock: Clock) -> datetime:
    return working_time.after(start, timedelta(hours=hours) * part, clock)


def _close(review: Review | None, now: datetime) -> None:
    if review is not None:
        review.closed_at, review.next_at = now, None
        review.save(update_fields=["closed_at", "next_at"])


def _let_go(campaign: Campaign) -> None:
    """Whoever read the plan only to approve it has no more reason to."""
    reasons = AccessReason.objects.filter(Q(why=WHY) | Q(why__startswith=absences.WHY), campaign=campaign)
    for reason in reasons.select_related("user"):
        access.drop_reason([campaign.pk], user=reason.user, why=reason.why)


def _tell_whose_votes_fell(one: Reviewed, *, by: User | None, now: datetime) -> set[int]:
    """Those who spoke about a section that says something else now hear so once. Returns their ids."""
    fallen = [
        vote
        for vote in one.votes
        if vote.revoked_at is None
        and vote.fell_at is None
        and vote.decision != routing.COMMENT
        and vote.content_hash not in one.same.get(vote.section, ())
    ]
    if fallen:
        Vote.objects.filter(pk__in=[vote.pk for vote in fallen]).update(fell_at=now)
        review_mails.tell_of_void(one, fallen, by=by, now=now)
    return {vote.voter_id for vote in fallen}
