"""What an offer promises beside its terms, and what it takes: the rows behind them, written with their offer."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from campaigns import wording
from campaigns.models import (
    CombinationClass,
    FundDraw,
    Offer,
    OfferChannelTerms,
    OfferClaim,
    PlacementBooking,
)
from campaigns.queries.promises import PARTS, columns_of, in_codes, stored_rows
from campaigns.rules.claims import CLAIM_COLUMNS, wrong_claim
from campaigns.rules.terms import bears_a_price

# Rows of one part: people read them all, and a page of forms may send a thousand fields.
MOST_ROWS = 20
# What an offer has at most one row of.
_ONCE = {"channel_terms": "channel", "draws": "fund"}


@dataclass(frozen=True)
class Promises:
    """What an offer promises beside its terms, and what it takes; None leaves a part as it is.

    Each list is the whole list, of rows that are not saved and name no offer yet. A booking without days lasts as long
    as the offer runs.
    """

    channel_terms: Sequence[OfferChannelTerms] | None = None
    claims: Sequence[OfferClaim] | None = None
    bookings: Sequence[PlacementBooking] | None = None
    draws: Sequence[FundDraw] | None = None
    accepts: Collection[CombinationClass] | None = None


def write_promises(
    offer: Offer, promises: Promises, changes: Mapping[str, tuple[Any, Any]]
) -> dict[str, tuple[Any, Any]]:
    """Write what belongs to a locked offer, whose other `changes` are made already.

    Terms on channels go when the offer no longer has a price. Bookings follow an offer that moves as a whole, and those
    that last as long as the offer follow both its ends.

    Returns what changed as {part: (rows that went, rows that came)}, in codes.

    Raises:
        ValidationError: by part; the text names the row.
    """
    written: dict[str, tuple[Any, Any]] = {}
    for part in PARTS:
        rows = getattr(promises, part)
        if rows is None:
            rows = _following(part, offer, changes)
        if rows is not None:
            written |= _replace(part, offer, rows)
    if promises.channel_terms is not None or "channels" in changes:
        _check_channels(offer)
    # What merely moved along lies inside as before; were it outside, after an import, that would be no reason to stop.
    if promises.bookings is not None or (_days_changed(changes) and not _whole_move(offer, changes)):
        _check_days(offer)
    return written | _write_accepts(offer, promises.accepts)


def _following(part: str, offer: Offer, changes: Mapping[str, tuple[Any, Any]]) -> list[Any] | None:
    """Rows that nobody named but that a change of their offer changes; None = they stay."""
    if part == "channel_terms" and "mechanic" in changes and not bears_a_price(offer.mechanic):
        return []
    if part != "bookings" or not _days_changed(changes):
        return None
    first, end = _days_before(offer, changes)
    whole_move = _whole_move(offer, changes)
    rows = []
    for row in stored_rows(part, offer=offer):
        if (row.starts_on, row.ends_before) == (first, end):
            row.starts_on, row.ends_before = offer.starts_on, offer.ends_before
        else:
            row.starts_on, row.ends_before = row.starts_on + whole_move, row.ends_before + whole_move
        rows.append(row)
    return rows


def _days_changed(changes: Mapping[str, tuple[Any, Any]]) -> bool:
    return not changes.keys().isdisjoint({"starts_on", "ends_before"})


def _days_before(offer: Offer, changes: Mapping[str, tuple[Any, Any]]) -> tuple[date, date]:
    first, _now = changes.get("starts_on", (offer.starts_on, None))
    end, _now = changes.get("ends_before", (offer.ends_before, None))
    return first, end


def _whole_move(offer: Offer, changes: Mapping[str, tuple[Any, Any]]) -> timedelta:
    """By how much both ends moved; 0 if only one did, or each by another number of days."""
    first, end = _days_before(offer, changes)
    moved = offer.starts_on - first
    return moved if offer.ends_before - end == moved else timedelta(0)


def _replace(part: str, offer: Offer, rows: Sequence[Any]) -> dict[str, tuple[Any, Any]]:
    """Make the rows of a part those of `rows`; rows that are there already stay as they are."""
    model = PARTS[part]
    columns = [column.attname for column in columns_of(model)]
    wanted = [model(offer=offer, **{column: getattr(row, column) for column in columns}) for row in rows]
    if part == "bookings":
        for row in wanted:
            row.starts_on, row.ends_before = row.starts_on or offer.starts_on, row.ends_before or offer.ends_before
    _check_rows(part, wanted)
    stored = list(stored_rows(part, offer=offer))
    gone, new = (list(_without(ones, others, columns)) for ones, others in ((stored, wanted), (wanted, stored)))
    if not gone and not new:
        return {}
    told = [in_codes(row) for row in gone], [in_codes(row) for row in new]
    # What goes, goes first: a row that changed may say the same of the same channel or fund.
    model.objects.filter(pk__in=[row.pk for row in gone]).delete()
    model.objects.bulk_create(new)
    return {part: told}


def _without(rows: Sequence[Any], others: Sequence[Any], columns: Sequence[str]) -> Iterator[Any]:
    """Those of `rows` that `others` do not have, of several that say the same only as many as there are more."""
    left = Counter(tuple(getattr(row, column) for column in columns) for row in others)
    for row in rows:
        says = tuple(getattr(row, column) for column in columns)
        if left[says]:
            left[says] -= 1
        else:
            yield row


def _check_rows(part: str, rows: Sequence[Any]) -> None:
    if len(rows) > MOST_ROWS:
        raise ValidationError({part: _("At most %(most)s rows, please.") % {"most": MOST_ROWS}})
    wrong = [text for place, row in enumerate(rows, start=1) for text in _wrong(part, row, place)]
    if once := _ONCE.get(part):
        named = Counter(getattr(row, f"{once}_id") for row in rows)
        twice = {wording.row(row) for row in rows if named[getattr(row, f"{once}_id")] > 1}
        wrong += [_("“%(name)s” stands here twice.") % {"name": name} for name in sorted(twice)]
    if wrong:
        raise ValidationError({part: wrong})


def _wrong(part: str, row: Any, place: int) -> Iterator[str]:
    name = wording.row(row) or _("row %(number)s") % {"number": place}
    wrong: Mapping[str, Sequence[Any]] = {}
    try:
        row.full_clean(exclude=["offer"])
    except ValidationError as error:
        wrong = error.message_dict
    if part == "claims" and not wrong:
        values = {column: getattr(row, row._meta.get_field(column).attname) for column in CLAIM_COLUMNS}
        wrong = {column: [text] for column, text in wrong_claim(row.kind, values).items()}
    for column, texts in wrong.items():
        label = "" if column == NON_FIELD_ERRORS else f"{row._meta.get_field(column).verbose_name}: "
        for text in texts:
            yield _("%(row)s: %(what)s") % {"row": name, "what": f"{label}{text}"}


def _check_channels(offer: Offer) -> None:
    terms = list(stored_rows("channel_terms", offer=offer))
    if terms and not bears_a_price(offer.mechanic):
        raise ValidationError({"channel_terms": _("An offer without a price has no other price on a channel.")})
    runs_on = set(offer.channels.values_list("pk", flat=True))
    wrong = [
        _("The offer does not run on “%(channel)s”, so it has no terms of its own there.") % {"channel": row.channel}
        for row in terms
        if runs_on and row.channel_id not in runs_on
    ]
    if wrong:
        raise ValidationError({"channel_terms": wrong})


def _check_days(offer: Offer) -> None:
    wrong = [
        _("The booking of “%(booking)s” lies outside the days of the offer, %(days)s.")
        % {"booking": wording.row(row), "days": wording.period(offer.starts_on, offer.ends_before)}
        for row in stored_rows("bookings", offer=offer)
        if row.starts_on < offer.starts_on or row.ends_before > offer.ends_before
    ]
    if wrong:
        raise ValidationError({"bookings": wrong})


def _write_accepts(offer: Offer, classes: Collection[CombinationClass] | None) -> dict[str, tuple[Any, Any]]:
    if classes is None:
        return {}
    before = sorted(one.code for one in offer.accepts.all())
    after = sorted(one.code for one in classes)
    if before == after:
        return {}
    offer.accepts.set(classes)
    return {"accepts": (before, after)}
