"""What an offer gets wrong by itself, asked when people save it; imports and rulings are not asked."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError

from campaigns.models import Offer
from campaigns.queries.explanation import reader_of
from campaigns.queries.self_checks import checks_of
from campaigns.rules.self_checks import CONFIRM, ERROR
from customers.clock import local_day

# Columns of the form that the offer stores under another name.
COLUMNS = {"last_day": "ends_before"}


def refuse_what_is_not_meant(
    offer: Offer, confirmed: Collection[str] | None, *, by: AbstractBaseUser, now: datetime
) -> None:
    """Ask the self-checks about an offer that has just been written, in the transaction that wrote it.

    Raises:
        ValidationError: by field, what cannot be meant; or "confirmed", what nobody said to mean. Codes are those of the
            checks.
    """
    if confirmed is None:
        return
    # Its approval and its audience were written beside it.
    offer = Offer.objects.select_related("campaign").get(pk=offer.pk)
    wrong: dict[str, list[ValidationError]] = defaultdict(list)
    for one in checks_of(offer, reader_of(by), today=local_day(now)):
        if one.severity == ERROR:
            wrong[COLUMNS.get(one.fields[0], one.fields[0])].append(ValidationError(one.text, code=one.code))
        elif one.severity == CONFIRM and one.code not in confirmed:
            wrong["confirmed"].append(ValidationError(one.text, code=one.code))
    if wrong:
        raise ValidationError(wrong)
