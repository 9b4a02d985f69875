"""Whether each cell holds what its column may hold, looked at as SQL: one pass per column.

SQL finds the cells, quickly and in bounded memory; what is wrong with each is said by the rules that also read forms.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from campaigns.actions.dataset.folder import Folder
from campaigns.actions.dataset.problems import SHOWN
from campaigns.rules.dataset import FALSE_WORDS, LISTED, SEPARATOR, TABLES, TRUE_WORDS, Column
from customers.languages import Text
from customers.rules import days, numbers, text
from customers.rules.text import shown


@dataclass(frozen=True)
class Check:
    """`wrong` is SQL, true for a wrong cell `v`; `say` gives the text for people, "" if nothing is wrong after all.

    A check that is `unsure` finds cells that may be right: each of them is asked of `say`.
    """

    wrong: str
    say: Callable[[str], str]
    is_unsure: bool = False


DEEPEST_JSON = 20

# Other characters may be refused, so the rule looks at each text that has one: Persian and emoji need some of them.
_PLAIN = "".join(rf"\x{{{first:X}}}-\x{{{last:X}}}" for first, last in text.PLAIN)

# So much of a cell is brought to Python: the rest of a cell that is too long says nothing more.
_SHOWN_OF_A_CELL = 1000


def check_cells(folder: Folder) -> None:
    columns = [(table, name) for table, names in folder.columns.items() for name in names]
    for number, (table, name) in enumerate(columns, start=1):
        column = TABLES[table].column(name)
        assert column is not None
        _check_column(folder, table, column)
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
        check = _empty() if kind == -1 else checks[kind]
        if check.is_unsure:
            _ask_each(
                folder, table, column.name, check, f"SELECT line, v FROM ({judged}) WHERE k = {kind} ORDER BY line"
            )
            continue
        start = f"SELECT line, left(v, {_SHOWN_OF_A_CELL}) FROM ({judged})"
        rows = folder.all(f"{start} WHERE k = {kind} ORDER BY line LIMIT {SHOWN}")
        folder.problems.add_rows(table, column.name, count, rows, check.say)


def _ask_each(folder: Folder, table: str, column: str, check: Check, sql: str) -> None:
    found, count = [], 0
    for rows in folder.stream(sql, 200):
        for line, value in rows:
            if check.say(value):
                count += 1
                found.append((line, value))
        del found[SHOWN:]
    folder.problems.add_rows(table, column, count, found, check.say)


def _empty() -> Check:
    return Check("", lambda value: str(_("this cell must not be empty")))


def _says(message: Text, **values: object) -> Callable[[str], str]:
    """Says `message` of %(value)s, the cell, with the other values."""
    return lambda value: str(message) % ({"value": shown(value)} | values)


def _checks(table: str, column: Column) -> list[Check]:
    checks: list[Check] = []
    if column.size:
        message = _("“%(value)s” has more than %(size)d characters")
        checks.append(Check(f"length(v) > {column.size}", _says(message, size=column.size)))
    checks += _KINDS[column.kind](column)
    if column.name == "code" and table in LISTED:
        message = _("“%(value)s” contains “|”, which separates codes in a list")
        checks.append(Check(f"contains(v, '{SEPARATOR}')", _says(message)))
    return checks


def _line(column: Column) -> list[Check]:
    return [Check(f"NOT regexp_full_match(v, '[{_PLAIN}]*')", text.wrong, is_unsure=True)]


def _prose(column: Column) -> list[Check]:
    def say(value: str) -> str:
        return text.wrong(value.replace("\r\n", "\n").replace("\r", "\n"), several_lines=True)

    return [Check(rf"NOT regexp_full_match(v, '[{_PLAIN}\t\n\r]*')", say, is_unsure=True)]


def _decimal(column: Column) -> list[Check]:
    number = "try_cast(v AS DECIMAL(38, 8))"
    wrong = (
        r"NOT regexp_full_match(v, '-?[0-9]+(\.[0-9]+)?')",
        f"{number} IS NULL",
        f"{number} NOT BETWEEN {column.low} AND {column.high}",
        rf"regexp_matches(v, '\.[0-9]{{{column.places}}}[0-9]*[1-9]')",
    )
    low, high = Decimal(column.low), Decimal(column.high)
    return [Check(" OR ".join(wrong), _refusal(partial(numbers.decimal, low=low, high=high, places=column.places)))]


def _integer(column: Column) -> list[Check]:
    number = "try_cast(v AS BIGINT)"
    wrong = (
        "NOT regexp_full_match(v, '-?[0-9]+')",
        f"{number} IS NULL",
        f"{number} NOT BETWEEN {column.low} AND {column.high}",
    )
    return [Check(" OR ".join(wrong), _refusal(partial(numbers.integer, low=int(column.low), high=int(column.high))))]


def _date(column: Column) -> list[Check]:
    wrong = (
        "NOT regexp_full_match(v, '[0-9]{4}-[0-9]{2}-[0-9]{2}')",
        "try_cast(v AS DATE) IS NULL",
        f"year(try_cast(v AS DATE)) NOT BETWEEN {days.FIRST_YEAR} AND {days.LAST_YEAR}",
    )
    return [Check(" OR ".join(wrong), _refusal(days.day))]


def _refusal(read: Callable[[str], object]) -> Callable[[str], str]:
    """What a rule says of a cell that it does not read."""

    def say(value: str) -> str:
        try:
            read(value)
        except (numbers.WrongNumber, days.WrongDay) as error:
            return error.message
        raise AssertionError(f"SQL and the rule disagree about {value!r}")

    return say


def _time(column: Column) -> list[Check]:
    message = _("“%(value)s” is not a time: write hours and minutes, such as 21:30")
    return [Check("NOT regexp_full_match(v, '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?')", _says(message))]


def _choice(column: Column) -> list[Check]:
    return _one_of(column.choices, "v")


def _boolean(column: Column) -> list[Check]:
    return _one_of((*TRUE_WORDS, *FALSE_WORDS), "lower(v)")


def _one_of(words: tuple[str, ...], what: str) -> list[Check]:
    allowed = ", ".join(f"'{word}'" for word in words)
    message = _("“%(value)s” is unknown: write one of %(choices)s")
    return [Check(f"{what} NOT IN ({allowed})", _says(message, choices=", ".join(words)))]


def _currency(column: Column) -> list[Check]:
    message = _("“%(value)s” is another currency: this company plans in %(currency)s")
    return [Check(f"v <> '{settings.CURRENCY}'", _says(message, currency=settings.CURRENCY))]


def _email(column: Column) -> list[Check]:
    message = _("“%(value)s” is not an e-mail address")
    part = r"[^@\s\p{Cc}\p{Cf}]+"
    return [Check(rf"NOT regexp_full_match(v, '{part}@{part}\.{part}')", _says(message)), *_line(column)]


def _language(column: Column) -> list[Check]:
    message = _("“%(value)s” is not a language: write its code, such as es or en-GB")
    return [Check("NOT regexp_full_match(v, '[A-Za-z]{2,3}(-[A-Za-z0-9]{2,4})?')", _says(message))]


def _codes(column: Column) -> list[Check]:
    empty = "len(list_filter(string_split(v, '|'), lambda part: trim(part) = '')) > 0"
    message = _("“%(value)s” lists an empty code: separate codes by one “|”")
    return [*_line(column), Check(empty, _says(message))]


def _object(column: Column) -> list[Check]:
    """JSON as strict as both databases: DuckDB would take NaN, trailing commas and keys named twice."""
    return [Check("v IS NOT NULL", wrong_object, is_unsure=True)]


_KINDS: dict[str, Callable[[Column], list[Check]]] = {
    "code": _line,
    "text": _line,
    "prose": _prose,
    "terms": _line,
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
    "json": _object,
}


def wrong_object(written: str) -> str:
    """What is wrong with the text of a JSON object; "" if nothing is."""
    try:
        value = json.loads(written, object_pairs_hook=_no_key_twice, parse_constant=_no_constant, parse_float=_finite)
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
    if _unwritable(written):
        return str(_("contains a character that no database keeps (\\u0000 or half of a pair)"))
    return ""


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(_("a key stands twice"))
    return found


def _no_constant(name: str) -> None:
    raise ValueError(_("%(constant)s is no number") % {"constant": name})


def _finite(written: str) -> float:
    number = float(written)
    if number in (float("inf"), float("-inf")):
        raise ValueError(_("%(number)s is too large") % {"number": written[:20]})
    return number


def _depth(value: Any) -> int:
    children = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return 1 + max(map(_depth, children), default=0) if isinstance(value, dict | list) else 0


def _unwritable(written: str) -> bool:
    if "\\u" not in written:
        return False
    plain = json.dumps(json.loads(written), ensure_ascii=False)
    return "\\u0000" in plain or any("\ud800" <= character <= "\udfff" for character in plain)
