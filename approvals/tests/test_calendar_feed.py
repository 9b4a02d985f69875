"""The address that calendar programs read: what it shows, to whom, and what it keeps to itself."""

import logging
from datetime import date, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from approvals.actions import profiles
from campaigns.actions import access
from campaigns.actions.feeds import create_feed, revoke_feed
from campaigns.models import Campaign
from campaigns.rules.calendar import Filters
from campaigns.tests import factories as make
from customers.rest.access import FeedThrottle
from customers.tests.pages import signed_in

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
SECRET_NAME = "Top secret"


@pytest.fixture
def crm():
    return make.make_department("CRM")


def feed_of(user, **chosen):
    feed, secret = create_feed(name="Mine", filters=Filters(**chosen), by=user, now=timezone.now())
    return feed, f"/calendar/{secret}.ics"


def planned(department=None, code="", days_ahead=3, days=5, **brief):
    return make.make_campaign(department, code, starts_on=TODAY + timedelta(days=days_ahead), days=days, **brief)


def read(address):
    answer = Client().get(address)
    assert answer.status_code == 200, answer.content
    return Calendar.from_ical(answer.content)


def summaries(address):
    return [str(event["summary"]) for event in read(address).walk("VEVENT")]


def test_it_shows_what_its_person_sees_and_no_name_of_others_drafts(crm):
    _feed, address = feed_of(make.lead_of(crm))
    planned(crm, name="Mine")
    other = planned(make.make_department("MKT"), "TOPCODE", days_ahead=4, name=SECRET_NAME)
    text = Client().get(address).content.decode()
    assert SECRET_NAME not in text
    assert "TOPCODE" not in text
    assert summaries(address) == ["Mine · Crm", "A draft · Mkt"]
    make.make_offer(other)
    make.submit(other)
    assert summaries(address) == ["Mine · Crm", f"{SECRET_NAME} · Mkt"]


def test_events_are_whole_days_whose_end_is_exclusive(crm):
    _feed, address = feed_of(make.lead_of(crm))
    campaign = planned(crm, days=1)
    (event,) = read(address).walk("VEVENT")
    assert event["dtstart"].to_ical() == campaign.starts_on.strftime("%Y%m%d").encode()
    assert event["dtstart"].params["VALUE"] == "DATE"
    assert event["dtend"].dt == campaign.ends_on + timedelta(days=1)
    assert type(event["dtend"].dt) is date
    assert str(event["uid"]) == f"campaign-{campaign.pk}@concordia"
    assert str(event["url"]).endswith(f"/admin/campaigns/campaign/{campaign.pk}/change/")
    assert (event["status"], event["transp"]) == ("TENTATIVE", "TRANSPARENT")
    assert abs(event["dtstamp"].dt - timezone.now()) < timedelta(minutes=1)


def test_an_event_keeps_its_uid_when_its_campaign_changes(crm):
    _feed, address = feed_of(make.lead_of(crm))
    campaign = planned(crm)
    before = [str(event["uid"]) for event in read(address).walk("VEVENT")]
    Campaign.objects.filter(pk=campaign.pk).update(name="Other", code="OTHER", starts_on=TODAY)
    assert [str(event["uid"]) for event in read(address).walk("VEVENT")] == before


def test_who_may_not_open_a_campaign_gets_no_link_to_it(crm):
    _feed, address = feed_of(make.lead_of(crm))
    planned()
    (event,) = read(address).walk("VEVENT")
    assert "url" not in event


def test_text_is_escaped_and_lines_are_folded(crm):
    name = "Señor; two, \\ three BEGIN:VEVENT " + "ñandú " * 25
    _feed, address = feed_of(make.lead_of(crm))
    planned(crm, name=name.strip())
    raw = Client().get(address).content
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    assert b"\n" not in raw.replace(b"\r\n", b"")
    unfolded = raw.replace(b"\r\n ", b"").decode()
    assert "SUMMARY:Señor\\; two\\, \\\\ three BEGIN:VEVENT" in unfolded
    assert unfolded.count("\r\nBEGIN:VEVENT") == 1
    assert summaries(address) == [f"{name.strip()} · Crm"]


def test_it_shows_what_was_chosen_and_nothing_of_long_ago(crm):
    _feed, address = feed_of(make.lead_of(crm), departments=("CRM",))
    planned(crm, name="Mine")
    planned(name="Theirs")
    planned(crm, name="Old", days_ahead=-120, days=5)
    planned(crm, name="Just over", days_ahead=-60, days=5)
    assert summaries(address) == ["Just over · Crm", "Mine · Crm"]


def test_what_its_person_may_see_less_of_it_shows_less_of_at_once(crm):
    lead = make.lead_of(crm)
    member = make.make_user("member")
    access.join(department=crm, user=member, is_lead=False, by=None, now=make.NOW)
    _feed, address = feed_of(member)
    planned(crm, name=SECRET_NAME)
    assert summaries(address) == [f"{SECRET_NAME} · Crm"]
    access.leave(department=crm, user=member, by=lead, now=make.NOW)
    assert summaries(address) == ["A draft · Crm"]


@pytest.mark.parametrize("gone", ["revoked", "deactivated", "no colleague", "analyst alone"])
def test_it_is_gone_at_once_like_one_that_never_was(crm, gone):
    member = make.make_analyst("ana") if gone == "analyst alone" else make.make_user("ana")
    access.join(department=crm, user=member, is_lead=False, by=None, now=make.NOW)
    feed, address = feed_of(member)
    assert Client().get(address).status_code == 200
    match gone:
        case "revoked":
            revoke_feed(feed=feed, by=member, now=timezone.now())
        case "deactivated":
            type(member).objects.filter(pk=member.pk).update(is_active=False)
        case "no colleague":
            type(member).objects.filter(pk=member.pk).update(is_staff=False)
        case "analyst alone":
            access.leave(department=crm, user=member, by=make.lead_of(crm), now=make.NOW)
    answer, never = Client().get(address), Client().get("/calendar/never.ics")
    assert (answer.status_code, answer.content) == (never.status_code, never.content) == (404, b"")
    assert dict(answer.headers) | {"X-Request-ID": ""} == dict(never.headers) | {"X-Request-ID": ""}


def test_headers_keep_it_out_of_caches_and_search_engines(crm):
    _feed, address = feed_of(make.lead_of(crm))
    for answer in (Client().get(address), Client().get("/calendar/never.ics")):
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["X-Robots-Tag"] == "noindex"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers
        assert not answer.cookies
    assert Client().get(address)["Content-Type"] == "text/calendar; charset=utf-8"
    assert not Session.objects.exists()


def test_it_is_read_and_nothing_else(crm):
    _feed, address = feed_of(make.lead_of(crm))
    strict = Client(enforce_csrf_checks=True)
    for method in ("post", "put", "patch", "delete", "options"):
        answer = getattr(strict, method)(address)
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    head = strict.head(address)
    assert (head.status_code, head.content) == (200, b"")


def test_it_speaks_the_language_of_its_person_whoever_asks(crm):
    lead = make.lead_of(crm)
    _feed, address = feed_of(lead)
    planned()
    for language, other, said in (("es", "en", "Un borrador"), ("en", "es", "A draft")):
        profiles.choose_language(language=language, by=lead, now=timezone.now())
        answer = Client().get(address, headers={"accept-language": other})
        assert answer["Content-Language"] == language
        (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
        assert str(event["summary"]).startswith(said)


def test_a_session_that_comes_along_changes_nothing(crm, settings):
    settings.REQUIRE_TWO_FACTOR = True
    _feed, address = feed_of(make.lead_of(crm))
    planned(crm, name=SECRET_NAME)
    # An administrator without the second factor is led away from everywhere else.
    other = signed_in(make.make_user("root", is_superuser=True))
    assert other.get("/admin/").status_code == 302
    answer = other.get(address)
    assert answer.status_code == 200
    assert SECRET_NAME in answer.content.decode()


def test_who_asks_too_often_waits(crm, monkeypatch):
    monkeypatch.setattr(FeedThrottle, "THROTTLE_RATES", {"feed": "2/min"})
    lead = make.lead_of(crm)
    _feed, address = feed_of(lead)
    assert [Client().get("/calendar/guess.ics").status_code for _ in range(3)] == [404, 404, 429]
    answer = Client().get(address)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    assert answer["Cache-Control"] == "private, no-store"
    assert Client().get(address, REMOTE_ADDR="10.0.0.9").status_code == 200


def test_its_address_is_in_no_line_of_the_log(crm, caplog):
    caplog.set_level(logging.DEBUG)
    feed, address = feed_of(make.lead_of(crm))
    secret = address.removeprefix("/calendar/").removesuffix(".ics")
    Client().get(address)
    Client().post(address)
    revoke_feed(feed=feed, by=feed.user, now=timezone.now())
    Client().get(address)
    told = [record.msg for record in caplog.records if record.name == "config.logs.requests"]
    assert [event["event"] for event in told] == [
        f"{method} /calendar/<str:secret>.ics {status}"
        for method, status in (("GET", 200), ("POST", 405), ("GET", 404))
    ]
    # Django's own line is silenced where lines are written; see config.logs.SILENT.
    assert secret not in "".join(str(r.msg) for r in caplog.records if not r.name.startswith("django.request"))


def test_it_asks_as_many_questions_for_one_campaign_as_for_thirty(crm):
    _feed, address = feed_of(make.lead_of(crm))
    planned(crm)

    def asked():
        with CaptureQueriesContext(connection) as captured:
            assert Client().get(address).status_code == 200
        return len(captured)

    asked()
    with_one = asked()
    for number in range(29):
        make.make_offer(planned(crm if number % 3 else None))
    assert asked() == with_one
    assert len(summaries(address)) == 30
