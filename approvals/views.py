"""The addresses that need no sign-in: whoever has one reads a calendar, or ends a kind of mail, as its person would.

The feed is here and not beside the calendar: the language of a person is known to this app.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from approvals.actions import preferences
from approvals.choices import Delivery
from approvals.queries import one_click, readers
from approvals.queries.preferences import language_of
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


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button; pressed by a person or their mail program (RFC 8058), this kind of news comes by mail no more."""
    found = one_click.read(token)
    person, kind = found or (None, None)
    language = language_of(person) if person else translation.get_language()
    if person and kind and request.method == "POST":
        preferences.choose(chosen={kind: Delivery.NONE}, by=person, now=timezone.now())
    with translation.override(language):
        context = {"kind": kind, "is_done": kind is not None and request.method == "POST"}
        status = 200 if kind else 404
        return HttpResponse(
            render_to_string("approvals/unsubscribe.html", context),
            status=status,
            headers=_HEADERS | {"Content-Language": language, "Referrer-Policy": "no-referrer"},
        )


def _url(request: HttpRequest, card: Card) -> str:
    if not card.is_readable:
        return ""
    return request.build_absolute_uri(reverse("admin:campaigns_campaign_change", args=[card.campaign.pk]))
