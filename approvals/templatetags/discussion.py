"""The discussion of a campaign, for the page of the campaign."""

from typing import Any

from django import template
from django.template import Context

from approvals.forms.reviews import CommentForm
from approvals.queries.discussion import comments_of, voice_of
from campaigns.models import Campaign

register = template.Library()

# More than these are a click away.
SHOWN = 5


@register.inclusion_tag("approvals/parts/discussion.html", takes_context=True)
def discussion(context: Context, campaign: Campaign) -> dict[str, Any]:
    """The newest comments, a form, and whether the reader watches."""
    user = context["request"].user
    found = comments_of(campaign)
    return {
        "campaign": campaign,
        "comments": found[:SHOWN],
        "total": found.count(),
        "form": CommentForm(),
        "voice": voice_of(user, campaign),
        "me": user,
        "csrf_token": context.get("csrf_token"),
    }
