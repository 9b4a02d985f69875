"""Checked cells as values: what Python and the database work with instead of text."""

import json
from typing import Any

from campaigns.actions.dataset.folder import Folder
from campaigns.rules.dataset import TABLES, TRUE_WORDS, Column

_WORDS = ", ".join(f"'{word}'" for word in TRUE_WORDS)

# Text that is missing is empty text in the database; any other value that is missing is NULL.
_EMPTY = {"text", "prose", "email", "language", "choice"}


def arrange(folder: Folder, table: str, order: str) -> int:
    """Make `<table>_typed`: the rows with their values and a number `n` from 0 in the given order. Returns how many."""
    values = [f'{_value(column)} AS "{column.name}"' for column in _columns(folder, table)]
    folder.con.execute(
        f"CREATE OR REPLACE TABLE {table}_typed AS "
        f'SELECT row_number() OVER (ORDER BY {order}) - 1 AS n, {", ".join(values)} FROM "{table}" ORDER BY n'
    )
    return folder.rows_of(f"{table}_typed")


def take(folder: Folder, table: str, start: int, end: int) -> list[dict[str, Any]]:
    """Rows `start` to `end` (exclusive) of an arranged table, by column name."""
    columns = _columns(folder, table)
    names = ", ".join(f'"{column.name}"' for column in columns)
    rows = folder.all(f"SELECT {names} FROM {table}_typed WHERE n >= ? AND n < ? ORDER BY n", [start, end])
    return [{column.name: _loaded(column, value) for column, value in zip(columns, row, strict=True)} for row in rows]


def _columns(folder: Folder, table: str) -> list[Column]:
    return [column for column in TABLES[table].columns if folder.has(table, column.name)]


def _value(column: Column) -> str:
    cell = f'"{column.name}"'
    if column.kind == "prose":
        cell = f"replace(replace({cell}, chr(13) || chr(10), chr(10)), chr(13), chr(10))"
    if column.kind in _EMPTY:
        return f"coalesce({cell}, '')"
    if column.kind == "decimal":
        return f"CAST({cell} AS DECIMAL(18, {column.places}))"
    if column.kind == "boolean":
        return f"lower({cell}) IN ({_WORDS})"
    types = {"integer": "BIGINT", "date": "DATE", "time": "TIME"}
    return f"CAST({cell} AS {types[column.kind]})" if column.kind in types else cell


def _loaded(column: Column, value: Any) -> Any:
    if column.kind == "json":
        return json.loads(value) if value else {}
    if column.kind == "codes":
        return sorted({code.strip() for code in value.split("|")}) if value else []
    return value
