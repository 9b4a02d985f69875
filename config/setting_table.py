"""The table of settings in docs/operations.md, read from the code that reads the environment.

A variable is explained where it is read, by comment lines that begin with `#:`; the line "Without it: …" tells what
holds when it is not set, where the default in the code does not say so to a reader.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from config.paths import BASE_DIR

SOURCES = ("config/settings.py", "config/paths.py", "config/gunicorn.py")
DOCUMENT = BASE_DIR / "docs" / "operations.md"
BEGIN, END = "<!-- settings: manage.py settings_table --write -->", "<!-- end of settings -->"
# Says where tests keep their database: nothing for operators.
LEFT_OUT = {"TEST_DB"}

_WITHOUT = "Without it: "


@dataclass(frozen=True)
class Setting:
    name: str
    without: str
    help: str


def settings() -> list[Setting]:
    """Every variable that the house reads, in the order of the code; `help` is empty where nobody explained it."""
    found: dict[str, Setting] = {}
    for path in SOURCES:
        source = (BASE_DIR / path).read_text()
        lines = source.splitlines()
        for call, name in _readings(ast.parse(source)):
            if name not in LEFT_OUT:
                without, text = _split(_explained(lines, call.lineno))
                # One that is read in two places is explained at the first.
                found.setdefault(name, Setting(name, without or _default(call), text))
    return list(found.values())


def table() -> str:
    rows = [f"| `{one.name}` | {one.without} | {one.help} |" for one in settings()]
    return "\n".join(["| variable | without it | meaning |", "|---|---|---|", *rows])


def in_document() -> str:
    """The document as it must be."""
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def _readings(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Calls like env.str("NAME", …) and os.environ.get("NAME", …), first in the file first."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        owner = ast.unparse(call.func.value)
        reads = owner == "env" or (owner == "os.environ" and call.func.attr == "get")
        if reads and call.args and isinstance(call.args[0], ast.Constant):
            yield call, str(call.args[0].value)


def _explained(lines: list[str], number: int) -> list[str]:
    """The `#:` lines right above line `number` (from 1)."""
    told: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not (found := re.fullmatch(r"\s*#: ?(.*)", line)):
            break
        told.insert(0, found[1])
    return told


def _split(told: list[str]) -> tuple[str, str]:
    without = [line.removeprefix(_WITHOUT).rstrip(".") for line in told if line.startswith(_WITHOUT)]
    return " ".join(without), " ".join(line for line in told if not line.startswith(_WITHOUT))


def _default(call: ast.Call) -> str:
    given = next((word.value for word in call.keywords if word.arg == "default"), None)
    try:
        value = ast.literal_eval(given) if given else None
    except ValueError:
        return ""  # put together by code: only words can tell
    if isinstance(value, bool):
        return "on" if value else "off"
    text = ",".join(value) if isinstance(value, list) else str(value if value is not None else "")
    return f"`{text}`" if text else "none"
