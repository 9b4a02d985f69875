"""Reading JSON without guessing: what Python's reader lets pass and others would understand otherwise is refused."""

import codecs
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from customers.rest.problems import TooLarge

MOST_BYTES = 1024 * 1024
MOST_DEPTH = 20


class StrictJSONParser(JSONParser):
    """One object per request, each name once, numbers as JSON has them, at most 1 MiB and 20 levels deep."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise TooLarge(_("The body is larger than 1 MiB. Send less at a time."))
        return read(raw)


def read(raw: bytes) -> Any:
    """The value that `raw` says.

    Raises:
        ParseError: with the place, as far as it is known.
    """
    try:
        text = codecs.decode(raw, "utf-8")
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=Decimal, parse_int=_integer
        )
    except UnicodeDecodeError as error:
        raise ParseError(_("The body is not UTF-8: byte %(place)d.") % {"place": error.start + 1}) from error
    except json.JSONDecodeError as error:
        raise ParseError(
            _("The body is not JSON: line %(line)d, column %(column)d.")
            % {"line": error.lineno, "column": error.colno}
        ) from error
    except RecursionError as error:
        raise ParseError(_too_deep()) from error
    _check(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ParseError(_("“%(name)s” stands twice in one object. Keep one.") % {"name": twice[:100]})
    return found


def _constant(name: str) -> Any:
    raise ParseError(_("%(name)s is no number in JSON.") % {"name": name})


def _integer(digits: str) -> int:
    # Python refuses to read thousands of digits; no column of ours has twenty.
    if len(digits) > 40:
        raise ParseError(_("A number has %(count)d digits.") % {"count": len(digits)})
    return int(digits)


def _check(value: Any) -> None:
    """Not too deep, and no half of a surrogate pair, which JSON can write and no database can store."""
    level = [value]
    for _depth in range(MOST_DEPTH):
        below: list[Any] = []
        for one in level:
            if isinstance(one, str):
                _check_text(one)
            elif isinstance(one, dict):
                below += [*one.keys(), *one.values()]
            elif isinstance(one, list):
                below += one
        if not below:
            return
        level = below
    if any(isinstance(one, dict | list) for one in level):
        raise ParseError(_too_deep())
    for one in level:
        if isinstance(one, str):
            _check_text(one)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ParseError(_("A text holds half a character (a lone surrogate).")) from error


def _too_deep() -> str:
    return _("The body is nested more than %(depth)d levels deep.") % {"depth": MOST_DEPTH}
