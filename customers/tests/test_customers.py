from datetime import UTC, datetime

import pytest
from django.db import connection

from customers.actions.channels import put_channels
from customers.actions.customers import add_customers
from customers.actions.segment_names import put_segments
from customers.actions.segments import audience_of, members
from customers.models import Channel, Customer, Event, Segment

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def numbers():
    return dict(Customer.objects.values_list("code", "number"))


def test_numbers_are_dense_and_follow_the_rows():
    add_customers([{"code": "b"}, {"code": "a"}], now=NOW)
    add_customers([{"code": "c"}, {"code": "a"}, {"code": "d"}], now=NOW)
    assert numbers() == {"b": 0, "a": 1, "c": 2, "d": 3}


def test_known_customer_keeps_number_and_what_is_not_named():
    add_customers([{"code": "a", "household": "H1", "attributes": {"age": 40}}], now=NOW)
    done = add_customers([{"code": "a", "email": "a@example.com"}], now=NOW)
    customer = Customer.objects.get()
    assert (customer.number, customer.household, customer.attributes) == (0, "H1", {"age": 40})
    assert done.counts == {"created": 0, "updated": 1, "unchanged": 0}


def test_same_rows_again_write_nothing():
    rows = [{"code": "a", "household": "H1", "attributes": {"age": 40}}]
    add_customers(rows, now=NOW)
    written = []

    def watch(execute, sql, params, many, context):
        if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE")):
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        assert add_customers(rows, now=NOW).counts == {"created": 0, "updated": 0, "unchanged": 1}
    assert written == []


def test_everybody_but_some_follows_new_customers():
    add_customers([{"code": "a"}, {"code": "b"}], now=NOW)
    put_segments([{"code": "S", "name": "S"}])
    everybody_but = audience_of(include=[], exclude=[Segment.objects.get(code="S").pk])
    add_customers([{"code": "c"}], now=NOW)
    everybody_but.refresh_from_db()
    assert list(members(everybody_but)) == [0, 1, 2]
    assert Event.objects.filter(topic="segment.changed", payload__everybody=True).exists()


def test_number_of_queries_does_not_grow_with_the_rows(django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        add_customers([{"code": f"c{n}"} for n in range(500)], now=NOW)


def test_new_segment_is_nobody_and_a_known_one_keeps_its_customers():
    put_segments([{"code": "S", "name": "S"}])
    segment = Segment.objects.get()
    assert (list(members(segment)), segment.size, segment.kind) == ([], 0, "named")
    put_segments([{"code": "S", "name": "Better name"}])
    assert Segment.objects.get().name == "Better name"


def test_channels_by_code():
    put_channels([{"code": "mail", "name": "Mail", "capacity_per_day": 5}])
    put_channels([{"code": "mail", "name": "E-mail"}, {"code": "shop", "name": "Shop"}])
    assert set(Channel.objects.values_list("code", "name", "capacity_per_day")) == {
        ("mail", "E-mail", 5),
        ("shop", "Shop", None),
    }
