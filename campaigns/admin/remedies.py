"""What would clear a collision: a card of its page, and doing it with one click."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.actions import remedies
from campaigns.admin import collision_page
from campaigns.admin.visible import once
from campaigns.choices import CollisionState, Level
from campaigns.models import Collision
from campaigns.queries.explanation import reader_of
from campaigns.queries.suggested import Advice, advice_for, is_counted
from campaigns.rules.remedies.changes import WITHDRAW


def card(request: HttpRequest, row: Collision, *, today: date) -> dict[str, Any]:
    """Nothing for what is over, allowed or only noted, as nobody has to clear it."""
    if row.state != CollisionState.OPEN or row.level == Level.NOTE:
        return {}
    if not is_counted(row):
        return {"remedies": {"waits": True}}
    advice = advice_for(row, request.user, once(request, "reader", lambda: reader_of(request.user)), today=today)
    return {
        "remedies": {
            "lines": [{"advice": one, "withdraw_url": _withdraw_url(one)} for one in advice],
            "url": reverse("admin:campaigns_collision_remedy", args=[row.pk]),
        }
    }


def _withdraw_url(one: Advice) -> str:
    """What cannot be undone has a page of its own, which asks why."""
    if one.suggestion.remedy.lever != WITHDRAW:
        return ""
    return reverse("admin:campaigns_offer_withdraw", args=[one.suggestion.offer.pk])


def apply(request: HttpRequest, row: Collision) -> HttpResponse:
    try:
        done = remedies.apply_remedy(
            collision=row, key=request.POST.get("key", ""), by=request.user, now=timezone.now()
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        told = _("Done: %(sentence)s The collision is looked at again within a minute.")
        messages.success(request, told % {"sentence": done.sentence})
    return HttpResponseRedirect(collision_page.url(row))
