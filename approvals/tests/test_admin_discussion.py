"""The discussion on the page of a campaign, and on its own."""

import re

import pytest
from django.urls import reverse

from approvals.actions import discussion
from approvals.models import Comment, Retraction, Watch
from approvals.queries.discussion import watches
from approvals.tests.builders import NOW, make_campaign, make_department
from approvals.tests.talking import READERS, SPEAKERS, STRANGERS, make_talk, say
from approvals.tests.test_discussion import everything
from campaigns.actions import access
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk():
    return make_talk()


def page(talk):
    return reverse("admin:campaigns_campaign_change", args=[talk.campaign.pk])


def url(talk, name="thread"):
    return reverse(f"admin:approvals_comment_{name}", args=[talk.campaign.pk])


def token_in(html):
    return re.search(r'name="token" value="([0-9a-f]{32})"', html)[1]


def text_of(answer):
    return answer.content.decode()


@pytest.mark.parametrize("part", SPEAKERS)
def test_who_has_a_part_comments_on_the_page_of_the_campaign(talk, part):
    client = signed_in(talk.people[part])
    shown = text_of(client.get(page(talk)))
    assert 'maxlength="4000"' in shown
    body = {"text": "First <line>\nsecond", "token": token_in(shown)}
    answer = client.post(url(talk, "write"), body)
    comment = Comment.objects.get()
    assert answer["Location"] == f"{page(talk)}#comment-{comment.pk}"
    assert client.post(url(talk, "write"), body)["Location"] == answer["Location"]
    assert Comment.objects.count() == 1
    shown = text_of(client.get(page(talk)))
    assert f'id="comment-{comment.pk}"' in shown
    assert "First &lt;line&gt;\nsecond" in shown


@pytest.mark.parametrize("part", READERS)
def test_who_is_told_reads_along(talk, part):
    say(talk, text="SECRETTEXT")
    client = signed_in(talk.people[part])
    for address in (page(talk), url(talk)):
        shown = text_of(client.get(address))
        assert "SECRETTEXT" in shown
        assert "You read along" in shown
        assert 'name="text"' not in shown
    before = everything()
    assert client.post(url(talk, "write"), {"text": "But!"}).status_code == 403
    assert everything() == before


@pytest.mark.parametrize("part", STRANGERS)
def test_to_all_others_it_does_not_exist(talk, part):
    comment = say(talk, text="SECRETTEXT")
    client = signed_in(talk.people[part])
    before = everything()
    retract = reverse("admin:approvals_comment_retract", args=[comment.pk])
    asked = [client.get(url(talk)), *(client.post(url(talk, name), {"text": "x"}) for name in ("write", "watch"))]
    for answer in (*asked, client.post(retract)):
        assert answer.status_code == 404
        assert "SECRET" not in text_of(answer)
    assert everything() == before


def test_a_mention_of_nobody_loses_nothing_of_the_text(talk):
    client = signed_in(talk.people["lead"])
    sent = token_in(text_of(client.get(url(talk))))
    before = everything()
    shown = text_of(client.post(url(talk, "write"), {"text": "Look, @stranger & co.", "token": sent, "on": "thread"}))
    assert "@stranger cannot be told" in shown
    assert "Look, @stranger &amp; co.</textarea>" in shown
    assert token_in(shown) == sent
    assert everything() == before


@pytest.mark.parametrize("text", ["", "  ", "x" * 4001])
def test_unreadable_text_is_refused_on_the_page(talk, text):
    before = everything()
    answer = signed_in(talk.people["lead"]).post(url(talk, "write"), {"text": text})
    assert answer.status_code == 200
    assert answer.context["form"].errors["text"]
    assert everything() == before


def test_the_form_says_who_can_be_told(talk):
    for address in (page(talk), url(talk)):
        shown = text_of(signed_in(talk.people["c_person"]).get(address))
        assert "<li>@i_person " in shown
        for name in ("stranger", "gone", "analyst", "c_person"):
            assert f"@{name} " not in shown
        assert "<li>@" not in text_of(signed_in(talk.people["i_person"]).get(address))


def test_only_a_post_changes_anything(talk):
    comment = say(talk)
    client, before = signed_in(talk.people["lead"]), everything()
    retract = reverse("admin:approvals_comment_retract", args=[comment.pk])
    for address in (url(talk, "write"), url(talk, "watch"), retract):
        assert client.get(address).status_code == 405
    assert everything() == before


def test_the_author_retracts_and_the_place_stays(talk):
    comment = say(talk, "member", "SECRETTEXT, @c_person")
    retract = reverse("admin:approvals_comment_retract", args=[comment.pk])
    assert retract not in text_of(signed_in(talk.people["lead"]).get(page(talk)))
    assert signed_in(talk.people["lead"]).post(retract).status_code == 403
    assert not Retraction.objects.exists()
    client = signed_in(talk.people["member"])
    assert retract in text_of(client.get(page(talk)))
    answer = client.post(retract, {"on": "thread"})
    assert answer["Location"] == f"{url(talk)}?comment={comment.pk}#comment-{comment.pk}"
    for person in ("member", "lead", "administrator"):
        for address in (page(talk), url(talk)):
            shown = text_of(signed_in(talk.people[person]).get(address))
            assert "SECRETTEXT" not in shown
            assert "Retracted by Member" in shown
            assert "Told by name" not in shown


def test_watching_is_a_button_that_says_how_it_stands(talk):
    client = signed_in(talk.people["i_person"])
    assert "You do not watch this campaign" in text_of(client.get(page(talk)))
    assert client.post(url(talk, "watch"), {"do": "watch"})["Location"] == f"{page(talk)}#discussion"
    assert watches(talk.people["i_person"], talk.campaign)
    assert "You watch this campaign" in text_of(client.get(url(talk)))
    client.post(url(talk, "watch"), {"do": "stop", "on": "thread"})
    assert not watches(talk.people["i_person"], talk.campaign)
    assert Watch.objects.count() == 1


def test_long_threads_have_pages_and_a_link_finds_its_own(talk):
    comments = [say(talk, text=f"Number {number}.") for number in range(30)]
    client = signed_in(talk.people["lead"])
    shown = text_of(client.get(page(talk)))
    assert "Number 29." in shown
    assert "Number 24." not in shown
    assert "Read all of it: 30 comments" in shown
    assert "Page 1 of 2" in text_of(client.get(url(talk)))
    for number, at in ((0, 2), (4, 2), (5, 1), (29, 1)):
        answer = client.get(f"{url(talk)}?comment={comments[number].pk}")
        assert answer.context["comments"].number == at
        assert f'id="comment-{comments[number].pk}"' in text_of(answer)
    for strange in ("²", "x", "9" * 30, "987654", ""):
        assert client.get(f"{url(talk)}?comment={strange}").context["comments"].number == 1


def test_a_link_to_a_comment_elsewhere_finds_nothing(talk):
    say(talk)
    other = make_campaign(make_department("OTHER"))
    comment = discussion.write(campaign=other, text="x", by=other.accountable, now=NOW)
    assert signed_in(talk.people["lead"]).get(f"{url(talk)}?comment={comment.pk}").context["comments"].number == 1


def test_the_number_of_queries_does_not_grow_with_comments(talk):
    client = signed_in(talk.people["lead"])
    say(talk, "member", "@c_person")
    counts = [[queries_of(client, address) for address in (page(talk), url(talk))]]
    for number in range(29):
        comment = say(talk, SPEAKERS[number % 8], f"{number} @c_person @i_person")
        if number % 3 == 0:
            discussion.retract(comment=comment, by=comment.author, now=NOW)
    counts.append([queries_of(client, address) for address in (page(talk), url(talk))])
    assert counts[0] == counts[1]


def test_who_leaves_loses_the_thread_at_once(talk):
    client = signed_in(talk.people["member"])
    assert client.get(url(talk)).status_code == 200
    access.leave(department=talk.campaign.department, user=talk.people["member"], by=None, now=NOW)
    assert client.get(url(talk)).status_code == 404
