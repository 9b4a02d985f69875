"""What is said of a campaign: by whom, to whom, once, and hidden when it is retracted."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from approvals.actions import discussion
from approvals.models import Comment, Mail, Retraction, Watch
from approvals.models.comments import LONGEST_COMMENT
from approvals.queries.discussion import readers_of, standing_of, watchers_of, watches
from approvals.tests.builders import NOW, escalated_dispute, make_user
from approvals.tests.talking import READERS, SPEAKERS, STRANGERS, make_talk, say
from campaigns.actions import access
from campaigns.models import Campaign
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk():
    return make_talk()


def everything():
    """What must stay as it is when something is refused."""
    tables = (Comment, Retraction, Watch, Mail, HistoryEntry, Comment.mentions.through)
    return [list(table.objects.order_by("pk").values_list()) for table in tables]


def refusal(error):
    return " ".join(error.value.messages)


@pytest.mark.parametrize("part", SPEAKERS)
def test_who_has_a_part_comments(talk, part):
    comment = say(talk, part, "  One\r\nTwo  ")
    assert (comment.campaign, comment.author, comment.text) == (talk.campaign, talk.people[part], "One\nTwo")
    entry = HistoryEntry.objects.get(verb="comment")
    assert (entry.actor, entry.subject) == (talk.people[part].username, "campaign:MKT-1")
    assert entry.changes == {"comment": [None, f"#{comment.pk}"]}


@pytest.mark.parametrize("part", READERS + STRANGERS)
def test_who_is_told_or_has_no_part_does_not(talk, part):
    before = everything()
    with pytest.raises(PermissionDenied) as error:
        say(talk, part)
    assert "SECRETNAME" not in str(error.value)
    assert everything() == before


def test_a_mediator_of_a_case_of_it_comments_on_both_sides():
    dispute, mediator = escalated_dispute()
    for campaign in dispute.campaigns:
        discussion.write(campaign=campaign, text="Let us meet.", by=mediator, now=NOW)
    assert Comment.objects.filter(author=mediator).count() == 2


def test_an_r_beside_the_i_speaks(talk):
    standing = standing_of(talk.people["i_person"], talk.campaign)
    assert standing.letters == {"I"}
    access.join(department=talk.campaign.department, user=talk.people["i_person"], is_lead=False, by=None, now=NOW)
    assert say(talk, "i_person").pk


def test_who_left_in_the_meantime_no_longer_speaks(talk):
    say(talk, "member")
    access.leave(department=talk.campaign.department, user=talk.people["member"], by=None, now=NOW)
    with pytest.raises(PermissionDenied):
        say(talk, "member", "More.")


@pytest.mark.parametrize("text", ["", " \n ", "\u200b", "a\x00b", "x" * (LONGEST_COMMENT + 1)])
def test_text_that_nobody_can_read_is_refused(talk, text):
    before = everything()
    with pytest.raises(ValidationError) as error:
        say(talk, text=text)
    assert set(error.value.error_dict) == {"text"}
    assert everything() == before


def test_readers_are_those_to_whom_the_campaign_is_visible(talk):
    readers = set(readers_of(talk.campaign))
    seen = {one for one in talk.people.values() if Campaign.objects.visible(one).filter(pk=talk.campaign.pk).exists()}
    assert readers & set(talk.people.values()) == seen == {talk.people[part] for part in (*SPEAKERS, *READERS)}


def test_who_is_mentioned_is_told_whatever_the_case_of_the_letters(talk):
    comment = say(talk, text="@C_Person and @i_person, and once more @c_person: see ana@example.com")
    assert {person.username for person in comment.mentions.all()} == {"c_person", "i_person"}
    assert set(Mail.objects.filter(event="mention").values_list("recipient__username", flat=True)) == {
        "c_person",
        "i_person",
    }


@pytest.mark.parametrize("name", ["stranger", "nobody_of_this_name", "analyst", "gone"])
def test_who_may_not_read_is_refused_like_who_does_not_exist(talk, name):
    before = everything()
    with pytest.raises(ValidationError) as error:
        say(talk, text=f"@{name} and @member, look.")
    assert refusal(error) == (
        f"@{name} cannot be told: nobody of this user name may read this. Correct it, or leave out the @."
    )
    assert everything() == before


def test_who_is_no_longer_active_cannot_be_mentioned(talk):
    talk.people["member"].is_active = False
    talk.people["member"].save()
    with pytest.raises(ValidationError):
        say(talk, text="@member, are you there?")


def test_a_crowd_is_not_mentioned(talk):
    with pytest.raises(ValidationError) as error:
        say(talk, text=" ".join(f"@p{number}" for number in range(1300))[:LONGEST_COMMENT])
    assert "at most 20" in refusal(error)


def test_the_same_form_sent_twice_says_it_once(talk):
    first = say(talk, token="form")
    before = everything()
    assert say(talk, token="form") == first
    assert everything() == before
    # The text was changed in between: it is not lost.
    assert say(talk, text="Something else", token="form") != first
    assert say(talk, "member", token="form") != first
    assert say(talk) != first


def test_the_database_keeps_what_was_said(talk):
    comment = say(talk)
    for change in (
        lambda: Comment.objects.filter(pk=comment.pk).update(text="Other"),
        lambda: Comment.objects.filter(pk=comment.pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.create(campaign=talk.campaign, author=talk.people["lead"], text="", written_at=NOW, key="k")


def test_the_author_retracts_and_nobody_reads_it_any_more(talk):
    comment = say(talk, "member", "SECRETTEXT for @c_person")
    waiting = Mail.objects.filter(recipient=talk.people["lead"]).get()
    Mail.objects.exclude(pk=waiting.pk).update(state="sent", sent_at=NOW)
    found = discussion.retract(comment=comment, by=talk.people["member"], now=NOW)
    assert (found.shown, found.retracted_at, found.text) == ("", NOW, "SECRETTEXT for @c_person")
    entry = HistoryEntry.objects.get(verb="retract_comment")
    assert (entry.actor, entry.changes) == ("member", {"comment": [f"#{comment.pk}", None]})
    for mail in Mail.objects.all():
        assert "SECRETTEXT" not in mail.text + mail.html + mail.subject
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error) == ("failed", "The comment was retracted.")
    assert Mail.objects.get(event="mention").state == "sent"
    before = everything()
    assert discussion.retract(comment=comment, by=talk.people["member"], now=NOW).retracted_at == NOW
    assert everything() == before


@pytest.mark.parametrize("part", ["lead", "c_person", "administrator", "stranger", "i_person"])
def test_nobody_else_retracts(talk, part):
    comment = say(talk, "member")
    before = everything()
    with pytest.raises(PermissionDenied):
        discussion.retract(comment=comment, by=talk.people[part], now=NOW)
    assert everything() == before


def test_who_may_no_longer_read_retracts_nothing(talk):
    comment = say(talk, "member")
    access.leave(department=talk.campaign.department, user=talk.people["member"], by=None, now=NOW)
    with pytest.raises(PermissionDenied):
        discussion.retract(comment=comment, by=talk.people["member"], now=NOW)
    assert not Retraction.objects.exists()


def test_a_and_contact_watch_unless_they_stop(talk):
    lead, contact = talk.people["lead"], talk.people["contact"]
    assert set(watchers_of(talk.campaign)) == {lead, contact}
    discussion.unwatch(campaign=talk.campaign, by=lead, now=NOW)
    assert watchers_of(talk.campaign) == [contact]
    assert not watches(lead, talk.campaign)
    entry = HistoryEntry.objects.get(verb="unwatch")
    assert (entry.subject, entry.changes) == ("user:lead_mkt", {"campaign": ["MKT-1", None]})
    discussion.unwatch(campaign=talk.campaign, by=lead, now=NOW)
    assert HistoryEntry.objects.filter(verb="unwatch").count() == 1


def test_who_comments_or_is_mentioned_watches_unless_they_stopped_by_hand(talk):
    discussion.watch(campaign=talk.campaign, by=talk.people["i_person"], now=NOW)
    discussion.unwatch(campaign=talk.campaign, by=talk.people["i_person"], now=NOW)
    say(talk, "member", "@c_person, @i_person: what now?")
    assert {person.username for person in watchers_of(talk.campaign)} == {"lead_mkt", "contact", "member", "c_person"}
    # Being mentioned still reaches who does not watch.
    assert Mail.objects.filter(event="mention", recipient__username="i_person").exists()
    discussion.watch(campaign=talk.campaign, by=talk.people["i_person"], now=NOW)
    assert talk.people["i_person"] in watchers_of(talk.campaign)


@pytest.mark.parametrize("part", STRANGERS)
def test_who_may_not_read_does_not_watch(talk, part):
    before = everything()
    for change in (discussion.watch, discussion.unwatch):
        with pytest.raises(PermissionDenied):
            change(campaign=talk.campaign, by=talk.people[part], now=NOW)
    assert everything() == before


def test_who_lost_access_is_no_watcher(talk):
    discussion.watch(campaign=talk.campaign, by=talk.people["member"], now=NOW)
    access.leave(department=talk.campaign.department, user=talk.people["member"], by=None, now=NOW)
    assert talk.people["member"] not in watchers_of(talk.campaign)


def test_comments_are_seen_with_their_campaign(talk):
    say(talk)
    for part, person in talk.people.items():
        assert Comment.objects.visible(person).exists() is (part not in STRANGERS), part
    assert not Comment.objects.visible(make_user("elsewhere", is_staff=False)).exists()
