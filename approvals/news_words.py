"""What each kind of news holds, and how it comes to who chooses nothing: in words, for the page and the API."""

from django.utils.translation import gettext_lazy as _

from approvals.choices import NewsKind

ABOUT = {
    NewsKind.TASK: _(
        "Cases that you must agree on or decide, proposals that you must answer, approvals that you are asked for or that fell, "
        "changes that you must make, meetings that you are invited to, requests of customers that are yours, and what you sell that must not be offered for now."
    ),
    NewsKind.DECISION: _("What a mediator decided in a case that concerns you: it is carried out already."),
    NewsKind.SECURITY: _("What somebody did to your sign-in."),
    NewsKind.CASE: _(
        "Cases that went to mediation or closed by themselves, what is said in them, answers to your proposals, and what others must do in "
        "cases for which you are only the contact person. Recommended: at once; reminders of what others must do, in the daily digest."
    ),
    NewsKind.REVIEW: _(
        "Approvals that are overdue and changes that were asked for, where others must act. Recommended: at once."
    ),
    NewsKind.MENTION: _("Somebody wrote @ and your name. Recommended: at once."),
    NewsKind.COMMENT: _("Recommended: in the daily digest."),
    NewsKind.MOVE: _("Recommended: in the daily digest, but at once when a campaign is cancelled."),
    NewsKind.BRIEFING: _(
        "What may be offered, and how. Recommended: at once for campaigns in which you sell or serve, and in the daily digest "
        "for all others, if you asked for those."
    ),
    NewsKind.REQUEST: _(
        "Requests of customers that your department has or had: handed over again and again, overdue, settled. "
        "Recommended: at once."
    ),
    NewsKind.DIGEST: _(
        "One mail at 08:00 with what waits for you, what changed and what is for your information. None when there is "
        "nothing new."
    ),
}
