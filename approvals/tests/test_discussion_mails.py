"""Who hears of a comment and of a campaign's steps: once, in their language, and only as long as they may read it."""

import pytest
from django.core import mail as sent_mail
from django.db import transaction

from approvals.actions import discussion, outbox, profiles
from approvals.models import Comment, Mail
from approvals.tasks import task_react, task_send_mail
from approvals.tests.builders import NOW
from approvals.tests.talking import make_talk, say
from campaigns.actions import access, lifecycle
from campaigns.tests import factories as make
from customers.actions import events
from customers.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk():
    return make_talk()


def told(event=""):
    rows = Mail.objects.filter(event=event) if event else Mail.objects.all()
    return sorted(rows.values_list("event", "recipient__username"))


def settle(now=NOW):
    while events.drain(discussion.TOPICS, discussion.react, now=now):
        pass


def test_watchers_and_the_mentioned_are_told_once_and_never_the_author(talk):
    say(talk, "lead", "@contact @lead_mkt @c_person: <b>SECRET & text</b>\nin two lines")
    assert told() == [("mention", "c_person"), ("mention", "contact")]
    say(talk, "c_person", "I think so.")
    assert told("comment") == [("comment", "contact"), ("comment", "lead_mkt")]
    assert Mail.objects.filter(key__startswith=f"comment:{Comment.objects.first().pk}:").count() == 2


def test_a_mention_says_so_and_leads_to_the_comment(talk):
    comment = say(talk, "lead", "@c_person: <b>SECRET & text</b>\nin two lines")
    mention = Mail.objects.get(event="mention")
    assert mention.subject == "[Concordia] You are mentioned: SECRETNAME (MKT-1)"
    link = f"/admin/approvals/comment/of/{talk.campaign.pk}/?comment={comment.pk}#comment-{comment.pk}"
    assert link in mention.text
    assert "<b>SECRET & text</b>\nin two lines" in mention.text
    assert "&lt;b&gt;SECRET &amp; text&lt;/b&gt;<br>in two lines" in mention.html
    assert "you are mentioned" in mention.text
    watcher = Mail.objects.get(event="comment", recipient__username="contact")
    assert watcher.subject == "[Concordia] SECRETNAME (MKT-1)"
    assert "because you watch MKT-1" in watcher.text


def test_mails_are_in_the_readers_language(talk):
    profiles.choose_language(language="es", by=talk.people["c_person"], now=NOW)
    profiles.choose_language(language="en", by=talk.people["contact"], now=NOW)
    say(talk, "lead", "@c_person?")
    assert Mail.objects.get(event="mention").subject == "[Concordia] Le mencionan: SECRETNAME (MKT-1)"
    assert "commented on" in Mail.objects.get(event="comment").text


def test_mails_of_a_campaign_are_one_thread(talk):
    say(talk, "lead", "@c_person @contact?")
    outbox.send_due(now=NOW)
    threads = {(one.extra_headers["In-Reply-To"], one.extra_headers["References"]) for one in sent_mail.outbox}
    assert len(sent_mail.outbox) == 2
    assert len(threads) == 1
    assert all(one.extra_headers["List-Id"].startswith(f"<campaign-{talk.campaign.pk}.") for one in sent_mail.outbox)


def test_who_left_before_it_is_sent_gets_nothing_and_finds_nothing(talk):
    say(talk, "lead", "@member @c_person: SECRET")
    mail = Mail.objects.get(recipient=talk.people["member"])
    assert Mail.objects.visible(talk.people["member"]).get() == mail
    access.leave(department=talk.campaign.department, user=talk.people["member"], by=None, now=NOW)
    outbox.send_due(now=NOW)
    mail.refresh_from_db()
    assert (mail.state, mail.error) == ("failed", "This person may no longer read the campaign.")
    assert [address for one in sent_mail.outbox for address in _addresses(one)] == ["c_person@example.com"]
    # Neither its text nor the name of the campaign is on the page of their mails.
    assert not Mail.objects.visible(talk.people["member"]).exists()
    say(talk, "lead", "Still there?")
    assert not Mail.objects.filter(recipient=talk.people["member"]).exclude(pk=mail.pk).exists()


def _addresses(message):
    return [address.partition("<")[2].rstrip(">") or address for address in message.to]


def test_a_mail_waits_for_a_worker_that_was_away(talk, django_capture_on_commit_callbacks):
    """The row is written with the comment: nothing rings, and the sweep sends it."""
    with django_capture_on_commit_callbacks(execute=False):
        say(talk, "lead", "@contact?")
    assert told() == [("mention", "contact")]
    task_send_mail()
    assert len(sent_mail.outbox) == 1
    task_send_mail()
    assert len(sent_mail.outbox) == 1


def test_a_comment_that_is_rolled_back_tells_nobody(talk):
    with transaction.atomic():
        say(talk, "lead", "@c_person?")
        transaction.set_rollback(True)
    assert not Mail.objects.exists()
    assert not Comment.objects.exists()


def move(talk):
    """The campaign goes live and on, by its A."""
    campaign, lead = talk.campaign, talk.people["lead"]
    lifecycle.submit(campaign=campaign, by=lead, now=NOW)
    lifecycle.approve(campaign=campaign, by=lead, now=NOW, agreed=make.agreed)


def steps():
    return sorted(
        Mail.objects.filter(event="campaign_moved").values_list("subject", "recipient__username").order_by("id")
    )


@pytest.fixture
def plan():
    """A campaign that can be submitted, watched by its A, its contact person and one member who may leave."""
    talk = make_talk()
    campaign = talk.campaign
    for activity in campaign.activities.all():
        activity.roles.get_or_create(letter="R", department=campaign.department)
    discussion.watch(campaign=campaign, by=talk.people["member"], now=NOW)
    return talk


def test_watchers_hear_of_each_step_but_not_of_their_own(plan):
    move(plan)
    assert not steps()
    settle()
    assert steps() == [
        ("[Concordia] SECRETNAME (MKT-1): approved", "contact"),
        ("[Concordia] SECRETNAME (MKT-1): approved", "member"),
        ("[Concordia] SECRETNAME (MKT-1): submitted", "contact"),
        ("[Concordia] SECRETNAME (MKT-1): submitted", "member"),
    ]
    Event.objects.filter(topic="campaign.moved").update(handled_at=None)
    settle()
    assert len(steps()) == 4
    lifecycle.cancel(campaign=plan.campaign, by=plan.people["lead"], now=NOW, reason="No stock.")
    task_react()
    cancelled = Mail.objects.get(subject__endswith=": cancelled", recipient__username="contact")
    assert "No stock." in cancelled.text
    assert "Lead_Mkt moved “SECRETNAME” (MKT-1) on" in cancelled.text


def test_what_the_calendar_does_is_told_to_all_who_watch(plan):
    move(plan)
    settle()
    lifecycle.keep_dates(now=NOW.replace(month=12, day=30), agreed=make.agreed)
    settle()
    ended = Mail.objects.filter(subject__endswith=": ended")
    assert set(ended.values_list("recipient__username", flat=True)) == {"contact", "member", "lead_mkt"}
    assert "moved on by itself" in ended.first().text


def test_who_left_hears_of_no_step(plan):
    move(plan)
    access.leave(department=plan.campaign.department, user=plan.people["member"], by=None, now=NOW)
    settle()
    assert {name for _subject, name in steps()} == {"contact"}


def test_an_import_tells_nobody_of_each_plan(plan):
    lifecycle.submit_by_import([plan.campaign.pk], now=NOW)
    lifecycle.approve_by_import([plan.campaign.pk], now=NOW)
    assert not Event.objects.filter(topic="campaign.moved").exists()
