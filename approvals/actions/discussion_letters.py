"""The words of mails about what is said of a campaign and what becomes of it, in the language that is active now."""

from django.utils.translation import gettext as _

from approvals.actions.letter_parts import Row, Words, fit, quoted
from approvals.queries.news import CommentNews, MoveNews
from approvals.queries.party import Party
from approvals.queries.recipients import Recipient
from campaigns.choices import CampaignStatus
from campaigns.chronicle import VERBS


def commented(news: CommentNews, recipient: Recipient) -> Words:
    is_mention = recipient.part == "mentioned"
    values = {"person": news.by, "campaign": quoted(news.party)}
    return Words(
        subject=_subject(
            _("You are mentioned: %(what)s (%(code)s)") if is_mention else "%(what)s (%(code)s)", news.party
        ),
        opening=(
            _("%(person)s mentions you in the discussion of %(campaign)s.")
            if is_mention
            else _("%(person)s commented on %(campaign)s.")
        )
        % values,
        rows=[(_("Comment"), news.text or _("This comment was retracted.")), *_campaign(news.party)],
        link=_("Read the discussion and answer"),
    )


def moved(news: MoveNews) -> Words:
    status = CampaignStatus(news.status).label
    opening = (
        _("%(person)s moved %(campaign)s on. Its status is now “%(status)s”.")
        if news.by
        else _("%(campaign)s moved on by itself. Its status is now “%(status)s”.")
    )
    return Words(
        subject=_subject("%(what)s (%(code)s): %(step)s", news.party, str(VERBS.get(news.step, status))),
        opening=opening % {"person": news.by, "campaign": quoted(news.party), "status": status},
        rows=[*_campaign(news.party), *([(_("Reason"), news.reason)] if news.reason else [])],
        link=_("Open the campaign"),
    )


def _subject(pattern: str, party: Party, step: str = "") -> str:
    return fit(
        pattern,
        [[party.name], [party.code]],
        lambda names: {"what": names[0], "code": party.code, "step": step},
    )


def _campaign(party: Party) -> list[Row]:
    return [(_("Campaign"), quoted(party)), (_("Department"), party.department)]
