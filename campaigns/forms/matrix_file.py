"""A RACI matrix as a CSV file: one line per cell, with activities, departments and people by their codes and user names."""

import csv
import io
from collections.abc import Iterator, Sequence

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from campaigns.choices import ActivityKind, RaciLetter
from campaigns.models import AddedActivity, Campaign, Department, Membership
from campaigns.queries.raci import Cells, matrix_of
from customers.rules.spreadsheet import literal
from customers.rules.text import shown

HEADER = ("activity", "letter", "department", "person")
# A matrix of a hundred activities, departments and people is smaller.
LARGEST = 1 << 20
# Wrong lines that are told; who mends them finds the others.
TOLD = 20


def write(campaign: Campaign) -> str:
    """The matrix as it is stored. A line of an A names a person, one of R, C and I a department and perhaps a person."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for row in matrix_of(campaign):
        code = row.activity.code
        if person := row.activity.accountable:
            writer.writerow([literal(code), "A", "", literal(person.get_username())])
        for role in (*row.departments.values(), *row.people):
            name = role.user.get_username() if role.user else ""
            writer.writerow([literal(code), role.letter, literal(role.department.code), literal(name)])
    return out.getvalue()


class MatrixFile:
    """A file that was sent: `cells` for what is right in it, `wrong` for what is not, each with its line."""

    def __init__(
        self,
        content: bytes,
        *,
        departments: Sequence[Department],
        members: Sequence[Membership],
        people: Sequence[User],
    ) -> None:
        self.cells = Cells()
        self.wrong: list[str] = []
        self._departments = {one.code: one.pk for one in departments}
        self._members = {(one.user.get_username(), one.department_id) for one in members}
        self._people = {one.get_username(): one.pk for one in people}
        self._added = set(AddedActivity.objects.values_list("code", flat=True))
        try:
            for number, line in _lines(content):
                if problem := self._take([_as_written(cell) for cell in line]):
                    self.wrong.append(_("Line %(line)d: %(problem)s") % {"line": number, "problem": problem})
        except _Unreadable as error:
            self.wrong = [str(error)]
        if (more := len(self.wrong) - TOLD) > 0:
            self.wrong = [*self.wrong[:TOLD], _("… and %(count)d more") % {"count": more}]

    def _take(self, line: Sequence[str]) -> str:
        """Read one line; returns what is wrong with it."""
        if len(line) != len(HEADER):
            return _("there are %(count)d cells, not 4.") % {"count": len(line)}
        code, letter, department, person = (cell.strip() for cell in line)
        if code not in self._added and code not in ActivityKind.values:
            return _("there is no activity “%(code)s”.") % {"code": shown(code)}
        if code in self._added and code not in self.cells.added:
            self.cells.added.append(code)
        if person and person not in self._people:
            return _("nobody who works here has the user name “%(name)s”.") % {"name": shown(person)}
        if letter == "A":
            return self._take_accountable(code, department, person)
        if letter not in RaciLetter.values:
            return _("“%(letter)s” is none of A, R, C and I.") % {"letter": shown(letter)}
        if department not in self._departments:
            return _("there is no department “%(code)s”.") % {"code": shown(department)}
        return self._take_letter(code, letter, department, person)

    def _take_accountable(self, code: str, department: str, person: str) -> str:
        if department or not person:
            return _("the A is one person: give the user name and no department.")
        if code in self.cells.accountable:
            return _("“%(code)s” has an A already: only one person answers for it.") % {"code": shown(code)}
        self.cells.accountable[code] = self._people[person]
        return ""

    def _take_letter(self, code: str, letter: str, department: str, person: str) -> str:
        pk = self._departments[department]
        if not person:
            if (code, pk) in self.cells.roles:
                return _("%(department)s has a letter in “%(code)s” already.") % {
                    "department": shown(department),
                    "code": shown(code),
                }
            self.cells.roles[code, pk] = letter
            return ""
        if (person, pk) not in self._members:
            return _("%(name)s does not work in %(department)s.") % {
                "name": shown(person),
                "department": shown(department),
            }
        if any((code, self._people[person]) == cell[:2] for cell in self.cells.people):
            return _("%(name)s has a letter in “%(code)s” already.") % {"name": shown(person), "code": shown(code)}
        self.cells.people[code, self._people[person], pk] = letter
        return ""


def _as_written(cell: str) -> str:
    """The cell without the apostrophe that `write` puts before what would be a formula."""
    rest = cell.removeprefix("'")
    return rest if literal(rest) == cell else cell


class _Unreadable(Exception):
    """Nothing of the file can be taken; says why."""


def _lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The lines below the header, with their numbers; a spreadsheet of some countries separates cells by semicolons."""
    if len(content) > LARGEST:
        raise _Unreadable(_("The file is larger than 1 MB: it is no RACI matrix."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Unreadable(_("The file is not text in UTF-8: save it as CSV (UTF-8).")) from None
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if tuple(header) != HEADER:
            wanted = ", ".join(HEADER)
            raise _Unreadable(_("The first line must name the columns: %(columns)s.") % {"columns": wanted})
        yield from ((reader.line_num, line) for line in reader if any(cell.strip() for cell in line))
    except csv.Error:
        raise _Unreadable(
            _('Line %(line)d: a quote (") is opened and not closed, or stands inside a cell.')
            % {"line": reader.line_num}
        ) from None
