"""The digest: once a day and person, with what they may still see, and at the end of an hour what was too much."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as sent_mail
from django.db import transaction

from approvals.actions import case_reactions, digests, discussion, mail_hold, outbox, preferences, profiles
from approvals.choices import MailEvent, MailState
from approvals.models import Case, Mail
from approvals.queries import news
from approvals.queries.recipients import Recipient
from approvals.tests.builders import NOW, escalated_dispute, make_campaign, make_user, open_dispute
from approvals.tests.talking import make_talk, say
from campaigns.actions import access
from campaigns.models import Campaign, Department

pytestmark = pytest.mark.django_db

# NOW is Monday, 10:00 in Madrid.
TUESDAY = datetime(2026, 11, 3, 7, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def talk():
    return make_talk()


@pytest.fixture
def contact(talk):
    """Watches the campaign; has a comment for the daily digest."""
    say(talk)
    return talk.people["contact"]


def states(person):
    return list(
        Mail.objects.exclude(event="digest").filter(recipient=person).order_by("id").values_list("state", flat=True)
    )


def sweep(now):
    number = digests.write_due(now=now)
    outbox.send_due(now=now)
    return number


def texts():
    return [letter.body for letter in sent_mail.outbox]


class TestDaily:
    def test_nobody_has_one_before_eight_and_everybody_one_after(self, talk, contact):
        mail = Mail.objects.get(recipient=contact)
        assert (mail.state, mail.not_before) == (MailState.DAILY, TUESDAY)
        assert sweep(TUESDAY - timedelta(seconds=1)) == 0
        assert not sent_mail.outbox
        assert sweep(TUESDAY) == 1
        (letter,) = sent_mail.outbox
        assert letter.subject == "[Concordia] Your digest of 3 Nov 2026"
        assert "For your information\n\n- Comment written: SECRETNAME (MKT-1)\n" in letter.body
        assert f"http://localhost:8000/admin/approvals/comment/of/{talk.campaign.pk}/" in letter.body
        assert states(contact) == [MailState.DIGESTED]
        assert "/unsubscribe/" in letter.extra_headers["List-Unsubscribe"]

    def test_two_sweeps_write_one(self, talk, contact):
        assert [sweep(TUESDAY), sweep(TUESDAY), sweep(TUESDAY + timedelta(hours=9))] == [1, 0, 0]
        # Late news of the same day: no second digest for whoever has had theirs.
        Mail.objects.filter(recipient=contact, event="comment").update(state=MailState.DAILY, digest=None)
        assert sweep(TUESDAY + timedelta(hours=10)) == 0
        late = Mail.objects.get(recipient=contact, event="comment")
        assert (late.state, late.not_before) == (MailState.DAILY, TUESDAY + DAY)
        assert len(sent_mail.outbox) == 1
        assert sweep(TUESDAY + DAY) == 1

    def test_a_worker_that_died_before_it_was_sent_loses_nothing(self, contact):
        with transaction.atomic():
            digests.write_due(now=TUESDAY)
            transaction.set_rollback(True)
        assert states(contact) == [MailState.DAILY]
        # It is written but not sent, and the next one comes in the middle of the night.
        digests.write_due(now=TUESDAY + timedelta(hours=2))
        assert sweep(TUESDAY + timedelta(hours=18)) == 0
        assert len(sent_mail.outbox) == 1

    def test_none_when_there_is_nothing_new_though_something_waits(self):
        dispute = open_dispute()
        outbox.send_due(now=NOW)
        sent_mail.outbox.clear()
        assert Case.objects.visible(dispute.leads[0]).exists()
        assert sweep(TUESDAY) == 0
        assert not sent_mail.outbox

    def test_three_blocks_in_the_language_of_the_reader(self):
        dispute = open_dispute()
        lead = dispute.leads[0]
        profiles.choose_language(language="es", by=lead, now=NOW)
        Mail.objects.all().delete()
        case = dispute.case
        with transaction.atomic():
            for event, part in ((MailEvent.CASE_VANISHED, "contact"), (MailEvent.COMMENT, "watcher")):
                told = news.of_case(case)
                if event == MailEvent.COMMENT:
                    told = news.CommentNews("http://localhost:8000/admin/", told.parties[0], "Ana", "Hi")
                preferences.choose(chosen={"case": "digest"}, by=lead, now=NOW)
                outbox.queue(
                    event=event, recipients=[Recipient(lead, part, "MKT-1")], news=told, key=f"x:{event}", now=NOW
                )
        assert sweep(TUESDAY) == 1
        (text,) = texts()
        blocks = [
            text.index(title) for title in ("Lo que le espera", "Lo que cambió para usted", "Para su información")
        ]
        assert blocks == sorted(blocks)
        assert f"- Acordar: {case.label}: Marketing in autumn ↔ Sales in autumn · antes del" in text
        assert sent_mail.outbox[0].extra_headers["Content-Language"] == "es"

    def test_twenty_lines_and_then_a_link(self, talk):
        for number in range(23):
            say(talk, text=f"{number}")
        assert sweep(TUESDAY) == 1
        (text,) = texts()
        assert text.count("\n- ") == 20
        assert "3 more in your inbox:\nhttp://localhost:8000/admin/approvals/mail/inbox/\n" in text

    def test_not_while_mail_is_held(self, contact):
        mail_hold.hold(by=None, now=NOW)
        assert sweep(TUESDAY) == 0
        assert mail_hold.release(by=None, now=TUESDAY, send_waiting=True) == 1
        assert sweep(TUESDAY) == 1

    def test_what_waited_is_set_aside_after_a_restore(self, contact):
        mail_hold.hold(by=None, now=NOW)
        mail_hold.release(by=None, now=TUESDAY, send_waiting=False)
        assert states(contact) == [MailState.FAILED]
        assert sweep(TUESDAY) == 0


class TestWhoMayNotSeeItAnyMore:
    """Row by row when it is written, and once more when it is sent."""

    @pytest.fixture
    def member(self, talk):
        member = talk.people["member"]
        discussion.watch(campaign=talk.campaign, by=member, now=NOW)
        say(talk, text="One")
        assert Mail.objects.inbox(member).count() == 1
        return member

    def _leave(self, talk, member):
        access.leave(department=Department.objects.get(code="MKT"), user=member, by=None, now=NOW)

    def test_who_lost_access_before_it_is_written(self, talk, member):
        self._leave(talk, member)
        sweep(TUESDAY)
        assert "member@example.com" not in [address for letter in sent_mail.outbox for address in letter.to]
        mail = Mail.objects.get(recipient=member)
        assert (mail.state, mail.error) == ("failed", "This person may no longer read what this is about.")
        assert not Mail.objects.inbox(member).exists()

    def test_who_lost_access_after_it_was_written(self, talk, member):
        digests.write_due(now=TUESDAY)
        digest = Mail.objects.get(event="digest", recipient=member)
        assert "SECRETNAME" not in digest.subject + digest.text + digest.html
        self._leave(talk, member)
        outbox.send_due(now=TUESDAY)
        digest.refresh_from_db()
        assert (digest.state, digest.error) == ("failed", "This person may no longer read any of it.")
        assert not any("member" in letter.to[0] for letter in sent_mail.outbox)

    def test_of_two_campaigns_the_one_that_is_left_is_told(self, talk, member):
        other = make_campaign(talk.campaign.department, "MKT-2", name="Still mine", contact_person=member)
        discussion.write(campaign=other, text="Two", by=talk.people["lead"], now=NOW)
        digests.write_due(now=TUESDAY)
        self._leave(talk, member)
        outbox.send_due(now=TUESDAY)
        (text,) = [letter.body for letter in sent_mail.outbox if "member" in letter.to[0]]
        assert "Still mine" in text
        assert "SECRETNAME" not in text

    def test_who_is_no_longer_active(self, talk, member):
        digests.write_due(now=TUESDAY)
        type(member).objects.filter(pk=member.pk).update(is_active=False)
        outbox.send_due(now=TUESDAY)
        assert not any("member" in letter.to[0] for letter in sent_mail.outbox)
        say(talk, text="Two")
        sweep(TUESDAY + DAY)
        assert not any("member" in letter.to[0] for letter in sent_mail.outbox)

    def test_a_mediator_who_was_replaced(self):
        _dispute, mediator = escalated_dispute()
        Mail.objects.filter(recipient=mediator).update(state=MailState.DAILY, not_before=TUESDAY)
        digests.write_due(now=TUESDAY)
        assert Mail.objects.inbox(mediator).exists()
        Case.objects.update(mediator=make_user("other"))
        outbox.send_due(now=TUESDAY)
        assert not any("marta" in letter.to[0] for letter in sent_mail.outbox)
        assert not Mail.objects.visible(mediator).exists()


def mention(talk, number, person, event=MailEvent.MENTION, part="mentioned"):
    told = news.CommentNews("http://localhost:8000/admin/", news.of_campaign(talk.campaign).party, "Ana", "Hi")
    with transaction.atomic():
        outbox.queue(
            event=event,
            recipients=[Recipient(person, part, "MKT-1")],
            news=told,
            key=f"mention:{number}",
            now=NOW,
            campaign=talk.campaign,
        )


class TestCap:
    """At most 20 mails per person and hour; what is more is in a digest at its end."""

    @pytest.fixture
    def flooded(self, talk):
        person = talk.people["contact"]
        for number in range(23):
            mention(talk, number, person)
        outbox.send_due(now=NOW + timedelta(minutes=5))
        return person

    def test_the_rest_waits_for_the_end_of_the_hour(self, flooded):
        assert len(sent_mail.outbox) == 20
        assert states(flooded) == [MailState.SENT] * 20 + [MailState.HOURLY] * 3
        assert sweep(NOW + timedelta(minutes=59)) == 0
        assert len(sent_mail.outbox) == 20
        assert sweep(NOW + timedelta(hours=1)) == 1
        assert sweep(NOW + timedelta(hours=1)) == 0
        assert len(sent_mail.outbox) == 21
        assert texts()[-1].count("Mentioned in a comment: ") == 3
        # It holds several kinds: none is ended by its one click.
        assert "List-Unsubscribe" not in sent_mail.outbox[-1].extra_headers
        assert states(flooded) == [MailState.SENT] * 20 + [MailState.DIGESTED] * 3

    def test_the_next_hour_begins_anew(self, talk, flooded):
        mention(talk, "next", flooded)
        outbox.send_due(now=NOW + timedelta(hours=1))
        assert len(sent_mail.outbox) == 21

    def test_others_have_theirs(self, talk, flooded):
        mention(talk, "other", talk.people["lead"])
        outbox.send_due(now=NOW + timedelta(minutes=6))
        assert len(sent_mail.outbox) == 21

    def test_what_is_mandatory_comes_at_once(self, talk, flooded):
        with transaction.atomic():
            outbox.queue(
                event=MailEvent.DEVICE_TAKEN_AWAY,
                recipients=[Recipient(flooded, "self")],
                news=news.of_account(by=None, at=NOW),
                key="security",
                now=NOW,
            )
        outbox.send_due(now=NOW + timedelta(minutes=6))
        assert sent_mail.outbox[-1].subject == "[Concordia] Your two-factor sign-in was taken away"

    def test_one_that_is_being_sent_counts(self, talk):
        person = talk.people["contact"]
        for number in range(21):
            mention(talk, number, person)
        lease = {"state": MailState.SENDING, "lease_until": NOW + timedelta(minutes=1)}
        busy = Mail.objects.order_by("id").values_list("pk", flat=True)[:5]
        Mail.objects.filter(pk__in=list(busy)).update(**lease)
        outbox.send_due(now=NOW)
        assert len(sent_mail.outbox) == 15


def test_a_comment_that_is_retracted_is_in_no_digest(talk):
    comment = say(talk)
    discussion.retract(comment=comment, by=comment.author, now=NOW)
    assert sweep(TUESDAY) == 0
    assert not sent_mail.outbox


def test_administrators_are_told_of_a_campaign_without_lead_only_as_long_as_they_are(talk):
    admin = talk.people["administrator"]
    Campaign.objects.filter(pk=talk.campaign.pk).update(accountable=None)
    event = type("Event", (), {"pk": 1, "payload": {"campaign": talk.campaign.pk}})
    with transaction.atomic():
        case_reactions._tell_unled(event, NOW)
    type(admin).objects.filter(pk=admin.pk).update(is_superuser=False)
    outbox.send_due(now=NOW)
    assert not sent_mail.outbox
