from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from approvals.choices import Delivery, MailEvent, NewsKind
from approvals.rules import notification as rules
from approvals.rules.notification import Block

MADRID = ZoneInfo("Europe/Madrid")
AT_ONCE, DIGEST, NONE = Delivery
NOTHING = dict.fromkeys((*NewsKind,), NONE)


@pytest.mark.parametrize("event", MailEvent)
@pytest.mark.parametrize("part", ["accountable", "watcher", ""])
def test_every_event_has_a_kind_and_a_way(event, part):
    assert rules.kind_of(event, part) in NewsKind
    assert rules.delivery(event, part, {}) in Delivery


@pytest.mark.parametrize(
    ("event", "part", "kind"),
    [
        (MailEvent.CASE_OPENED, "accountable", NewsKind.TASK),
        (MailEvent.CASE_REMINDER, "lead", NewsKind.TASK),
        (MailEvent.CASE_ASSIGNED, "mediator", NewsKind.TASK),
        (MailEvent.REVIEW_ASKED, "reviewer", NewsKind.TASK),
        (MailEvent.BRIEFING_STOPPED, "seller", NewsKind.TASK),
        (MailEvent.CASE_DECIDED, "contact", NewsKind.DECISION),
        (MailEvent.DEVICE_TAKEN_AWAY, "self", NewsKind.SECURITY),
        *(
            (event, part, NewsKind.TASK)
            for event in (MailEvent.MEETING_PROPOSED, MailEvent.MEETING_MOVED, MailEvent.MEETING_CANCELLED)
            for part in ("accountable", "lead", "contact", "mediator", "organizer", "left")
        ),
        # Rows of before anybody's part was kept.
        (MailEvent.REVIEW_ASKED, "", NewsKind.TASK),
    ],
)
def test_tasks_decisions_and_security_come_at_once_whatever_is_chosen(event, part, kind):
    assert rules.kind_of(event, part) == kind
    assert rules.delivery(event, part, NOTHING) == AT_ONCE
    assert not rules.may_be_switched_off(event, part)
    assert not rules.is_too_much(event, part, 1000)


@pytest.mark.parametrize(
    ("event", "part", "way"),
    [
        (MailEvent.CASE_OPENED, "contact", AT_ONCE),
        (MailEvent.CASE_REMINDER, "contact", DIGEST),
        (MailEvent.REVIEW_OVERDUE, "accountable", AT_ONCE),
        (MailEvent.MENTION, "mentioned", AT_ONCE),
        (MailEvent.STATEMENT_MADE, "contact", AT_ONCE),
        (MailEvent.COMMENT, "watcher", DIGEST),
        (MailEvent.CAMPAIGN_MOVED, "watcher", DIGEST),
        (MailEvent.CAMPAIGN_CANCELLED, "watcher", AT_ONCE),
        (MailEvent.BRIEFING, "seller", AT_ONCE),
        (MailEvent.BRIEFING, "subscriber", DIGEST),
        (MailEvent.BRIEFING_STOPPED, "subscriber", AT_ONCE),
    ],
)
def test_everything_else_comes_as_recommended_until_somebody_chooses(event, part, way):
    kind = rules.kind_of(event, part)
    assert rules.delivery(event, part, {}) == way
    for chosen in Delivery:
        assert rules.delivery(event, part, {kind: chosen}) == chosen
    assert (
        rules.delivery(event, part, {other: NONE for other in rules.CHOOSABLE if other not in (kind, "digest")}) == way
    )


def test_without_a_digest_its_news_stays_in_the_inbox():
    without = {NewsKind.DIGEST: NONE}
    assert rules.delivery(MailEvent.COMMENT, "watcher", without) == NONE
    assert rules.delivery(MailEvent.COMMENT, "watcher", without | {NewsKind.COMMENT: AT_ONCE}) == AT_ONCE
    assert rules.delivery(MailEvent.MENTION, "mentioned", without) == AT_ONCE


def test_what_may_be_chosen():
    assert rules.choices_of(NewsKind.TASK) == ()
    assert rules.choices_of(NewsKind.DIGEST) == (NONE,)
    assert rules.choices_of(NewsKind.COMMENT) == (AT_ONCE, DIGEST, NONE)


def test_blocks():
    assert rules.block_of(MailEvent.CASE_OPENED, "lead") == Block.WAITS
    assert rules.block_of(MailEvent.CASE_OPENED, "contact") == Block.CHANGED
    assert rules.block_of(MailEvent.COMMENT, "watcher") == Block.TOLD


def test_the_twentieth_mail_of_an_hour_is_the_last_that_may_wait():
    assert not rules.is_too_much(MailEvent.MENTION, "mentioned", 19)
    assert rules.is_too_much(MailEvent.MENTION, "mentioned", 20)
    assert not rules.is_too_much(MailEvent.DIGEST, "self", 20)


def test_hours():
    now = datetime(2026, 11, 2, 9, 59, 59, 5, tzinfo=UTC)
    assert rules.hour_of(now) == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert rules.end_of_hour(now) == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert rules.end_of_hour(datetime(2026, 11, 2, 10, tzinfo=UTC)) == datetime(2026, 11, 2, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "day", "due"),
    [
        # Winter: 08:00 in Madrid is 07:00 UTC. The minute before belongs to the day before.
        (datetime(2026, 11, 2, 6, 59, tzinfo=UTC), date(2026, 11, 1), datetime(2026, 11, 2, 7, tzinfo=UTC)),
        (datetime(2026, 11, 2, 7, 0, tzinfo=UTC), date(2026, 11, 2), datetime(2026, 11, 3, 7, tzinfo=UTC)),
        # A new day begins there an hour before it does in UTC.
        (datetime(2026, 11, 2, 23, 30, tzinfo=UTC), date(2026, 11, 2), datetime(2026, 11, 3, 7, tzinfo=UTC)),
        # The clocks change in between: 25 and 23 hours.
        (datetime(2026, 10, 24, 6, 0, tzinfo=UTC), date(2026, 10, 24), datetime(2026, 10, 25, 7, tzinfo=UTC)),
        (datetime(2027, 3, 27, 7, 0, tzinfo=UTC), date(2027, 3, 27), datetime(2027, 3, 28, 6, tzinfo=UTC)),
    ],
)
def test_digests_are_due_at_eight_local_time(now, day, due):
    assert rules.digest_day(now, MADRID) == day
    assert rules.next_digest(now, MADRID) == due


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([0, 0, 0], [0, 0, 0]),
        ([3, 2, 1], [3, 2, 1]),
        ([100, 100, 100], [7, 7, 6]),
        ([100, 2, 0], [18, 2, 0]),
        ([0, 0, 21], [0, 0, 20]),
    ],
)
def test_a_long_block_leaves_room_for_the_others(counts, shown):
    assert rules.lines_shown(counts) == shown
