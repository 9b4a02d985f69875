"""What an offer would collide with as it is being typed: a panel of its form, on the page or alone for its script."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.text import capfirst

from campaigns.actions.simulation import simulate
from campaigns.admin.visible import once
from campaigns.forms import OfferForm, add_errors
from campaigns.models import Offer
from campaigns.queries.explanation import reader_of
from campaigns.queries.what_if import Told, tell
from campaigns.rules.self_checks import CONFIRM, SelfCheck

# The button of the form, and what it sends: to see the page again, or the panel alone.
BUTTON, PAGE, FRAGMENT = "see", "collisions", "fragment"
SHOWN = 12


def is_asked(request: HttpRequest) -> bool:
    """Whether the form was sent to be looked at and not to be saved."""
    return request.POST.get(BUTTON) in (PAGE, FRAGMENT)


def wants_fragment(request: HttpRequest) -> bool:
    return request.POST.get(BUTTON) == FRAGMENT


def look(request: HttpRequest, form: OfferForm, change: Callable[..., Offer], *, now: datetime) -> Told | None:
    """What `change`, which takes what was typed, would bring; None, with the reasons in the form, if it is refused."""
    reader = once(request, "reader", lambda: reader_of(request.user))
    try:
        tried = simulate(lambda: change(**form.content(), confirmed=None), now=now, reader=reader)
    except ValidationError as error:
        add_errors(form, error)
        return None
    return tell(tried, request.user, reader, most=SHOWN)


def context(request: HttpRequest, form: OfferForm, tried: Told | None) -> dict[str, Any]:
    """For the page and for the panel alone. `points` are to be meant when the offer is saved."""
    points = form.points()
    if tried is not None:
        points = {one.code: one.text for one in tried.self_checks if one.severity == CONFIRM}
    meant = form.meant()
    return {
        "tried": tried,
        "asks": is_asked(request),
        "self_checks": [(one, _places(form, one)) for one in tried.self_checks] if tried else [],
        "points": list(points.values()),
        "codes": " ".join(sorted({*points, *meant})),
        "is_meant": bool(points) and points.keys() <= set(meant),
    }


def _places(form: OfferForm, check: SelfCheck) -> Iterable[tuple[str, str]]:
    """(id, label) of the fields that a check is about; rows have an id of their own."""
    for name in check.fields:
        if name in form.rows:
            yield f"{name}-title", str(form.rows[name].title)
        elif name in form.fields:
            yield form[name].id_for_label, capfirst(str(form[name].label))
