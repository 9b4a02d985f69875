"""Who switches off which kind of news by a link in a mail: the signed token of the link (RFC 8058), without sign-in."""

from django.contrib.auth.models import User
from django.core.signing import BadSignature, Signer

from approvals.choices import NewsKind
from approvals.rules.notification import CHOOSABLE

# Two ids and nothing else: mail programs and proxies keep addresses.
_SIGNER = Signer(salt="approvals.one_click")


def token_of(person: User, kind: NewsKind) -> str:
    """It is good for ever: old mails lie in mailboxes, and all it does is to send less."""
    return _SIGNER.sign_object([person.pk, kind.value])


def read(token: str) -> tuple[User, NewsKind] | None:
    """Whose token it is and for what, or None: not ours, of somebody who left, or of what is never switched off."""
    try:
        pk, name = _SIGNER.unsign_object(token)
    except (BadSignature, ValueError):
        return None
    person = User.objects.filter(pk=pk, is_active=True, is_staff=True).first()
    return (person, NewsKind(name)) if person and name in CHOOSABLE else None
