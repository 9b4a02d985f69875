"""Rows of a table brought to what a file says, by code."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, models, transaction

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Upserted(Generic[M]):
    """What became of the rows. `changed` tells of each changed one {field: (before, after)}."""

    created: list[M]
    changed: list[tuple[M, dict[str, tuple[Any, Any]]]]
    unchanged: list[M]

    @property
    def counts(self) -> dict[str, int]:
        return {
            "created": len(self.created),
            "updated": len(self.changed),
            "unchanged": len(self.unchanged),
        }


@transaction.atomic
def upsert(
    model: type[M],
    rows: Sequence[Mapping[str, Any]],
    *,
    before_insert: Callable[[list[M]], None] = lambda new: None,
    keys_wanted: bool = False,
) -> Upserted[M]:
    """Insert the rows whose `code` is new and update the fields in which the others differ.

    Each row names its `code` and the attributes to set, foreign keys as `..._id`; what it does not name stays.
    The stored rows are locked. Without `keys_wanted` new rows do not learn their primary keys. Costs a handful of queries for the whole sequence.
    """
    stored = locked_by_code(model, [row["code"] for row in rows])
    created, changed, unchanged = [], [], []
    for row in rows:
        instance = stored.get(row["code"])
        if instance is None:
            created.append(model(**row))
        elif changes := differences(instance, row):
            changed.append((instance, changes))
        else:
            unchanged.append(instance)
    before_insert(created)
    if keys_wanted:
        write(model, created, changed)
    else:
        insert(model, created)
        update(model, changed)
    return Upserted(created, changed, unchanged)


def locked_by_code(model: type[M], codes: Iterable[str]) -> dict[str, M]:
    rows = model._default_manager.select_for_update(no_key=True).filter(code__in=list(codes)).order_by("pk")
    return {row.code: row for row in rows}  # type: ignore[attr-defined]


def differences(instance: models.Model, wanted: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Set the attributes that differ; returns what they were and are."""
    changes = {}
    for attribute, value in wanted.items():
        before = getattr(instance, attribute)
        if before != value:
            changes[attribute] = (before, value)
            setattr(instance, attribute, value)
    return changes


def write(model: type[M], created: Sequence[M], changed: Iterable[tuple[M, Mapping[str, tuple[Any, Any]]]]) -> None:
    """Insert some rows, whose keys are then known, and update the named attributes of others."""
    model._default_manager.bulk_create(created, batch_size=1000)
    update(model, changed)


def update(model: type[M], changed: Iterable[tuple[M, Mapping[str, tuple[Any, Any]]]]) -> None:
    # Grouped by what differs, so that a new price does not write the attributes of thousands of rows again.
    groups: dict[tuple[str, ...], list[M]] = {}
    for instance, changes in changed:
        groups.setdefault(tuple(sorted(changes)), []).append(instance)
    for attributes, instances in groups.items():
        fields = {field.attname: field.name for field in model._meta.concrete_fields}
        names = [fields[attribute] for attribute in attributes]
        model._default_manager.bulk_update(instances, names, batch_size=500)


def insert(model: type[models.Model], instances: Sequence[models.Model]) -> None:
    """As bulk_create, many times faster; the instances do not learn their keys."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = [_prepared(field, [getattr(instance, field.attname) for instance in instances]) for field in fields]
    insert_rows(model, [field.attname for field in fields], list(zip(*columns, strict=True)))


def insert_rows(model: type[models.Model], attributes: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert values as the driver takes them: numbers and text; every column without a default must be named."""
    if not rows:
        return
    quote = connection.ops.quote_name
    columns = {field.attname: field.column for field in model._meta.concrete_fields}
    names = ", ".join(quote(str(columns[attribute])) for attribute in attributes)
    places = ", ".join(["%s"] * len(attributes))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})", rows)  # noqa: S608 - names of our models


def _prepared(field: "models.Field[Any, Any]", values: list[Any]) -> list[Any]:
    # Most values are as the driver takes them; asking the field for each would cost more than the insert.
    plain = isinstance(field, models.CharField | models.TextField | models.IntegerField | models.ForeignKey)
    return values if plain else [field.get_db_prep_save(value, connection) for value in values]
