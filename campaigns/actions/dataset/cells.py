"""Whether each cell holds what its column may hold, looked at as SQL: one pass per column."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.actions.dataset.folder import Folder
from campaigns.actions.dataset.problems import SHOWN, shown
from campaigns.rules.dataset import (
    FALSE_WORDS,
    FIRST_YEAR,
    LAST_YEAR,
    LISTED,
    SEPARATOR,
    TABLES,
    TRUE_WORDS,
    Column,
)


@dataclass(frozen=True)
class Check:
    """`wrong` is SQL, true for a wrong cell `v`; `text` says so of %(value)s, the cell, with the other `values`."""

    wrong: str
    text: str
    values: Mapping[str, object] = field(default_factory=dict)


DEEPEST_JSON = 20

# Characters that nobody sees, that turn a line around or that end it. Emoji need the joiners (200C, 200D).
_UNSEEN = r"\x{200B}\x{200E}\x{200F}\x{061C}\x{2028}-\x{202E}\x{2060}-\x{2069}\x{FEFF}\x{FFF9}-\x{FFFB}"
_IN_CODES = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]"
_IN_TEXT = rf"[\p{{Cc}}{_UNSEEN}]"
_IN_PROSE = rf"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F{_UNSEEN}]"


def check_cells(folder: Folder) -> None:
    columns = [(table, name) for table, names in folder.columns.items() for name in names]
    for number, (table, name) in enumerate(columns, start=1):
        column = TABLES[table].column(name)
        assert column is not None
        _check_column(folder, table, column)
        if column.kind == "json":
            _check_objects(folder, table, name)
        folder.progress("check cells", number, len(columns))


def _check_column(folder: Folder, table: str, column: Column) -> None:
    checks = _checks(table, column)
    if not checks:
        return
    cases = " ".join(f"WHEN {check.wrong} THEN {number}" for number, check in enumerate(checks))
    empty = "-1" if column.required else "NULL"
    judged = f"""
        SELECT line, v, CASE WHEN v IS NULL THEN {empty} {cases} END AS k
        FROM (SELECT line, "{column.name}" AS v FROM "{table}")"""
    counts = folder.all(f"SELECT k, count(*) FROM ({judged}) WHERE k IS NOT NULL GROUP BY k ORDER BY k")
    for kind, count in counts:
        check = Check("", _("this cell must not be empty")) if kind == -1 else checks[kind]
        rows = folder.all(f"SELECT line, v FROM ({judged}) WHERE k = {kind} ORDER BY line LIMIT {SHOWN}")
        folder.problems.add_rows(table, column.name, count, rows, partial(_say, check))


def _say(check: Check, value: object) -> str:
    return check.text % ({"value": shown(value)} | dict(check.values))


def _checks(table: str, column: Column) -> list[Check]:
    checks: list[Check] = []
    if column.size:
        text = _("“%(value)s” has more than %(size)d characters")
        checks.append(Check(f"length(v) > {column.size}", text, {"size": column.size}))
    checks += _KINDS[column.kind](column)
    if column.name == "code" and table in LISTED:
        text = _("“%(value)s” contains “|”, which separates codes in a list")
        checks.append(Check(f"contains(v, '{SEPARATOR}')", text))
    return checks


def _without(characters: str) -> Callable[[Column], list[Check]]:
    def checks(column: Column) -> list[Check]:
        text = _("“%(value)s” contains a control character or one that nobody sees: type it again")
        return [Check(f"regexp_matches(v, '{characters}')", text)]

    return checks


def _decimal(column: Column) -> list[Check]:
    return [
        Check(
            r"NOT regexp_full_match(v, '-?[0-9]+(\.[0-9]+)?')",
            _("“%(value)s” is not a number: digits and a decimal point, such as 12.50"),
        ),
        _range(column, "try_cast(v AS DECIMAL(38, 8))"),
        Check(
            rf"regexp_matches(v, '\.[0-9]{{{column.places}}}[0-9]*[1-9]')",
            _("“%(value)s” has more than %(places)d decimal places"),
            {"places": column.places},
        ),
    ]


def _integer(column: Column) -> list[Check]:
    return [
        Check("NOT regexp_full_match(v, '-?[0-9]+')", _("“%(value)s” is not a whole number, such as 12")),
        _range(column, "try_cast(v AS BIGINT)"),
    ]


def _range(column: Column, number: str) -> Check:
    return Check(
        f"{number} IS NULL OR {number} NOT BETWEEN {column.low} AND {column.high}",
        _("“%(value)s” is out of range: from %(low)s to %(high)s"),
        {"low": column.low, "high": column.high},
    )


def _date(column: Column) -> list[Check]:
    return [
        Check(
            "NOT regexp_full_match(v, '[0-9]{4}-[0-9]{2}-[0-9]{2}') OR try_cast(v AS DATE) IS NULL",
            _("“%(value)s” is not a day: write year-month-day, such as 2026-11-30"),
        ),
        Check(
            f"year(try_cast(v AS DATE)) NOT BETWEEN {FIRST_YEAR} AND {LAST_YEAR}",
            _("“%(value)s” is no year to plan in: from %(first)s to %(last)s"),
            {"first": FIRST_YEAR, "last": LAST_YEAR},
        ),
    ]


def _time(column: Column) -> list[Check]:
    text = _("“%(value)s” is not a time: write hours and minutes, such as 21:30")
    return [Check("NOT regexp_full_match(v, '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?')", text)]


def _choice(column: Column) -> list[Check]:
    return _one_of(column.choices, "v")


def _boolean(column: Column) -> list[Check]:
    return _one_of((*TRUE_WORDS, *FALSE_WORDS), "lower(v)")


def _one_of(words: tuple[str, ...], what: str) -> list[Check]:
    allowed = ", ".join(f"'{word}'" for word in words)
    text = _("“%(value)s” is unknown: write one of %(choices)s")
    return [Check(f"{what} NOT IN ({allowed})", text, {"choices": ", ".join(words)})]


def _currency(column: Column) -> list[Check]:
    text = _("“%(value)s” is another currency: this company plans in %(currency)s")
    return [Check(f"v <> '{settings.CURRENCY}'", text, {"currency": settings.CURRENCY})]


def _email(column: Column) -> list[Check]:
    text = _("“%(value)s” is not an e-mail address")
    part = r"[^@\s\p{Cc}\p{Cf}]+"
    return [Check(rf"NOT regexp_full_match(v, '{part}@{part}\.{part}')", text)]


def _language(column: Column) -> list[Check]:
    text = _("“%(value)s” is not a language: write its code, such as es or en-GB")
    return [Check("NOT regexp_full_match(v, '[A-Za-z]{2,3}(-[A-Za-z0-9]{2,4})?')", text)]


def _codes(column: Column) -> list[Check]:
    empty = "len(list_filter(string_split(v, '|'), lambda part: trim(part) = '')) > 0"
    text = _("“%(value)s” lists an empty code: separate codes by one “|”")
    return [*_without(_IN_CODES)(column), Check(empty, text)]


def _nothing(column: Column) -> list[Check]:
    return []


_KINDS: dict[str, Callable[[Column], list[Check]]] = {
    "code": _without(_IN_CODES),
    "text": _without(_IN_TEXT),
    "prose": _without(_IN_PROSE),
    "terms": _without(_IN_CODES),
    "email": _email,
    "language": _language,
    "date": _date,
    "time": _time,
    "decimal": _decimal,
    "integer": _integer,
    "boolean": _boolean,
    "choice": _choice,
    "currency": _currency,
    "codes": _codes,
    "json": _nothing,
}


def _check_objects(folder: Folder, table: str, column: str) -> None:
    """JSON as strict as both databases: DuckDB would take NaN, trailing commas and keys named twice."""
    sql = f'SELECT line, "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL ORDER BY line'
    found, count = [], 0
    for rows in folder.stream(sql):
        for line, value in rows:
            if wrong := wrong_object(value):
                count += 1
                found.append((line, wrong))
        del found[SHOWN:]
    folder.problems.add_rows(table, column, count, found, str)


def wrong_object(text: str) -> str:
    """What is wrong with the text of a JSON object; "" if nothing is."""
    try:
        value = json.loads(text, object_pairs_hook=_no_key_twice, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        return _("not valid JSON (%(reason)s): write an object, such as %(example)s") % {
            "reason": reason,
            "example": '{"size": "M"}',
        }
    if not isinstance(value, dict):
        return _("not an object: write something such as %(example)s") % {"example": '{"size": "M"}'}
    if _depth(value) > DEEPEST_JSON:
        return _("more than %(depth)d levels deep") % {"depth": DEEPEST_JSON}
    if _unwritable(text):
        return _("contains a character that no database keeps (\\u0000 or half of a pair)")
    return ""


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(_("a key stands twice"))
    return found


def _no_constant(name: str) -> None:
    raise ValueError(_("%(constant)s is no number") % {"constant": name})


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(_("%(number)s is too large") % {"number": text[:20]})
    return number


def _depth(value: Any) -> int:
    children = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return 1 + max(map(_depth, children), default=0) if isinstance(value, dict | list) else 0


def _unwritable(text: str) -> bool:
    if "\\u" not in text:
        return False
    plain = json.dumps(json.loads(text), ensure_ascii=False)
    return "\\u0000" in plain or any("\ud800" <= character <= "\udfff" for character in plain)
