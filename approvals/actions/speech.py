"""What discussions of campaigns and of cases have in common: reading a text, whom it mentions, and taking it back."""

import hashlib
import uuid
from collections.abc import Callable

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.actions import letters, outbox
from approvals.models import Mail
from approvals.models.comments import LONGEST_COMMENT
from approvals.queries.discussion import called
from approvals.queries.news import News
from approvals.queries.recipients import Recipient
from approvals.rules import discussion
from customers.rules.text import WrongText, prose

# So many people are told by name at a time: whoever needs more writes to a department.
MOST_MENTIONS = 20


def read(text: str) -> str:
    """The text as it is kept.

    Raises:
        ValidationError: there is none, or it is too long.
    """
    try:
        said = prose(text, size=LONGEST_COMMENT)
    except WrongText as error:
        raise ValidationError({"text": ValidationError(error.message, code=error.code)}) from error
    if not said:
        raise ValidationError({"text": ValidationError(_("Write something first."), code="required")})
    return said


def key_of(by: User, place: Model, token: str, *said: str) -> str:
    """The same for what `by` sends again in the same `place` with the same `token`; without one it is new each time."""
    parts = (str(by.pk), str(place.pk), token or uuid.uuid4().hex, *said)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def mentioned(text: str, readers: QuerySet[User]) -> list[User]:
    """The people whom the text mentions.

    Raises:
        ValidationError: they are too many; or one is none of the `readers`, which sounds as if there were no such person.
    """
    names = discussion.mentioned(text)
    if len(names) > MOST_MENTIONS:
        raise ValidationError({"text": _("Mention at most %(most)d people in one comment.") % {"most": MOST_MENTIONS}})
    found = called(names, readers)
    if unknown := [name for name in names if name not in found]:
        message = ngettext(
            "%(names)s cannot be told: nobody of this user name may read this. Correct it, or leave out the @.",
            "%(names)s cannot be told: nobody of these user names may read this. Correct them, or leave out the @.",
            len(unknown),
        )
        raise ValidationError({"text": message % {"names": ", ".join(f"@{name}" for name in unknown)}})
    return list(dict.fromkeys(found.values()))


def take_out(mails: QuerySet[Mail], said: News, as_told: Callable[[Mail], Recipient], *, why: str) -> None:
    """Mails that are still here say that it was retracted; those that wait stay."""
    for mail in mails.select_related("recipient"):
        with translation.override(mail.language):
            letter = letters.write(mail.event, said, as_told(mail))
        Mail.objects.filter(pk=mail.pk).update(text=letter.text, html=letter.html)
    outbox.call_back(mails, why=why)
