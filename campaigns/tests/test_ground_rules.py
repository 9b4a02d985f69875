"""What the house settles for all plans, and who may settle it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from campaigns.actions import ground_rules
from campaigns.models import (
    AnnouncedPrice,
    Campaign,
    CombinationClass,
    CombinationPolicy,
    DetectionRun,
    Fund,
    FundDraw,
    JointGroup,
    Placement,
    PlacementBooking,
    ProtectedScope,
    Substitution,
)
from campaigns.tests import factories as make
from campaigns.tests import settled
from campaigns.tests.factories import DAY, NOW
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db

MEASURED = (Substitution, AnnouncedPrice)
EVERY = pytest.mark.parametrize("kind", settled.KINDS, ids=lambda kind: kind.__name__)


@pytest.fixture
def admin():
    return make.make_user("root", is_superuser=True)


@pytest.fixture
def put(admin):
    return lambda row, by=admin: ground_rules.put(row=row, by=by, now=NOW)


@pytest.fixture
def remove(admin):
    return lambda row, by=admin: ground_rules.remove(row=row, by=by, now=NOW)


def told():
    return list(HistoryEntry.objects.order_by("id").values_list("verb", "subject", "changes"))


def refused(error):
    return error.value.message_dict if hasattr(error.value, "error_dict") else error.value.messages


# All kinds


@EVERY
def test_administrators_add_and_remove_and_history_tells(kind, admin, put, remove):
    row = put(settled.KINDS[kind]())
    assert kind.objects.get() == row
    remove(row)
    assert not kind.objects.exists()
    subject = HistoryEntry.objects.filter(verb="add").get().subject
    assert subject.partition(":")[0] == ground_rules.KINDS[kind].name
    assert [(entry.verb, entry.subject, entry.actor) for entry in HistoryEntry.objects.order_by("id")] == [
        ("add", subject, "root"),
        ("remove", subject, "root"),
    ]
    added, removed = HistoryEntry.objects.order_by("id").values_list("changes", flat=True)
    assert {name: pair[1] for name, pair in added.items()}.keys() == removed.keys()
    assert all(pair[0] is None for pair in added.values())
    assert all(pair[1] is None for pair in removed.values())


@EVERY
def test_nobody_else_adds_changes_or_removes(kind, put, remove):
    row = put(settled.KINDS[kind]())
    analyst, lead = make.make_analyst(), make.lead_of(make.make_department())
    before = (list(kind.objects.values()), told(), DetectionRun.objects.count())
    new = settled.KINDS[kind]()
    for person in [lead] if kind in MEASURED else [lead, analyst]:
        for ask in (lambda person=person: put(new, by=person), lambda person=person: remove(row, by=person)):
            with pytest.raises(PermissionDenied, match="Only administrators"):
                ask()
    assert (list(kind.objects.values()), told(), DetectionRun.objects.count()) == before


@pytest.mark.parametrize("kind", MEASURED, ids=lambda kind: kind.__name__)
def test_analysts_keep_what_is_measured(kind, put, remove):
    analyst = make.make_analyst()
    row = put(settled.KINDS[kind](), by=analyst)
    assert kind.objects.get() == row
    remove(row, by=analyst)
    assert not kind.objects.exists()
    assert [verb for verb, _subject, _changes in told()] == ["add", "remove"]


@EVERY
def test_nothing_different_means_nothing_written(kind, put):
    row = put(settled.KINDS[kind]())
    DetectionRun.objects.all().delete()
    before = told()
    assert put(kind.objects.get()) == row
    assert told() == before
    assert not DetectionRun.objects.exists()


@EVERY
def test_what_counts_by_itself_asks_for_a_detection(kind, put, remove):
    counts = ground_rules.KINDS[kind].counts_alone
    row = put(settled.KINDS[kind]())
    assert DetectionRun.objects.filter(started_at=None).exists() is counts
    DetectionRun.objects.all().delete()
    remove(row)
    assert DetectionRun.objects.filter(started_at=None).exists() is counts


@pytest.mark.parametrize(
    ("kind", "field", "value", "asks"),
    [
        (CombinationClass, "name", "Loyal", False),
        (JointGroup, "name", "Together", False),
        (CombinationPolicy, "decision", "deny", True),
        (Placement, "slots", 1, True),
        (Fund, "amount", Decimal(5), True),
        (Substitution, "rate", Decimal("0.9"), True),
        (AnnouncedPrice, "price", Decimal(7), True),
        (ProtectedScope, "is_hard", False, True),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_change_is_told_with_before_and_after_and_asks_where_rules_look(kind, field, value, asks, put):
    row = put(settled.KINDS[kind]())
    DetectionRun.objects.all().delete()
    row = kind.objects.get()
    before = getattr(row, field)
    setattr(row, field, value)
    put(row)
    assert getattr(kind.objects.get(), field) == value
    verb, _subject, changes = told()[-1]
    assert (verb, changes) == ("change", {field: [_said(before), _said(value)]})
    assert DetectionRun.objects.filter(started_at=None).exists() is asks


def _said(value):
    return str(value) if isinstance(value, Decimal) else value


def test_the_worker_is_woken_after_the_commit(put, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as rung:
        put(settled.substitution())
    assert DetectionRun.objects.get(started_at=None).requested_by.username == "root"
    assert any(callback.__qualname__.startswith("request_detection") for callback in rung if callback)


@EVERY
def test_who_comes_second_finds_it_removed(kind, put, remove):
    row = put(settled.KINDS[kind]())
    kept = kind.objects.get()
    remove(row)
    for ask in (put, remove):
        with pytest.raises(ValidationError, match="in the meantime") as error:
            ask(kept)
        assert error.value.code == "state"
    assert not kind.objects.exists()


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (Fund, "code", lambda: "OTHER"),
        (CombinationPolicy, "high", settled.stored_class),
        (Substitution, "product", make.make_product),
        (AnnouncedPrice, "product", make.make_product),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_names_a_row_stays(kind, field, value, put):
    put(settled.KINDS[kind]())
    row = kind.objects.get()
    before = list(kind.objects.values())
    setattr(row, field, value())
    with pytest.raises(ValidationError) as error:
        put(row)
    assert list(refused(error)) == [field]
    assert list(kind.objects.values()) == before
    assert [verb for verb, _subject, _changes in told()] == ["add"]


# Single kinds


def test_a_policy_is_about_two_classes_in_any_order_and_once(put):
    first, second = settled.stored_class("LOY"), settled.stored_class("SEA")
    put(settled.policy(second, first, "deny"))
    assert CombinationPolicy.objects.values_list("low__code", "high__code", "decision").get() == ("LOY", "SEA", "deny")
    with pytest.raises(ValidationError) as error:
        put(settled.policy(first, second, "allow"))
    assert refused(error) == {
        "__all__": ["There is a policy for these two classes already: change that one."],
    }
    put(settled.policy(first, first))
    assert [subject for _verb, subject, _changes in told()] == [
        "combination_policy:LOY + SEA",
        "combination_policy:LOY + LOY",
    ]


def test_a_product_does_not_stand_in_for_itself_and_for_another_once(put):
    one, other = make.make_product("P-1"), make.make_product("P-2")
    with pytest.raises(ValidationError) as error:
        put(settled.substitution(one, one))
    assert list(refused(error)) == ["substitute"]
    put(settled.substitution(one, other))
    with pytest.raises(ValidationError, match="already"):
        put(settled.substitution(one, other, rate="0.1"))
    put(settled.substitution(other, one))
    assert [subject for _verb, subject, _changes in told()] == ["substitution:P-1 → P-2", "substitution:P-2 → P-1"]


@pytest.mark.parametrize(
    ("make_row", "errors"),
    [
        (lambda: settled.fund(ends_before=DAY), {"ends_before": ["The last day is before the first."]}),
        (lambda: settled.fund(amount=-1), {"amount": ["“-1” is out of range: from 0 to 9999999999.99"]}),
        (lambda: settled.placement(slots=0), {"slots": ["“0” is out of range: from 1 to 100"]}),
        (lambda: settled.substitution(rate=Decimal("1.5")), {"rate": ["“1.5” is out of range: from 0 to 1"]}),
        (lambda: settled.protected_scope(brand=""), {"__all__": ["Name one: a brand, a category or a product."]}),
        (
            lambda: settled.protected_scope(kind="minimum_price"),
            {"__all__": ["A minimum price is given for that kind, and for no other."]},
        ),
        (
            lambda: settled.protected_scope(min_price=3),
            {"__all__": ["A minimum price is given for that kind, and for no other."]},
        ),
    ],
)
def test_what_cannot_be_is_refused_by_field(make_row, errors, put):
    row = make_row()
    with pytest.raises(ValidationError) as error:
        put(row)
    assert refused(error) == errors
    assert not type(row).objects.exists()
    assert told() == []


def test_a_protection_may_last_for_decades(put):
    row = put(settled.protected_scope(kind="legal", ends_before=DAY + timedelta(days=9000)))
    assert row.ends_on == DAY + timedelta(days=8999)


def test_the_same_price_is_announced_once_a_day(put):
    product = make.make_product()
    put(settled.announced_price(product))
    with pytest.raises(ValidationError, match="already"):
        put(settled.announced_price(product, ends_before=DAY + timedelta(days=3)))
    put(settled.announced_price(product, price=79))
    assert AnnouncedPrice.objects.count() == 2


# In use


def refusal(remove, row):
    before = told()
    with pytest.raises(ValidationError) as error:
        remove(row)
    assert error.value.code == "state"
    assert told() == before
    assert type(row).objects.filter(pk=row.pk).exists()
    return " ".join(refused(error))


def test_a_class_that_offers_or_policies_name_stays(put, remove):
    row, accepted = put(settled.combination_class("LOY")), put(settled.combination_class("SEA"))
    offer = make.make_offer(make.make_campaign(), "O-1")
    type(offer).objects.filter(pk=offer.pk).update(combination_class=row)
    offer.accepts.add(accepted)
    policy = put(settled.policy(row, accepted))
    for one in (row, accepted):
        assert refusal(remove, one) == (
            "1 offer names it: O-1. 1 combination policy is about it: LOY + SEA. It can be removed once nothing names it."
        )
    remove(policy)
    assert refusal(remove, row) == "1 offer names it: O-1. It can be removed once nothing names it."


def test_a_placement_that_offers_name_stays(put, remove):
    booked, recommended = put(settled.placement()), put(settled.placement())
    offer = make.make_offer(make.make_campaign(), "O-1")
    days = {"starts_on": offer.starts_on, "ends_before": offer.ends_before}
    for _ in range(2):
        PlacementBooking.objects.create(offer=offer, placement=booked, **days)
    type(offer).objects.filter(pk=offer.pk).update(recommendation_placement=recommended)
    for row in (booked, recommended):
        assert refusal(remove, row).startswith("1 offer names it: O-1. ")


def test_a_fund_that_offers_draw_on_stays_and_the_first_five_are_named(put, remove):
    fund = put(settled.fund())
    campaign = make.make_campaign()
    for number in range(7):
        FundDraw.objects.create(offer=make.make_offer(campaign, f"O-{number}"), fund=fund, amount=1)
    assert refusal(remove, fund).startswith("7 offers name it: O-0, O-1, O-2, O-3, O-4, …. ")


def test_a_group_of_campaigns_stays(admin, put, remove):
    group, campaign = put(settled.joint_group()), make.make_campaign(code="C-1")
    ground_rules.set_joint_group(campaign=campaign, group=group, by=admin, now=NOW)
    assert refusal(remove, group).startswith("1 campaign is in it: C-1. ")
    ground_rules.set_joint_group(campaign=campaign, group=None, by=admin, now=NOW)
    remove(group)
    assert not JointGroup.objects.exists()


# Joint groups of campaigns


def test_administrators_say_what_was_planned_together(admin, put):
    group, campaign = put(settled.joint_group("SPRING")), make.make_campaign(code="C-1")
    changed = ground_rules.set_joint_group(campaign=campaign, group=group, by=admin, now=NOW)
    assert changed.joint_group == Campaign.objects.get().joint_group == group
    entry = HistoryEntry.objects.get(verb="change")
    assert (entry.actor, entry.subject, entry.scope, entry.changes) == (
        "root",
        "campaign:C-1",
        "campaign:C-1",
        {"joint_group": [None, "SPRING"]},
    )
    assert DetectionRun.objects.filter(started_at=None).count() == 1
    DetectionRun.objects.all().delete()
    ground_rules.set_joint_group(campaign=campaign, group=group, by=admin, now=NOW)
    assert HistoryEntry.objects.filter(verb="change").count() == 1
    assert not DetectionRun.objects.exists()


def test_nobody_else_says_what_was_planned_together(put):
    group, campaign = put(settled.joint_group()), make.make_campaign()
    for person in (make.lead_of(campaign.department), make.make_analyst()):
        with pytest.raises(PermissionDenied):
            ground_rules.set_joint_group(campaign=campaign, group=group, by=person, now=NOW)
    assert Campaign.objects.get().joint_group is None
    assert not DetectionRun.objects.exists()


@pytest.mark.parametrize("status", ["ended", "cancelled"])
def test_what_is_over_joins_no_group(admin, put, status):
    group, campaign = put(settled.joint_group()), make.make_campaign()
    Campaign.objects.update(status=status)
    with pytest.raises(ValidationError, match="is over") as error:
        ground_rules.set_joint_group(campaign=campaign, group=group, by=admin, now=NOW)
    assert error.value.code == "state"
    assert Campaign.objects.get().joint_group is None
