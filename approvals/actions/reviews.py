"""The approval of plans: submitted, voted on section by section, and approved once everybody has agreed.

The only writer of Review and Vote. Everything happens under the lock of the campaign, which every edit takes as well, so
that nobody approves what they were not shown.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import review_mails, review_rounds
from approvals.models import Vote
from approvals.queries.reviews import Reviewed, reviewed_one, stands_in_for
from approvals.rules import routing
from approvals.wording import section_name
from campaigns.actions import lifecycle
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign
from campaigns.queries.raci import is_consulted
from campaigns.rules.lifecycle import REVIEWED
from campaigns.rules.sections import WHOLE
from customers.actions import history
from customers.models import Event
from customers.permissions import colleagues

TOPICS = ["plan.changed"]

# Plans settled in one transaction: an import may touch thousands, and SQLite lets nobody else write meanwhile.
MOST_AT_ONCE = 25


@transaction.atomic
def submit(*, campaign: Campaign, posted_hash: str, by: User, now: datetime, reason: str = "") -> Campaign:
    """Draft → submitted. The A agrees to what they were shown (`posted_hash`), and the others are asked.

    Raises:
        PermissionDenied: `by` is not the A.
        ValidationError: something is missing, the plan changed since it was shown, or nobody could ever approve it.
    """
    campaign = lifecycle.submit(campaign=campaign, by=by, now=now, reason=reason)
    one = reviewed_one(campaign)
    _check_shown(one, {WHOLE: posted_hash})
    if problems := problems_of(one, now=now):
        raise ValidationError(problems)
    _write_votes(one, dict.fromkeys(one.plan.sections, _key_of_the_a(one)), routing.APPROVE, "", by=by, now=now)
    review_rounds.open_round(campaign, by=by, now=now)
    return review_rounds.follow(campaign, by=by, now=now)


@transaction.atomic
def vote(
    *,
    campaign: Campaign,
    decision: str,
    shown: Mapping[str, str],
    by: User,
    now: datetime,
    comment: str = "",
) -> Campaign:
    """Say something to sections of a plan as they were shown, {section: hash}: "approve", "changes" or "comment".

    Another decision about the same content takes the earlier one's place; the same one again changes nothing. The last
    approval that was missing approves the campaign.

    Raises:
        PermissionDenied: `by` is not asked about one of the sections, or wrote it.
        ValidationError: the plan changed since it was shown (code "stale"), it is not in review ("state"), or changes
            were asked for without saying which.
    """
    campaign = lifecycle.lock_campaign(campaign)
    if not Campaign.objects.visible(by).filter(pk=campaign.pk).exists():
        raise PermissionDenied
    if decision != routing.APPROVE and not comment.strip():
        raise ValidationError({"comment": _("Say what should change, or what you think.")})
    if not shown:
        raise ValidationError({"sections": _("Choose at least one section.")})
    one = reviewed_one(campaign)
    _check_shown(one, shown)
    people = [by.pk, *stands_in_for(by, now)]
    parts = {section: _parts(one, section, people, decision) for section in shown}
    check_reviewed(campaign)
    written = _write_votes(one, parts, decision, comment, by=by, now=now, people=people)
    if written and decision == routing.CHANGES:
        review_mails.tell_of_changes(one, written, by=by, now=now)
    return review_rounds.follow(campaign, by=by, now=now)


@transaction.atomic
def revoke(*, campaign: Campaign, by: User, now: datetime, reason: str) -> Campaign:
    """Take back one's own votes on a plan. What was approved needs another approval then; what is live is paused instead.

    Raises:
        ValidationError: without a reason, with nothing to take back, or while it is live.
    """
    campaign = lifecycle.lock_campaign(campaign)
    if not Campaign.objects.visible(by).filter(pk=campaign.pk).exists():
        raise PermissionDenied
    check_reviewed(campaign)
    if campaign.status in (CampaignStatus.LIVE, CampaignStatus.PAUSED):
        raise ValidationError(_("It has been live: ask the A to pause or cancel it instead."), code="state")
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: everybody concerned reads it.")})
    standing = Vote.objects.filter(campaign=campaign, voter=by, revoked_at__isnull=True)
    decided = list(standing.exclude(decision=routing.COMMENT).order_by("id"))
    if not decided:
        raise ValidationError(_("There is no vote of yours to take back."), code="state")
    Vote.objects.filter(pk__in=[one.pk for one in decided]).update(revoked_at=now)
    changes = {one.section: (one.decision, None) for one in decided}
    history.write(
        by=by, now=now, verb="revoke_vote", subject=f"campaign:{campaign.code}", changes=changes, reason=reason
    )
    return review_rounds.follow(campaign, by=by, now=now)


def is_agreed(campaign: Campaign) -> bool:
    """Whether everybody who must approve this locked campaign has approved it as it is: asked before it goes live."""
    return reviewed_one(campaign).is_agreed


def react(batch: Collection[Event], now: datetime) -> None:
    """Plans, or who has a part in them, have changed: votes may have fallen, others may be needed.

    What is too much for one transaction is recorded again for the next.
    """
    changed: dict[int, int | None] = {}
    for event in batch:
        changed |= dict.fromkeys(event.payload["campaigns"], event.payload.get("by"))
    people = User.objects.in_bulk([pk for pk in changed.values() if pk])
    ordered = sorted(changed.items())
    if rest := ordered[MOST_AT_ONCE:]:
        lifecycle.tell_reviewers([pk for pk, _actor in rest], now=now)
    for pk, actor in ordered[:MOST_AT_ONCE]:
        settle(pk, by=people.get(actor) if actor else None, now=now)


@transaction.atomic
def settle(campaign_id: int, *, by: User | None = None, now: datetime) -> None:
    """Make the state of one campaign follow the votes on what it says now, after a change that `by` made last."""
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is not None:
        campaign = lifecycle.keep_version(campaign=campaign, now=now)
        review_rounds.follow(campaign, by=None, now=now, changed_by=by)


def check_reviewed(campaign: Campaign) -> None:
    """Raises ValidationError (code "state") unless votes on the campaign count."""
    if campaign.status not in REVIEWED:
        raise ValidationError(
            _("The campaign is “%(status)s”: there is nothing to approve.")
            % {"status": campaign.get_status_display()},
            code="state",
        )


def problems_of(one: Reviewed, *, now: datetime) -> list[str]:
    """Why this plan could never be approved as it is, in words for its department. Of a draft its gaps are told apart."""
    active = set(colleagues().values_list("pk", flat=True))
    is_draft = one.campaign.status == CampaignStatus.DRAFT
    found = [] if is_draft else lifecycle.gaps_before_submit(one.campaign, now=now)
    for key, section in routing.deadlocks(one.plan, one.rules, active):
        kind, _colon, subject = key.partition(":")
        if key == routing.READER:
            text = _("Too few people can approve “%(section)s” who did not write it: %(needed)s needed.")
            needed = routing.approvals_needed(one.plan, one.rules)
            what = {"section": section_name(section, one.departments), "needed": needed}
            found.append(text % what + " " + _("Name another A, or ask an administrator for an approval rule."))
        elif kind == "department":
            name = one.departments.get(subject, subject)
            found.append(_("The department %(department)s has no lead who could agree.") % {"department": name})
        elif kind == "rule":
            found.append(_("Whoever approves by rule of the house no longer works here: ask an administrator."))
    return found


def _check_shown(one: Reviewed, shown: Mapping[str, str]) -> None:
    current = {WHOLE: one.hash, **one.plan.sections}
    if any(current.get(section) != hashed for section, hashed in shown.items()):
        raise ValidationError(
            _("The plan changed while you were reading. Look at it again, then decide."), code="stale"
        )


def _key_of_the_a(one: Reviewed) -> tuple[str, ...]:
    return (one.standing.requirements[0].key,)


def _parts(one: Reviewed, section: str, people: list[int], decision: str) -> tuple[str, ...]:
    """In which parts they speak about the section.

    Raises:
        PermissionDenied: in none.
    """
    parts = one.parts_of(people, section)
    if parts:
        return parts
    if decision == routing.COMMENT and is_consulted(people[0], one.campaign):
        return ()
    if people[0] in one.plan.authors.get(section, ()):
        text = _("You wrote in “%(section)s” yourself: somebody else approves it.")
    else:
        text = _("You are not asked to approve “%(section)s”.")
    raise PermissionDenied(text % {"section": section_name(section, one.departments)})


def _write_votes(
    one: Reviewed,
    parts: Mapping[str, Collection[str]],
    decision: str,
    comment: str,
    *,
    by: User,
    now: datetime,
    people: list[int] | None = None,
) -> list[Vote]:
    """Write the votes that say something new, and take back what the same person said before of the same content."""
    mine = {
        (vote.section, vote.content_hash): vote
        for vote in one.votes
        if vote.voter_id == by.pk and vote.revoked_at is None and vote.decision != routing.COMMENT
    }
    rows, old = [], []
    for section, keys in parts.items():
        hashed = one.plan.sections[section]
        before = mine.get((section, hashed))
        if before and (before.decision, before.comment, set(before.parts)) == (decision, comment, set(keys)):
            continue
        if before and decision != routing.COMMENT:
            old.append(before.pk)
        own = one.parts_of([by.pk], section)
        absent = next((pk for pk in (people or [])[1:] if set(one.parts_of([by.pk, pk], section)) - set(own)), None)
        rows.append(
            Vote(
                campaign=one.campaign,
                section=section,
                content_hash=hashed,
                decision=decision,
                comment=comment.strip(),
                voter=by,
                stands_for_id=absent,
                parts=sorted(keys),
                voted_at=now,
            )
        )
    Vote.objects.filter(pk__in=old).update(revoked_at=now)
    written = Vote.objects.bulk_create(rows)
    if written:
        changes = {vote.section: (None, decision) for vote in written}
        subject = f"campaign:{one.campaign.code}"
        history.write(by=by, now=now, verb="vote", subject=subject, changes=changes, reason=comment.strip())
    return written
