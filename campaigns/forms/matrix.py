"""The RACI matrix as a form: what is stored, what was posted, and what fills it before it is saved."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.translation import gettext as _

from campaigns.choices import ActivityKind, RaciLetter
from campaigns.forms.reasons import stamp
from campaigns.models import AddedActivity, Campaign, Department, Membership
from campaigns.queries.raci import Cells, cells_of, matrix_of, works_here
from campaigns.rules.raci import flaws

LETTERS = ["", *RaciLetter.values]


class Matrix:
    """`cells` are what the page shows; `left` are stored letters of people who have left, which saving takes away.

    `departments`, `members` and `colleagues` are those that the reader sees: the columns, whom a column can be added for,
    and who can answer for an activity.
    """

    def __init__(
        self,
        campaign: Campaign,
        *,
        departments: Sequence[Department],
        members: Sequence[Membership],
        colleagues: Sequence[User],
    ) -> None:
        self.campaign, self.departments, self.colleagues = campaign, departments, colleagues
        self.members = {f"{one.user_id}-{one.department_id}": one for one in members}
        stored = matrix_of(campaign)
        self.stored = cells_of(stored)
        self.stored.accountable = {row.activity.code: row.activity.accountable_id for row in stored}
        self.left = [role for row in stored for role in row.left]
        self.labels = {row.activity.code: row.activity.label for row in stored}
        self.gone = {
            row.activity.code: row.activity.accountable
            for row in stored
            if row.activity.accountable and not works_here(row.activity.accountable)
        }
        self.addable = {one.code: one for one in AddedActivity.objects.all()}
        self.cells = Cells(
            dict(self.stored.accountable), dict(self.stored.roles), dict(self.stored.people), list(self.stored.added)
        )
        self.columns = self._columns()
        kept = (
            self.stored.accountable.items(),
            self.stored.roles.items(),
            self.stored.people.items(),
            self.stored.added,
        )
        self.seen = stamp([*map(sorted, kept), sorted((role.pk, role.letter) for role in self.left)])

    def fill(self, cells: Cells, *, with_people: bool) -> None:
        """Show other cells instead; nothing is saved yet. Without `with_people` the letters of people stay."""
        people = cells.people if with_people else self.cells.people
        known = {*ActivityKind.values, *self.addable}
        added = [*self.cells.added, *(code for code in cells.added if code not in self.cells.added)]
        self.cells = Cells(
            {code: person for code, person in cells.accountable.items() if code in known},
            {cell: letter for cell, letter in cells.roles.items() if cell[0] in known},
            {cell: letter for cell, letter in people.items() if f"{cell[1]}-{cell[2]}" in self.members},
            [code for code in added if code in self.addable],
        )
        self.columns = self._columns()

    def read(self, data: QueryDict) -> list[str]:
        """Take what was posted; returns what is wrong with it. A cell that is not posted stays as it is."""
        wrong: set[str] = set()
        if "activity" in data:
            self.cells.added = [code for code in data.getlist("activity") if code in self.addable]
        self.columns = [key for key in (data.getlist("person") or self.columns) if key in self.members]
        for code in self.codes():
            self._read_accountable(code, data, wrong)
            for department in self.departments:
                cell = (code, department.pk)
                self._read_letter(self.cells.roles, cell, data.get(f"r-{code}-{department.pk}"), wrong)
            for key in self.columns:
                member = self.members[key]
                cell_of_person = (code, member.user_id, member.department_id)
                self._read_letter(self.cells.people, cell_of_person, data.get(f"p-{code}-{key}"), wrong)
        if data.get("seen") != self.seen:
            wrong.add(
                _(
                    "Somebody else saved the matrix while you were editing. Your cells are below: compare and save again."
                )
            )
        return sorted(wrong)

    def add_column(self, key: str) -> bool:
        if key not in self.members:
            return False
        if key not in self.columns:
            self.columns.append(key)
        return True

    def add_activity(self, code: str) -> bool:
        if code not in self.addable:
            return False
        if code not in self.cells.added:
            self.cells.added.append(code)
            self.cells.roles.setdefault((code, self.campaign.department_id), RaciLetter.RESPONSIBLE)
        return True

    def drop_activity(self, code: str) -> None:
        self.cells.added = [one for one in self.cells.added if one != code]

    def codes(self) -> list[str]:
        return [*ActivityKind.values, *self.cells.added]

    def written(self) -> dict[str, Any]:
        """What campaigns.actions.raci.set_matrix takes: every cell, so that what was emptied is taken away."""
        codes = self.codes()
        people = {user.pk: user for user in self.colleagues}
        stays = self.stored.accountable
        roles = {
            (code, one.pk): self.cells.roles.get((code, one.pk), "") for code in codes for one in self.departments
        }
        gone = {(role.activity.code, role.user_id, role.department_id): "" for role in self.left}
        letters = dict.fromkeys(self.stored.people, "") | gone | self.cells.people
        return {
            "accountable": {
                code: people.get(pk) if (pk := self.cells.accountable.get(code)) else None
                for code in codes
                if self.cells.accountable.get(code) != stays.get(code)
            },
            "roles": roles,
            "people": {cell: letter for cell, letter in letters.items() if cell[0] in codes},
            "added": self.cells.added,
        }

    def rows(self) -> list[dict[str, Any]]:
        """For the page: activities down, departments and people across."""
        return [self._row(code) for code in self.codes()]

    def people_columns(self) -> list[dict[str, Any]]:
        return [{"key": key, "member": self.members[key]} for key in self.columns]

    def members_to_add(self) -> list[tuple[str, Membership]]:
        return [(key, member) for key, member in self.members.items() if key not in self.columns]

    def activities_to_add(self) -> list[AddedActivity]:
        return [one for code, one in self.addable.items() if code not in self.cells.added and not one.is_retired]

    def label(self, code: str) -> str:
        if code in self.labels:
            return self.labels[code]
        return self.addable[code].name if code in self.addable else ActivityKind(code).label

    def _columns(self) -> list[str]:
        # Also whom only the stored matrix names: their emptied cells are posted, so that saving takes the letters away.
        cells = (*self.stored.people, *self.cells.people)
        keys = {f"{person}-{department}" for _code, person, department in cells}
        return [key for key in self.members if key in keys]

    def _read_accountable(self, code: str, data: Mapping[str, str], wrong: set[str]) -> None:
        value = data.get(f"a-{code}")
        if value is None:
            return
        stored = str(self.stored.accountable.get(code) or "")
        known = {str(person.pk) for person in self.colleagues} | {"", stored}
        if value in known:
            self.cells.accountable[code] = int(value) if value else None
        else:
            wrong.add(_("Choose the A of “%(activity)s” from the list.") % {"activity": self.label(code)})

    @staticmethod
    def _read_letter(cells: dict[Any, str], cell: tuple, value: str | None, wrong: set[str]) -> None:
        if value is None:
            return
        if value not in LETTERS:
            wrong.add(_("Roles are R, C or I."))
        elif value:
            cells[cell] = value
        else:
            cells.pop(cell, None)

    def _row(self, code: str) -> dict[str, Any]:
        accountable = self.cells.accountable.get(code)
        departments = [
            {
                "name": f"r-{code}-{department.pk}",
                "of": department.name,
                "letter": self.cells.roles.get((code, department.pk), ""),
                "saved": self.stored.roles.get((code, department.pk), ""),
            }
            for department in self.departments
        ]
        people = [self._cell_of(code, key) for key in self.columns]
        letters = [cell["letter"] for cell in (*departments, *people)]
        inherited = self.campaign.accountable
        gone = self.gone.get(code)
        is_gone = gone is not None and gone.pk == accountable
        answers = not is_gone if accountable else inherited is not None and works_here(inherited)
        return {
            "code": code,
            "label": self.label(code),
            "is_added": code in self.addable,
            "a": accountable,
            "gone": gone,
            "departments": departments,
            "people": people,
            "flaws": flaws(has_accountable=answers, letters=letters),
        }

    def _cell_of(self, code: str, key: str) -> dict[str, Any]:
        member = self.members[key]
        cell = (code, member.user_id, member.department_id)
        return {
            "name": f"p-{code}-{key}",
            "of": member,
            "letter": self.cells.people.get(cell, ""),
            "saved": self.stored.people.get(cell, ""),
        }
