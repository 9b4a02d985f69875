"""Setting the collision rules: on, in observation or off, with which numbers, and from which level they open a case."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.actions import collisions
from campaigns.choices import CollisionState, Level
from campaigns.models import Collision, RuleSetting
from campaigns.queries.rule_settings import BASE, Setting, module_options, rule_called, setting_of
from customers.actions import history
from customers.permissions import is_administrator
from customers.rules import numbers


@transaction.atomic
def set_rule(
    *,
    rule: str,
    mode: str,
    base: int | None,
    options: Mapping[str, Decimal | None],
    opens_from: str,
    by: AbstractBaseUser,
    now: datetime,
) -> Setting:
    """Set a rule by its code; None, and an option that is not named, is what its module says.

    Everything is detected again. With another level for cases everybody hears again of what the rule found.

    Raises:
        PermissionDenied: `by` is not an administrator.
        ValidationError: by field; an option by its label.
    """
    if not is_administrator(by):
        raise PermissionDenied(_("Only administrators change this."))
    module = rule_called(rule)
    if module is None:
        raise ValidationError({"rule": _("There is no rule “%(rule)s”.") % {"rule": rule}})
    if refusals := refusals_of_options(module, options):
        raise ValidationError({"options": list(refusals.values())})
    if opens_from == Level.NOTE:
        raise ValidationError({"opens_from": _("What is only noted opens no case: choose a higher level.")})
    stored: RuleSetting | None = RuleSetting.objects.select_for_update(no_key=True).filter(rule=rule).first()
    before = setting_of(module, stored)
    row = stored or RuleSetting(rule=rule)
    row.mode, row.opens_from = mode, opens_from
    row.base = None if base == module.BASE else base
    row.options = _differing(module, options)
    row.full_clean()
    after = setting_of(module, row)
    changes = _changes(rule, before, after)
    if changes:
        _store(row, is_as_the_module=after == Setting(RuleSetting().mode, module_options(module)))
        history.write(by=by, now=now, verb="change", subject=f"rule:{rule}", changes=changes)
        collisions.request_detection(by=by, now=now)
    if "opens_from" in changes:
        found = Collision.objects.filter(rule=rule, state=CollisionState.OPEN).values_list("offer_a", "offer_b")
        collisions.announce(list(found), now=now)
    return after


def refusals_of_options(module: Any, options: Mapping[str, Any]) -> dict[str, str]:
    """Why these numbers cannot be set for a rule, by the name of the option; empty = they can."""
    known = {option.name: option for option in module.OPTIONS}
    refusals = {}
    for name, number in options.items():
        option = known.get(name)
        if option is None:
            refusals[name] = _("The rule has no such number: %(name)s.") % {"name": name}
        elif number is not None:
            try:
                numbers.decimal(number, low=option.lowest, high=option.highest, places=option.places)
            except numbers.WrongNumber as error:
                refusals[name] = f"{option.label}: {error.message}"
    return refusals


def text_of(number: Decimal) -> str:
    """Without the zeros behind the point that say nothing."""
    return f"{number.normalize():f}"


def _differing(module: Any, options: Mapping[str, Decimal | None]) -> dict[str, str]:
    known = {option.name: option.default for option in module.OPTIONS}
    return {
        name: text_of(Decimal(number))
        for name, number in options.items()
        if number is not None and Decimal(number) != known[name]
    }


def _changes(rule: str, before: Setting, after: Setting) -> dict[str, tuple[Any, Any]]:
    changes: dict[str, tuple[Any, Any]] = {
        name: (getattr(before, name), getattr(after, name))
        for name in ("mode", "opens_from")
        if getattr(before, name) != getattr(after, name)
    }
    for name, number in after.options.items():
        if number != before.options[name]:
            label = BASE if name == BASE else f"{rule}: {name}"
            changes[label] = (text_of(before.options[name]), text_of(number))
    return changes


def _store(row: RuleSetting, *, is_as_the_module: bool) -> None:
    """A rule that is set as its module says has no row."""
    if not is_as_the_module:
        row.save()
    elif row.pk:
        row.delete()
