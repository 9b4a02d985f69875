"""What an edit makes the rules say is what they say of the whole plan."""

import pytest

from campaigns.actions import collisions
from campaigns.actions.collisions.judging import as_rows, judge
from campaigns.choices import CollisionState
from campaigns.models import Collision
from campaigns.queries.collisions import PLANNED
from campaigns.queries.facts import read_plan
from campaigns.queries.foresight import said_of
from campaigns.queries.neighbours import planned_offers
from campaigns.queries.rule_settings import settings_of
from campaigns.rules.collisions import RULES, overlap
from campaigns.rules.collisions.findings import Finding
from campaigns.tests.factories import DAY, NOW
from campaigns.tests.rich_plan import RichPlan

pytestmark = [pytest.mark.django_db, pytest.mark.every_rule]

COLUMNS = (
    "rule",
    "key",
    "offer_a",
    "offer_b",
    "version_a",
    "version_b",
    "starts_on",
    "ends_before",
    "shared_products",
    "shared_customers",
    "score",
    "level",
    "certainty",
    "evidence",
)
RULED = [rule for rule in RULES if rule is not overlap]


def of_the_whole_plan():
    """All offers judged together, every pair of them looked at; what is over is past."""
    statuses = ["submitted", "approved", "live", "paused"]
    ids = set(planned_offers(DAY, statuses).values_list("pk", flat=True))
    plan, settings = read_plan(ids, (), today=DAY), settings_of()
    return {
        row.identity: tuple(getattr(row, name) for name in COLUMNS)
        for row in as_rows(judge(plan, RULED, settings), plan, settings, about=ids)
        if row.ends_before > DAY
    }


def stored():
    rows = Collision.objects.filter(state=CollisionState.OPEN).exclude(rule=overlap.CODE)
    return {tuple(row[:4]): row for row in rows.values_list(*COLUMNS)}


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(3))
def test_an_edit_makes_rules_say_what_they_say_of_the_whole_plan(seed):
    plan = RichPlan(seed, offers=20)
    collisions.refresh_due(now=NOW)
    assert stored() == of_the_whole_plan()
    for _ in range(3):
        for _ in range(plan.random.randrange(1, 4)):
            plan.edit()

        collisions.refresh_due(now=NOW)

        assert stored() == of_the_whole_plan()


def test_what_is_foreseen_of_one_offer_is_what_rules_say_of_it_in_the_whole_plan():
    """Whoever asks about one offer alone looks at fewer others, and finds the same."""
    RichPlan(1, offers=20)
    ids = set(planned_offers(DAY, PLANNED).values_list("pk", flat=True))
    plan, settings = read_plan(ids, (), today=DAY), settings_of()
    whole = {one for one in map(_told, judge(plan, RULED, settings)) if one}
    assert {"contact_pressure", "stock_overcommit"} <= {one[0] for one in whole}
    for pk in ids:
        foreseen = {_told(one) for one, _plan in said_of([pk], settings, today=DAY)} - {None}
        assert foreseen == {one for one in whole if pk in one[1]}


def _told(one):
    """A finding as something that can be compared; None for what is not known."""
    if not isinstance(one, Finding):
        return None
    return (
        one.rule,
        one.offers,
        one.key,
        one.severity.score,
        one.products,
        one.customers,
        repr(sorted(one.numbers.items())),
    )
