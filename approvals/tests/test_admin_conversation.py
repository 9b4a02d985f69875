"""The conversation on the page of a case, on its own page, its files, and the meeting."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from approvals import attachment_file
from approvals.actions import cases, dossier, meetings, recusals, statements
from approvals.models import Attachment, Mail, Meeting, Statement
from approvals.rules.attachments import LARGEST
from approvals.tests.builders import NOW
from approvals.tests.conversing import PDF, STRANGERS, make_conversation, newest, state
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

FACT = {"kind": "fact", "text": "Two <stores> sell it.", "source": "https://intranet.example/stock"}


@pytest.fixture
def talk():
    return make_conversation()


def url(talk, page="change", *more):
    return reverse(f"admin:approvals_case_{page}", args=[talk.case.pk, *more])


def text_of(answer):
    return answer.content.decode()


def file(name="Plan.pdf", content=PDF):
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


def meet(talk, **more):
    ahead = timezone.now() + timedelta(days=3)
    asked = {"starts_at": ahead, "minutes": 45, "place": "SECRETROOM", "agenda": "SECRETAGENDA"} | more
    return meetings.propose(case=talk.case, by=talk.people["lead"], now=timezone.now(), **asked)


@pytest.mark.parametrize("part", ["lead", "other_lead"])
def test_a_side_states_a_fact_with_a_file_on_the_page_of_the_case(talk, part):
    client = signed_in(talk.people[part])
    shown = text_of(client.get(url(talk)))
    assert 'enctype="multipart/form-data"' in shown
    token = re.search(r'name="token" value="([0-9a-f]{32})"', shown)[1]
    for _time in range(2):
        answer = client.post(url(talk, "say"), {**FACT, "token": token, "files": [file(), file("b.txt", b"x")]})
        assert answer["Location"].startswith(url(talk, "conversation"))
    assert (Statement.objects.count(), Attachment.objects.count()) == (1, 2)
    for page in ("change", "conversation"):
        shown = text_of(client.get(url(talk, page)))
        assert "Two &lt;stores&gt; sell it." in shown
        assert 'href="https://intranet.example/stock" rel="nofollow"' in shown
        assert "Plan.pdf" in shown


def test_who_reads_along_has_no_form(talk):
    state(talk, text="SECRETTEXT")
    client = signed_in(talk.people["administrator"])
    for page in ("change", "conversation"):
        shown = text_of(client.get(url(talk, page)))
        assert "SECRETTEXT" in shown
        assert "You read along" in shown
        assert 'name="files"' not in shown
    assert client.post(url(talk, "say"), FACT).status_code == 403
    assert client.get(url(talk, "meeting")).status_code == 403
    assert client.post(url(talk, "retract"), {"statement": newest().pk}).status_code == 403
    assert not newest().retracted_at


def test_to_all_others_nothing_of_it_exists(talk):
    """Also to who was the mediator once, and to who has a C or an I in one of the campaigns."""
    fact = state(talk, text="SECRETTEXT", files=[("SECRET.pdf", PDF)])
    meet(talk)
    former = talk.people["former"] = talk.people["mediator"]
    cases.escalate(case=talk.case, by=None, now=NOW, key="time")
    assert signed_in(former).get(url(talk, "invitation")).status_code == 200
    recusals.step_aside(case=talk.case, by=former, now=NOW, key="k")
    for part in STRANGERS:
        client = signed_in(talk.people[part])
        asked = [client.get(url(talk, page)) for page in ("change", "conversation", "meeting", "invitation")]
        asked += [client.get(url(talk, "file", fact.attachments.get().pk))]
        asked += [client.post(url(talk, page), FACT) for page in ("say", "retract", "meeting", "cancel_meeting")]
        for answer in asked:
            assert answer.status_code == 404
            assert "SECRET" not in text_of(answer)
    assert (Statement.objects.count(), Meeting.objects.get().state) == (1, "proposed")


def test_a_file_is_sent_to_be_kept_and_never_shown(talk):
    fact = state(talk, files=[("Año <1>.pdf", PDF)])
    client = signed_in(talk.people["other_lead"])
    answer = client.get(url(talk, "file", fact.attachments.get().pk))
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''A%C3%B1o%20_1_.pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    statements.retract(statement=fact, by=talk.people["lead"], now=NOW)
    assert client.get(url(talk, "file", fact.attachments.get().pk)).status_code == 404


def test_a_file_of_another_case_is_not_found_below_this_one(talk):
    other = state(talk, files=[("a.pdf", PDF)]).attachments.get()
    client = signed_in(talk.people["lead"])
    address = url(talk, "file", other.pk)
    assert client.get(address).status_code == 200
    assert client.get(address.replace(f"/{talk.case.pk}/files", "/987654/files")).status_code == 404


def test_what_is_refused_keeps_what_was_typed(talk):
    client = signed_in(talk.people["lead"])
    for sent, said in (
        ({"files": [file("run.exe", b"MZ")]}, "“run.exe” is of a kind that is not taken"),
        ({"files": [file("Plan.pdf", b"<html>")]}, "“Plan.pdf” does not hold what its name says"),
        ({"files": [file("a.txt", b"")]}, "“a.txt” is empty"),
        ({"files": [file("a.txt", b"x" * (LARGEST + 1))]}, "“a.txt” is too large: at most 5 MB a file."),
        ({"files": [file(f"{number}.txt", b"x") for number in range(7)]}, "At most 5 files at a time."),
        ({"source": ""}, "Say where the other side can check it"),
        ({"kind": ""}, "Choose what it is."),
        ({"text": "Two <stores> sell it. @third"}, "@third cannot be told"),
    ):
        answer = client.post(url(talk, "say"), FACT | sent, headers={"Accept-Language": "en"})
        shown = text_of(answer)
        assert answer.status_code == 200
        assert said in shown
        assert "Two &lt;stores&gt; sell it." in shown
        assert "Files have to be chosen again" in shown
    assert not Statement.objects.exists()


def test_what_was_typed_when_the_case_closed_is_still_there(talk):
    with transaction.atomic():
        cases.close(dossier.locked(talk.case.pk), "vanish", by=None, now=NOW)
    shown = text_of(signed_in(talk.people["lead"]).post(url(talk, "say"), FACT))
    assert "Two &lt;stores&gt; sell it." in shown
    assert "is closed: nothing more is said in it." in shown


def test_a_request_that_is_far_too_long_is_not_read(talk, monkeypatch):
    monkeypatch.setattr(attachment_file, "LONGEST_REQUEST", 1000)
    answer = signed_in(talk.people["lead"]).post(url(talk, "say"), FACT | {"files": [file("a.txt", b"x" * 2000)]})
    assert answer.status_code == 413
    assert "far too large" in text_of(answer)
    assert not Statement.objects.exists()


def test_a_form_of_another_site_says_nothing(talk):
    client = signed_in(talk.people["lead"])
    client.handler.enforce_csrf_checks = True
    assert client.post(url(talk, "say"), FACT).status_code == 403
    assert not Statement.objects.exists()


def test_more_than_fits_is_a_page_away(talk):
    for number in range(27):
        state(talk, "lead", "comment", f"Comment {number}.")
    client = signed_in(talk.people["lead"])
    shown = text_of(client.get(url(talk)))
    assert "Comment 26." in shown
    assert "Comment 22." not in shown
    assert "Read all of it: 27 statements" in shown
    first = Statement.objects.last()
    shown = text_of(client.get(f"{url(talk, 'conversation')}?statement={first.pk}"))
    assert "Comment 0." in shown
    assert "Comment 26." not in shown


def test_pages_take_as_many_queries_however_much_is_said(talk):
    client = signed_in(talk.people["lead"])
    for part, kind in (("lead", "fact"), ("lead", "claim"), ("other_lead", "fact"), ("other_lead", "claim")):
        state(talk, part, kind, "One @member", files=[("a.txt", b"x")])
    state(talk, "lead", "comment", "One @member", files=[("a.txt", b"x")])
    pages = (url(talk), url(talk, "conversation"))
    few = [queries_of(client, page) for page in pages]
    for part in ("lead", "member", "contact"):
        for kind in ("fact", "claim", "comment"):
            state(talk, part, kind, f"More of {part} @a", files=[("a.txt", b"x"), ("b.txt", b"y")])
    assert [queries_of(client, page) for page in pages] == few


def test_a_meeting_is_proposed_changed_and_cancelled_on_the_pages(talk):
    client = signed_in(talk.people["contact"])
    shown = text_of(client.get(url(talk, "meeting")))
    key = re.search(r'name="key" value="([0-9a-f]{32})"', shown)[1]
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    asked = {"key": key, "day": day, "time": "10:30", "minutes": "45", "place": "Room <3>", "agenda": ""}
    wrong = client.post(url(talk, "meeting"), asked | {"day": "2020-01-01", "agenda": "KEPT"})
    assert "This moment is over already." in text_of(wrong) or "KEPT" in text_of(wrong)
    assert not Meeting.objects.exists()
    for _time in range(2):
        assert client.post(url(talk, "meeting"), asked)["Location"].endswith("#conversation")
    meeting = Meeting.objects.get()
    local = timezone.localtime(meeting.starts_at)
    assert (local.date().isoformat(), f"{local:%H:%M}", meeting.place) == (day, "10:30", "Room <3>")
    assert "Room &lt;3&gt;" in text_of(client.get(url(talk)))
    shown = text_of(client.get(url(talk, "meeting")))
    assert 'value="10:30"' in shown
    client.post(url(talk, "meeting"), asked | {"sequence": "0", "place": "Room 4"})
    again = client.post(url(talk, "meeting"), asked | {"sequence": "0", "place": "Room 5"})
    assert "Somebody changed the meeting meanwhile" in text_of(again)
    meeting.refresh_from_db()
    assert (meeting.place, meeting.sequence) == ("Room 4", 1)
    answer = client.get(url(talk, "invitation"))
    assert answer["Content-Disposition"] == f'attachment; filename="{talk.case.label}.ics"'
    assert b"METHOD:PUBLISH\r\n" in answer.content
    client.post(url(talk, "cancel_meeting"))
    meeting.refresh_from_db()
    assert meeting.state == "cancelled"
    assert client.get(url(talk, "invitation")).status_code == 404
    assert Mail.objects.filter(event="meeting_cancelled").exists()


def test_what_happened_tells_of_the_meeting_and_not_of_every_word(talk):
    state(talk)
    meet(talk)
    shown = text_of(signed_in(talk.people["lead"]).get(url(talk)))
    assert "A meeting was proposed" in shown
    assert '<p class="c-timeline__what">state</p>' not in shown
