"""What is wrong with a folder, said as `table:row:column: what is wrong`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from campaigns.rules.dataset import TABLES
from customers.languages import Text, later

SHOWN = 1000

# Told now and then: step, rows done, rows in all (0 = nobody knows yet).
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Problem:
    """`row` counts as a person does in a spreadsheet: the header is row 1. Row 0 and column "" mean the whole file.

    `text` is lazy: whoever reads it reads their language.
    """

    table: str
    row: int
    column: str
    text: Text

    def __str__(self) -> str:
        return f"{self.table}:{self.row or '-'}:{self.column or '-'}: {self.text}"


@dataclass
class Problems:
    """The first problems of each kind, and how many there are."""

    found: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, table: str, row: int, column: str, text: Text) -> None:
        self.found.append(Problem(table, row, column, text))
        self.count += 1

    def add_rows(
        self, table: str, column: str, count: int, rows: Iterable[Sequence[object]], say: Callable[..., str]
    ) -> None:
        """`count` problems of one kind, of which `rows` are the first: (row, what `say` needs ...)."""
        self.count += count
        self.found.extend(Problem(table, int(str(row)), column, later(say)(*rest)) for row, *rest in rows)

    def first(self) -> list[Problem]:
        """At most SHOWN problems in the order of tables, rows and columns."""
        tables = {name: number for number, name in enumerate(TABLES)}
        columns = {
            (table.name, column.name): number
            for table in TABLES.values()
            for number, column in enumerate(table.columns)
        }

        def place(problem: Problem) -> tuple[int, int, int]:
            return (
                tables.get(problem.table, len(tables)),
                problem.row,
                columns.get((problem.table, problem.column), -1),
            )

        return sorted(self.found, key=place)[:SHOWN]
