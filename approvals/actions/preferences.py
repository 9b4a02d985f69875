"""How a person hears of each kind of news. The only writer of NewsPreference."""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import outbox
from approvals.choices import UNSENT, Delivery, MailEvent, NewsKind
from approvals.models import Mail, NewsPreference
from approvals.queries.preferences import preferences_of
from approvals.rules.notification import MANDATORY, choices_of, delivery
from customers.actions import history


@transaction.atomic
def choose(*, chosen: Mapping[str, str | None], by: User, now: datetime) -> None:
    """Keep how `by` wants to hear of these kinds ({NewsKind: Delivery}; None as recommended); others stay as they are.

    What waits to be sent of a kind that they no longer want by mail stays in their inbox.

    Raises:
        PermissionDenied: `by` does not work here.
        ValidationError: by kind: there is no such kind, it cannot be switched off, or nothing comes like that.
    """
    if not (by.is_active and by.is_staff):
        raise PermissionDenied
    _check(chosen)
    # Of two pages at once the second one finds what the first has written.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    before = preferences_of([by]).get(by.pk, {})
    changes = {kind: (before.get(kind), want or None) for kind, want in chosen.items()}
    changes = {kind: (old, new) for kind, (old, new) in changes.items() if old != new}
    if not changes:
        return
    for kind, (_old, new) in changes.items():
        if new is None:
            NewsPreference.objects.filter(user=by, kind=kind).delete()
        else:
            NewsPreference.objects.update_or_create(user=by, kind=kind, defaults={"delivery": new})
    _keep_what_is_unwanted(by)
    history.write(
        by=by,
        now=now,
        verb="choose_news",
        subject=f"user:{by.get_username()}",
        changes={f"news_{kind}": change for kind, change in changes.items()},
    )


def _check(chosen: Mapping[str, str | None]) -> None:
    problems = {}
    for kind, want in chosen.items():
        if kind not in NewsKind.values:
            problems[str(kind)] = _("There is no such kind of news.")
        elif kind in MANDATORY:
            problems[str(kind)] = _("This always comes by mail at once; it cannot be switched off.")
        elif want and want not in choices_of(NewsKind(kind)):
            problems[str(kind)] = _("Choose one of the ways of the list.")
    if problems:
        raise ValidationError(problems)


def _keep_what_is_unwanted(person: User) -> None:
    chosen = preferences_of([person]).get(person.pk, {})
    waiting = Mail.objects.filter(recipient=person, state__in=UNSENT).exclude(event=MailEvent.DIGEST)
    unwanted = [
        pk
        for pk, event, part in waiting.values_list("pk", "event", "part")
        if delivery(event, part, chosen) == Delivery.NONE
    ]
    outbox.keep(Mail.objects.filter(pk__in=unwanted))
