"""What was just written is known to PostgreSQL's planner, within the transaction that wrote it too."""

import pytest
from django.db import connection

from customers.actions.statistics import update_statistics
from customers.models import Channel, Customer

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def rows_that_the_planner_expects(model):
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [model._meta.db_table])
        return cursor.fetchone()[0]


def test_planner_knows_what_was_written():
    if connection.vendor != "postgresql":
        update_statistics(Customer, Channel)  # SQLite plans without
        return
    Customer.objects.bulk_create(Customer(number=number, code=f"C{number}") for number in range(5000))
    assert rows_that_the_planner_expects(Customer) < 5000
    update_statistics(Customer, Channel)
    assert rows_that_the_planner_expects(Customer) == 5000
