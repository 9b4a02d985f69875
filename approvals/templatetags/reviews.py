"""How far the approval of a plan is, on pages of campaigns: these may not know whose agreement a plan needs."""

from dataclasses import dataclass

from django import template
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import review_lines, wording
from approvals.actions.reviews import problems_of
from approvals.queries.reviews import reviewed_one, sections_waiting, stands_in_for
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign
from campaigns.permissions import answers_for
from campaigns.rules.lifecycle import REVIEWED

register = template.Library()

register.filter("vote", wording.vote)


@dataclass(frozen=True)
class Box:
    """`turn` is whose turn it is, empty where the page knows better; `url` and `button` lead to what the reader can do."""

    turn: str
    url: str
    button: str
    is_mine: bool
    lines: list[review_lines.RequirementLine]
    problems: list[str]
    votes: list[review_lines.VoteLine]
    versions_url: str
    is_draft: bool = False


@register.simple_tag
def review_of(campaign: Campaign, user: User) -> Box | None:
    """What a campaign's page shows of its approval; None once it is over."""
    if campaign.status == CampaignStatus.DRAFT:
        return _of_draft(campaign, user)
    if campaign.status not in REVIEWED:
        return None
    one = reviewed_one(campaign, as_kept=True)
    is_mine = bool(sections_waiting(one, [user.pk, *stands_in_for(user, timezone.now())])) and not one.is_agreed
    turn = ""
    if campaign.status == CampaignStatus.SUBMITTED:
        missing = review_lines.missing_in_words(one)
        turn = _("Your turn: look at it and approve it.") if is_mine else _("Waits for %(who)s.") % {"who": missing}
    return Box(
        turn=turn,
        url=review_lines.url(campaign),
        button=_("Review") if is_mine else _("See the review"),
        is_mine=is_mine,
        lines=review_lines.requirement_lines(one),
        problems=[] if one.is_agreed else problems_of(one, now=timezone.now()),
        votes=review_lines.vote_lines(one),
        versions_url=review_lines.url(campaign, "versions"),
    )


def _of_draft(campaign: Campaign, user: User) -> Box:
    one, is_a = reviewed_one(campaign), answers_for(user, campaign)
    return Box(
        turn="",
        url=review_lines.url(campaign, "submit") if is_a else "",
        button=_("Submit") if is_a else "",
        is_mine=is_a,
        lines=review_lines.requirement_lines(one),
        problems=problems_of(one, now=timezone.now()),
        votes=[],
        versions_url="",
        is_draft=True,
    )
