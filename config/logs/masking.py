"""Taking people's data and secrets out of what is logged.

Code must not log such data in the first place; this is the net below it, for the words of libraries and servers.
"""

import re
from typing import Any

_EMAIL = re.compile(r"(?<![\w.+%-])(?!celery@)[\w.+%-]+@[\w-]+(?:\.[\w-]+)*")
# With + or in groups, or nine digits as Spanish numbers have; dates and longer numbers are none.
_PHONE = re.compile(
    r"(?<![\w.:/-])(?!\d{4}-\d\d-\d\d)"
    r"(?:(?:\+|00)\d[\d ().-]{6,17}\d|\(?\d{2,4}\)?(?:[ .-]\d{2,4}){2,4}|[679]\d{8})(?![\w-])"
)
_LOGIN_IN_URL = re.compile(r"(?<=://)[^\s/@]+(?=@)")
_QUERY = re.compile(r"(?<=[\w/=)>-])\?[\w.~%+-]+=[^\s\"')]*")
_CONFIDENTIAL = r"password|passwd|pwd|secret|token|authorization|api[_-]?key|sessionid|cookie|otp"
# Counted repetitions: with * a long line of words with hyphens takes minutes.
_PAIR = re.compile(
    rf"(?i)((?:{_CONFIDENTIAL})[\w-]{{0,30}}[\"']?\s{{0,5}}[:=]\s{{0,5}})(?:(?:bearer|token|basic)\s{{1,5}})?[^\s,;&)}}]+"
)
# The address of a calendar feed is its secret.
_FEED = re.compile(r"(?<=/calendar/)[\w.%~-]{1,200}(?=\.ics)")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
_NAME_OF_ONE = re.compile(rf"(?i)(?:{_CONFIDENTIAL})")
# To the closing quote or the end of the line. An apostrophe within a word neither opens nor closes: can't, O'Brien.
_QUOTED = re.compile(
    r"""(?<!\w)[bruf]{0,2}'(?:\\.|[^'\n\\]|'(?=\w))*(?:'|$)|"(?:\\.|[^"\n\\])*(?:"|$)|[“‘«][^”’»\n]*(?:[”’»]|$)|`[^`\n]*(?:`|$)"""
)

SECRET = "<secret>"  # noqa: S105 - what stands in its place


def mask(value: Any, *, name: str = "") -> Any:
    """The value without addresses, numbers and secrets; all of it where its name says that it is one."""
    if name and _NAME_OF_ONE.search(name) and value:
        return SECRET
    if isinstance(value, str):
        return _masked(value)
    if isinstance(value, dict):
        return {_masked(str(key)): mask(item, name=str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask(item) for item in value]
    return value if isinstance(value, int | float | bool | None) else _masked(str(value))


def mask_error(message: str) -> str:
    """The first line of an error's message without what it quotes: libraries quote values, databases list rows below."""
    line = message.strip().partition("\n")[0]
    return _masked(_QUOTED.sub("'…'", line))


def _masked(text: str) -> str:
    text = _LOGIN_IN_URL.sub(SECRET, text)
    text = _FEED.sub(SECRET, text)
    text = _QUERY.sub("?…", text)
    text = _PAIR.sub(rf"\1{SECRET}", text)
    text = _BEARER.sub(rf"\1 {SECRET}", text)
    text = _EMAIL.sub("<e-mail>", text)
    return _PHONE.sub("<phone>", text)
