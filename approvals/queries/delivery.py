"""Why a mail must not leave, as things stand now."""

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from approvals.choices import BRIEFING_EVENTS, MailEvent
from approvals.models import Briefing, Case, Mail
from approvals.queries.digests import tells_something
from campaigns.models import Campaign


def unreachable(user: User) -> str:
    """Why no mail reaches this person; empty if one does."""
    if not user.is_active:
        return _("This person is no longer active.")
    return "" if user.email else _("This person has no e-mail address.")


def undeliverable(mail: Mail) -> str:
    """Why this mail must not reach its recipient any more; empty if it may."""
    if problem := unreachable(mail.recipient):
        return problem
    if mail.event == MailEvent.DIGEST:
        return "" if tells_something(mail) else _("This person may no longer read any of it.")
    if mail.event == MailEvent.MEETING_CANCELLED:
        # Names nothing of the case, and clears the calendar of whoever has lost it.
        return ""
    if mail.case_id and not Case.objects.visible(mail.recipient).filter(pk=mail.case_id).exists():
        return _("The case no longer concerns this person.")
    if mail.event in BRIEFING_EVENTS:
        readable = Briefing.objects.visible(mail.recipient).filter(campaign=mail.campaign_id)
        return "" if readable.exists() else _("This person may no longer read the briefing.")
    if mail.campaign_id and not Campaign.objects.visible(mail.recipient).filter(pk=mail.campaign_id).exists():
        return _("This person may no longer read the campaign.")
    return ""
