"""What a calendar feed holds: the cards that its person sees and asked for, at the moment it is read."""

from datetime import date, timedelta

from campaigns.models import CalendarFeed
from campaigns.permissions import departments_of
from campaigns.queries import plan
from campaigns.queries.calendar import cards_between

# What is longer ago than a quarter nobody looks up in a calendar program; plans last two years at most.
PAST, AHEAD = timedelta(weeks=13), timedelta(weeks=104)


def cards_in(feed: CalendarFeed, *, today: date) -> list[plan.Card]:
    """Cards by days; as many queries however many there are."""
    rows = cards_between(today - PAST, today + AHEAD, feed.chosen, feed.user)
    return plan.cards_of(rows, user=feed.user, departments=departments_of(feed.user))
