"""What columns hold, whoever writes: the database refuses the rest, and `full_clean` says so in words."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from customers.models import Channel, Customer, Segment

TURNED = "a\u202eb"  # from here on, text runs to the left

# Of each model, columns that hold text, and what else a whole row needs.
TEXTS = {
    Channel: ("code", "name"),
    Customer: ("code", "household", "language"),
    Segment: ("code", "name"),
}


@pytest.mark.django_db
@pytest.mark.postgres
@pytest.mark.parametrize("capacity", [-1, 2**31])
def test_the_capacity_of_a_channel_is_within_limits(capacity):
    channel = Channel.objects.create(code="radio", name="Radio", capacity_per_day=2**31 - 1)
    with pytest.raises(DatabaseError), transaction.atomic():
        Channel.objects.update(capacity_per_day=capacity)
    channel.capacity_per_day = capacity
    with pytest.raises(ValidationError) as refusal:
        channel.full_clean()
    assert set(refusal.value.message_dict) == {"capacity_per_day"}
    assert Channel.objects.get().capacity_per_day == 2**31 - 1


@pytest.mark.parametrize(("model", "columns"), TEXTS.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_texts_are_lines_that_can_be_read(model, columns):
    row = model(**dict.fromkeys(columns, TURNED))
    with pytest.raises(ValidationError) as refusal:
        row.clean_fields()
    codes = {name: [one.code for one in errors] for name, errors in refusal.value.error_dict.items()}
    assert {name: codes.get(name) for name in columns} == {name: ["character"] for name in columns}
