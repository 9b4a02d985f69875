from datetime import UTC, datetime
from itertools import combinations
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pyroaring import BitMap

from customers.actions import segments
from customers.models import Customer, Event, HistoryEntry, Segment, SegmentOverlap

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def make(code, numbers=()):
    segment = Segment.objects.create(code=code, name=code, members=BitMap().serialize())
    return fill(segment, numbers)


def fill(segment, numbers):
    segments.replace_members(segment=segment, numbers=BitMap(numbers), by=None, now=NOW)
    segment.refresh_from_db()
    return segment


def add_customers(number):
    start = Customer.objects.count()
    Customer.objects.bulk_create([Customer(number=n, code=f"k{n}") for n in range(start, start + number)])


def shared():
    return {
        tuple(sorted(pair)): number for *pair, number in SegmentOverlap.objects.values_list("low", "high", "shared")
    }


def members(segment):
    return set(segments.members(Segment.objects.get(pk=segment.pk)))


def assert_counts_are_right():
    """The kept table is that of sets, pair by pair, and no other rows."""
    sets = {segment.pk: set(segments.members(segment)) for segment in Segment.objects.all()}
    assert shared() == {
        pair: number for pair in combinations(sorted(sets), 2) if (number := len(sets[pair[0]] & sets[pair[1]]))
    }
    assert dict(Segment.objects.values_list("pk", "size")) == {pk: len(numbers) for pk, numbers in sets.items()}


def test_replaced_members_are_stored_counted_told_and_remembered():
    a, b = make("A", [1, 2, 3]), make("B", [3, 4])
    Event.objects.all().delete()

    fill(b, [2, 3, 9])

    assert members(b) == {2, 3, 9}
    assert (b.size, b.version) == (3, 3)
    assert shared() == {(a.pk, b.pk): 2}
    assert list(Event.objects.values_list("topic", "payload")) == [
        ("segment.changed", {"segments": [b.pk], "everybody": False})
    ]
    entry = HistoryEntry.objects.latest("pk")
    assert (entry.verb, entry.subject, entry.changes) == ("segment.replaced", "segment:B", {"size": [2, 3]})


def test_the_same_members_again_change_nothing():
    a = make("A", [1, 2, 3])
    before = Segment.objects.values().get(pk=a.pk), Event.objects.count(), HistoryEntry.objects.count()

    fill(a, [3, 2, 1])

    assert (Segment.objects.values().get(pk=a.pk), Event.objects.count(), HistoryEntry.objects.count()) == before


def test_the_bitmap_given_and_the_bitmaps_returned_are_independent_of_what_is_stored():
    given = BitMap([1, 2])
    a = make("A")
    segments.replace_members(segment=a, numbers=given, by=None, now=NOW)

    segments.members(Segment.objects.get(pk=a.pk)).add(7)
    given.add(8)

    assert members(a) == {1, 2}


def test_a_segment_without_any_bytes_is_empty():
    assert segments.members(Segment.objects.create(code="A", name="A", members=b"")) == BitMap()


def test_replacing_many_returns_what_really_changed_and_announces_once():
    a, b, c = make("A", [1]), make("B", [2]), make("C", [1, 2])
    Event.objects.all().delete()

    changed = segments.replace_many({a.pk: BitMap([1]), b.pk: BitMap([1, 3]), c.pk: BitMap([3])}, by=None, now=NOW)

    assert changed == [b.pk, c.pk]
    assert Event.objects.get().payload["segments"] == [b.pk, c.pk]
    assert_counts_are_right()


def test_an_import_announces_by_itself():
    a = make("A", [1])
    Event.objects.all().delete()

    assert segments.replace_many({a.pk: BitMap([2])}, by=None, now=NOW, announce=False) == [a.pk]

    assert not Event.objects.exists()


def test_nobody_included_and_excluded_is_everybody():
    add_customers(3)

    assert segments.audience_of(include=[], exclude=[]) is None
    assert set(segments.members(None)) == {0, 1, 2}
    assert not Segment.objects.exists()


def test_everybody_leaves_out_numbers_that_nobody_has():
    add_customers(4)
    Customer.objects.get(number=1).delete()

    assert set(segments.members(None)) == {0, 2, 3}


def test_one_segment_is_its_own_audience():
    a = make("A", [1])

    assert segments.audience_of(include=[a.pk, a.pk], exclude=[]) == a
    assert Segment.objects.count() == 1


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        ("AB", "", {1, 2, 3, 4}),
        ("AB", "C", {2, 3}),
        ("A", "BC", {2}),
        ("A", "A", set()),
        ("", "A", {0, 4, 5}),
        ("", "ABC", {0, 5}),
    ],
)
def test_a_combination_is_the_union_of_what_it_includes_less_what_it_excludes(include, exclude, expected):
    add_customers(6)
    ids = {"A": make("A", [1, 2, 3]).pk, "B": make("B", [3, 4]).pk, "C": make("C", [1, 4]).pk}

    audience = segments.audience_of(include=[ids[c] for c in include], exclude=[ids[c] for c in exclude])

    assert set(segments.members(audience)) == expected
    assert audience.kind == Segment.Kind.COMBINED
    assert_counts_are_right()


def test_a_combination_is_made_once_in_whatever_order_it_is_named():
    a, b, c = make("A", [1]), make("B", [2]), make("C", [1])

    first = segments.audience_of(include=[a.pk, b.pk], exclude=[c.pk])
    second = segments.audience_of(include=[b.pk, a.pk, b.pk], exclude=[c.pk])

    assert first == second
    assert first.name == "A + B - C"
    assert Segment.objects.filter(kind=Segment.Kind.COMBINED).count() == 1


def test_a_combination_follows_its_segments():
    a, b, c = make("A", [1]), make("B", [2]), make("C", [1, 3])
    audience = segments.audience_of(include=[a.pk, b.pk], exclude=[c.pk])
    other = segments.audience_of(include=[b.pk], exclude=[c.pk])
    Event.objects.all().delete()

    fill(a, [1, 5])

    assert members(audience) == {2, 5}
    assert [Segment.objects.get(pk=one.pk).version for one in (audience, other)] == [2, 1]
    assert Event.objects.get().payload["segments"] == [a.pk, audience.pk]
    assert_counts_are_right()


def test_everybody_but_some_follows_new_customers():
    add_customers(3)
    a = make("A", [1])
    audience = segments.audience_of(include=[], exclude=[a.pk])
    Event.objects.all().delete()

    add_customers(2)
    changed = segments.customers_added(now=NOW)

    assert changed == [audience.pk]
    assert members(audience) == {0, 2, 3, 4}
    assert Event.objects.get().payload == {"segments": [audience.pk], "everybody": True}
    assert_counts_are_right()


def test_many_combinations_take_as_many_queries_as_one():
    ids = [make(f"S{n}", range(n, n + 5)).pk for n in range(12)]
    wanted = [segments.expression([a, b], []) for a, b in combinations(ids, 2)]

    with CaptureQueriesContext(connection) as for_one:
        segments.audiences_of(wanted[:1])
    with CaptureQueriesContext(connection) as for_many:
        found = segments.audiences_of(wanted)

    assert len(found) == 66
    assert len(set(found.values())) == 66
    # More rows of shared counts than fit into one statement of SQLite.
    assert len(for_many) <= len(for_one) + 10
    assert_counts_are_right()


@pytest.mark.parametrize("seed", range(5))
def test_counts_stay_right_whatever_happens(seed):
    random = Random(seed)
    add_customers(10)
    named = [make(f"S{n}") for n in range(5)]
    for _ in range(15):
        match random.randrange(3):
            case 0:
                chosen = random.sample(named, random.randrange(1, 4))
                numbers = {s.pk: BitMap(random.sample(range(10), random.randrange(8))) for s in chosen}
                segments.replace_many(numbers, by=None, now=NOW)
            case 1:
                chosen = [s.pk for s in random.sample(named, 3)]
                cut = random.randrange(4)
                segments.audience_of(include=chosen[:cut], exclude=chosen[cut:])
            case 2:
                add_customers(1)
                segments.customers_added(now=NOW)
        assert_counts_are_right()
    for audience in Segment.objects.filter(kind=Segment.Kind.COMBINED):
        include, exclude = audience.expression["include"], audience.expression["exclude"]
        wanted = set().union(*(members(Segment(pk=pk)) for pk in include)) if include else set(segments.everybody())
        assert members(audience) == wanted.difference(*(members(Segment(pk=pk)) for pk in exclude))
