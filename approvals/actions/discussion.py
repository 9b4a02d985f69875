"""The discussion of a campaign: said, retracted, watched; and the mails to who watches or is mentioned."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import outbox, speech
from approvals.choices import MailEvent
from approvals.models import Comment, Mail, Retraction, Watch
from approvals.queries import discussion, news
from approvals.queries.recipients import Recipient
from approvals.rules.discussion import may_speak
from campaigns.actions.lifecycle import lock_campaign
from campaigns.models import Campaign
from customers.actions import history
from customers.models import Event

TOPICS = ["campaign.moved"]


@transaction.atomic
def write(*, campaign: Campaign, text: str, by: User, now: datetime, token: str = "") -> Comment:
    """Say something about a campaign; who is mentioned (`@username`) or watches is told, and `by` watches from now on.

    The same text sent again with the same `token` is the comment that is there already.

    Raises:
        PermissionDenied: `by` may not read the campaign, or has no part in it but to be told (I).
        ValidationError: no text, one that is too long, or a mention of nobody who may read the campaign.
    """
    # Whoever loses their part while this runs has lost it before, or afterwards.
    lock_campaign(campaign)
    campaign = Campaign.objects.select_related("department").get(pk=campaign.pk)
    check_may_speak(by, campaign)
    said = speech.read(text)
    key = speech.key_of(by, campaign, token, said)
    there: Comment | None = Comment.objects.select_related("author", "retraction").filter(key=key).first()
    if there:
        return there
    people = speech.mentioned(said, discussion.readers_of(campaign))
    comment = Comment.objects.create(campaign=campaign, author=by, text=said, written_at=now, key=key)
    comment.mentions.set(people)
    history.write(
        by=by,
        now=now,
        verb="comment",
        subject=_subject(campaign),
        # Not what it says: that can be retracted, the history cannot.
        changes={"comment": (None, str(comment))},
    )
    _begin_to_watch({by, *people}, campaign, now)
    _tell(comment, people, now)
    return comment


def check_may_speak(by: User, campaign: Campaign) -> None:
    """Ask what `write` asks first.

    Raises:
        PermissionDenied: as `write`.
    """
    _check_may_read(by, campaign)
    if not may_speak(discussion.standing_of(by, campaign)):
        raise PermissionDenied(
            _("Only who has a part in a campaign comments on it. Who is told (I) and administrators read along.")
        )


@transaction.atomic
def retract(*, comment: Comment, by: User, now: datetime) -> Comment:
    """Hide the text from everybody, also in mails that are kept. Retracting once more changes nothing.

    Raises:
        PermissionDenied: `by` is not the author, or may no longer read the campaign.
    """
    lock_campaign(comment.campaign)
    _check_may_read(by, comment.campaign)
    if comment.author_id != by.pk:
        raise PermissionDenied(_("Only who wrote a comment retracts it."))
    _row, is_new = Retraction.objects.get_or_create(comment=comment, defaults={"retracted_at": now})
    found: Comment = Comment.objects.select_related("campaign__department", "author", "retraction").get(pk=comment.pk)
    if is_new:
        history.write(
            by=by,
            now=now,
            verb="retract_comment",
            subject=_subject(found.campaign),
            changes={"comment": (str(found), None)},
        )
        _take_out_of_mails(found)
    return found


def watch(*, campaign: Campaign, by: User, now: datetime) -> None:
    """Hear of comments and of each change of the status from now on.

    Raises:
        PermissionDenied: `by` may not read the campaign.
    """
    _set_watch(campaign, by, now, is_on=True)


def unwatch(*, campaign: Campaign, by: User, now: datetime) -> None:
    """Hear of nothing but mentions, until `by` watches again by their own hand.

    Raises:
        PermissionDenied: `by` may not read the campaign.
    """
    _set_watch(campaign, by, now, is_on=False)


@transaction.atomic
def react(batch: Sequence[Event], now: datetime) -> None:
    """Handle events of TOPICS: tell who watches what became of the campaign, but not who did it."""
    for event in batch:
        moved = event.payload
        campaign = Campaign.objects.select_related("department").get(pk=moved["campaign"])
        mover = User.objects.filter(pk=moved["by"]).first()
        outbox.queue(
            event=MailEvent.CAMPAIGN_CANCELLED if moved["step"] == "cancel" else MailEvent.CAMPAIGN_MOVED,
            recipients=_recipients(discussion.watchers_of(campaign), "watcher", campaign, without={moved["by"]}),
            news=news.of_move(campaign, step=moved["step"], status=moved["status"], by=mover, reason=moved["reason"]),
            key=f"campaign:{campaign.pk}:moved:{event.pk}",
            now=now,
            campaign=campaign,
        )


def _subject(campaign: Campaign) -> str:
    return f"campaign:{campaign.code}"


def _check_may_read(by: User, campaign: Campaign) -> None:
    if not Campaign.objects.visible(by).filter(pk=campaign.pk).exists():
        raise PermissionDenied(_("This campaign is not yours to read."))


def _begin_to_watch(people: Collection[User], campaign: Campaign, now: datetime) -> None:
    """Who has said yes or no by hand is left alone."""
    Watch.objects.bulk_create(
        [Watch(campaign=campaign, user=person, is_on=True, since=now) for person in people], ignore_conflicts=True
    )


@transaction.atomic
def _set_watch(campaign: Campaign, by: User, now: datetime, *, is_on: bool) -> None:
    lock_campaign(campaign)
    _check_may_read(by, campaign)
    if discussion.watches(by, campaign) == is_on:
        return
    Watch.objects.update_or_create(campaign=campaign, user=by, defaults={"is_on": is_on, "since": now})
    history.write(
        by=by,
        now=now,
        verb="watch" if is_on else "unwatch",
        # A matter of the person: the campaign is none other for it.
        subject=f"user:{by.get_username()}",
        changes={"campaign": (None, campaign.code) if is_on else (campaign.code, None)},
    )


def _tell(comment: Comment, people: Sequence[User], now: datetime) -> None:
    """Who is mentioned hears of that, whether they watch or not; all others who watch, of the comment."""
    said, campaign = news.of_comment(comment), comment.campaign
    mentions = _recipients(people, "mentioned", campaign, without={comment.author_id})
    told = {comment.author_id, *(person.pk for person in people)}
    watchers = _recipients(discussion.watchers_of(campaign), "watcher", campaign, without=told)
    for event, recipients in ((MailEvent.MENTION, mentions), (MailEvent.COMMENT, watchers)):
        # One key for both: a person hears of a comment once.
        outbox.queue(event=event, recipients=recipients, news=said, key=_mail_key(comment), now=now, campaign=campaign)


def _mail_key(comment: Comment) -> str:
    return f"comment:{comment.pk}"


def _recipients(
    people: Collection[User], part: str, campaign: Campaign, *, without: Collection[int]
) -> list[Recipient]:
    return [Recipient(person, part, campaign.code) for person in people if person.pk not in without]


def _take_out_of_mails(comment: Comment) -> None:
    mails = Mail.objects.filter(campaign=comment.campaign_id, key__startswith=f"{_mail_key(comment)}:")

    def as_told(mail: Mail) -> Recipient:
        part = "mentioned" if mail.event == MailEvent.MENTION else "watcher"
        return Recipient(mail.recipient, part, comment.campaign.code)

    speech.take_out(mails, news.of_comment(comment), as_told, why=_("The comment was retracted."))
