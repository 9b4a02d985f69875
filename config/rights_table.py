"""The table of steps in docs/approval.md, read from approvals.rules.rights."""

from approvals.rules.rights import RIGHTS, ROLES
from config.paths import BASE_DIR

DOCUMENT = BASE_DIR / "docs" / "approval.md"
BEGIN, END = "<!-- steps: manage.py rights_table --write -->", "<!-- end of steps -->"
STATES = ("draft", "submitted", "approved", "live", "paused", "ended", "cancelled")


def table() -> str:
    rows = []
    for step, right in RIGHTS.items():
        sources = ", ".join(state for state in STATES if state in right.sources)
        who = ", ".join(words for role, words in ROLES.items() if role in right.roles) or "by itself"
        rows.append(f"| {step} | {sources} | {right.target or 'stays'} | {who} | {right.but} |")
    return "\n".join(["| step | from | to | who | but |", "|---|---|---|---|---|", *rows])


def in_document() -> str:
    """The document as it must be."""
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"
