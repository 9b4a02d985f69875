"""The words of a digest, in the language that is active now."""

from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from approvals.actions.letter_parts import PREFIX, Letter, day_of, lay_out, short_moment
from approvals.choices import MailEvent
from approvals.queries.news import DigestLine, DigestNews
from approvals.queries.recipients import Recipient
from approvals.rules.notification import Block

_BLOCKS = {
    Block.WAITS: gettext_lazy("What waits for you"),
    Block.CHANGED: gettext_lazy("What changed for you"),
    Block.TOLD: gettext_lazy("For your information"),
}
_VERBS = {
    "decide": gettext_lazy("Decide"),
    "approve": gettext_lazy("Approve"),
    "agree": gettext_lazy("Agree"),
}


def gathered(news: DigestNews, recipient: Recipient) -> Letter:
    more = ngettext("%(n)s more in your inbox", "%(n)s more in your inbox", news.more) % {"n": localize(news.more)}
    context = {
        "name": recipient.user.first_name or recipient.user.get_username(),
        "blocks": [
            (_BLOCKS[block], [(_words(line), line.url) for line in lines]) for block, lines in news.blocks if lines
        ],
        "link": more if news.more else _("Open your inbox"),
        "url": news.url,
        "why": _("You receive this mail because news for you is gathered in a digest."),
        "subject": PREFIX + _("Your digest of %(day)s") % {"day": day_of(news.day)},
    }
    return lay_out("digest", context)


def _words(line: DigestLine) -> str:
    verb = str(_VERBS[line.verb] if line.verb in _VERBS else MailEvent(line.verb).label)
    words = f"{verb[:1].upper()}{verb[1:]}: {line.what.removeprefix(PREFIX)}"
    return words + _(" · by %(moment)s") % {"moment": short_moment(line.due)} if line.due else words
