"""Every decision of a mediator becomes a precedent, and says of those like it whether it follows them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from approvals.actions import standing_rules
from approvals.choices import Stance
from approvals.models import Case, Citation, Precedent, Ruling
from approvals.models.precedents import LONGEST_WHY, columns_of, columns_of_outcome
from approvals.queries.case_facts import InFacts
from approvals.queries.precedents import alike_to
from approvals.rules.operations import Operation
from approvals.rules.outcomes import outcome_of
from approvals.rules.precedents import Cited


def check(case: Case, here: InFacts | None, said: Sequence[Cited]) -> list[Cited]:
    """What a mediator said, if it is said of exactly the decisions most like the case as it is now.

    Raises:
        ValidationError: "precedents": of one of them nothing is said; something is said of others, or twice; one is
            another matter and it does not say why.
    """
    wanted = {pk for pk, _likeness in alike_to(case, here.facts)} if here else set()
    named = [one.precedent for one in said]
    if not wanted and not named:
        return []
    if wanted - set(named):
        text = _(
            "Say of each similar decision whether you follow it or it is another matter, or that none of them applies."
        )
        raise ValidationError({"precedents": text})
    if set(named) - wanted or len(named) != len(set(named)):
        text = _("The similar decisions are others by now: read them again, then decide.")
        raise ValidationError({"precedents": text})
    return [_checked(one) for one in said]


def _checked(one: Cited) -> Cited:
    if one.stance not in Stance.values:
        raise ValidationError({"precedents": _("Say “follows”, “distinguishes” or “does not apply”.")})
    if one.stance != Stance.DISTINGUISHES:
        return Cited(one.precedent, one.stance)
    why = one.why.strip()
    if not why:
        raise ValidationError({"precedents": _("Say shortly why the other decision is another matter.")})
    if len(why) > LONGEST_WHY:
        text = _("Say in at most %(most)d characters why the other decision is another matter.")
        raise ValidationError({"precedents": text % {"most": LONGEST_WHY}})
    return Cited(one.precedent, one.stance, why)


def keep(
    ruling: Ruling,
    here: InFacts | None,
    operations: Sequence[Operation],
    said: Collection[Cited],
    *,
    is_clear: bool,
    now: datetime,
) -> None:
    """Write the precedent of a ruling that was just made, with what it says of others, and see whether it is a habit.

    `here`: the facts before it was carried out. `is_clear`: nothing is left that collides between the two sides.
    """
    rows = [Citation(ruling=ruling, precedent_id=one.precedent, stance=one.stance, why=one.why) for one in said]
    Citation.objects.bulk_create(rows)
    if here is None:
        return
    outcome = outcome_of(operations, here.sides, is_clear=is_clear)
    Precedent.objects.create(ruling=ruling, decided_at=now, **columns_of(here.facts), **columns_of_outcome(outcome))
    standing_rules.consider(here.facts, now=now)
