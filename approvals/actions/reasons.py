"""Reasons that have to hold: what a mediator decides, or people decide about a standing rule, is read with its reason."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SHORTEST_REASON = 10


def reason_that_holds(reason: str, *, most: int | None = None) -> str:
    """The reason as it is kept.

    Raises:
        ValidationError: it has fewer than SHORTEST_REASON characters, or more than `most`.
    """
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        text = _("Give your reason in at least %(least)d characters: both departments read it.")
        raise ValidationError({"reason": text % {"least": SHORTEST_REASON}})
    if most is not None:
        check_length(reason, most)
    return reason


def check_length(reason: str, most: int) -> None:
    """Raises ValidationError for more than `most` characters."""
    if len(reason) > most:
        text = _("Give your reason in at most %(most)d characters.")
        raise ValidationError({"reason": text % {"most": most}})
