"""The one address that needs no sign-in: whoever has it reads a calendar as its person would.

Here and not beside the calendar: the language of a person is known to this app.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from approvals.queries import readers
from campaigns.actions.feeds import use_feed
from campaigns.calendar_file import MEDIA_TYPE, calendar_of
from campaigns.queries.feeds import cards_in
from campaigns.queries.plan import Card
from customers.clock import local_day
from customers.rest.access import FeedThrottle

# Neither a cache on the way nor a search engine keeps what only this person may see, nor that there was nothing.
_HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


@csrf_exempt
@require_safe
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    throttle = FeedThrottle()
    if not throttle.allow_request(request, None):
        wait = {"Retry-After": str(round(throttle.wait() or 60))}
        return HttpResponse(status=429, headers=_HEADERS | wait, content_type="text/plain")
    now = timezone.now()
    feed = use_feed(secret, now=now)
    if feed is None:
        return HttpResponseNotFound(headers=_HEADERS, content_type="text/plain")
    language = readers.find(feed.user).language or settings.LANGUAGE_CODE
    with translation.override(language):
        cards = cards_in(feed, today=local_day(now))
        text = calendar_of(cards, name=feed.name, url_of=lambda card: _url(request, card), now=now)
    headers = _HEADERS | {"Content-Language": language, "Content-Disposition": 'inline; filename="concordia.ics"'}
    return HttpResponse(text, content_type=MEDIA_TYPE, headers=headers)


def _url(request: HttpRequest, card: Card) -> str:
    if not card.is_readable:
        return ""
    return request.build_absolute_uri(reverse("admin:campaigns_campaign_change", args=[card.campaign.pk]))
