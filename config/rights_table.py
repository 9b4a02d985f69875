"""The tables of steps in the documents, read from the rules: of a campaign's life and of a case."""

from collections.abc import Mapping
from dataclasses import dataclass

from approvals.choices import CaseState
from approvals.rules import case_rights, rights
from approvals.rules.rights import Right
from config.paths import BASE_DIR

BEGIN, END = "<!-- steps: manage.py rights_table --write -->", "<!-- end of steps -->"
STATES = ("draft", "submitted", "approved", "live", "paused", "ended", "cancelled")


@dataclass(frozen=True)
class Table:
    """Who takes which step; `name` is that of the document it stands in."""

    name: str
    rights: Mapping[str, Right]
    roles: Mapping[str, str]
    states: tuple[str, ...]

    @property
    def text(self) -> str:
        rows = []
        for step, right in self.rights.items():
            sources = ", ".join(state for state in self.states if state in right.sources)
            who = ", ".join(words for role, words in self.roles.items() if role in right.roles) or "by itself"
            rows.append(f"| {step} | {sources} | {right.target or 'stays'} | {who} | {right.but} |")
        return "\n".join(["| step | from | to | who | but |", "|---|---|---|---|---|", *rows])

    @property
    def document(self) -> str:
        """The document as it is."""
        return (BASE_DIR / "docs" / self.name).read_text()

    @property
    def in_document(self) -> str:
        """The document as it must be."""
        before, _, rest = self.document.partition(BEGIN)
        _, _, after = rest.partition(END)
        return f"{before}{BEGIN}\n{self.text}\n{END}{after}"

    def write(self) -> None:
        (BASE_DIR / "docs" / self.name).write_text(self.in_document)


TABLES = (
    Table("approval.md", rights.RIGHTS, rights.ROLES, STATES),
    Table("cases.md", case_rights.RIGHTS, case_rights.ROLES, tuple(CaseState.values)),
)
