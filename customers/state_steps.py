"""A migration operation that lets a state change only as its machine says, on SQLite and PostgreSQL alike.

The actions are the one writer of a state; this stops every other program, and every shortcut of our own.
"""

from collections.abc import Sequence
from typing import Any

from customers.append_only import AppendOnly, Statements

Pair = tuple[str, str]


class OnlySteps(AppendOnly):
    """Rows of a model begin in a state that a pair ("", state) names and go on by pairs (before, after).

    On SQLite a migration that changes the table takes the guard away with it, and has to put it back.
    """

    def __init__(self, model_name: str, column: str, pairs: Sequence[Pair]) -> None:
        super().__init__(model_name)
        self.column = column
        self.pairs = sorted(pairs)

    def _statements(self, vendor: str, model: Any) -> Statements:
        table, column = model._meta.db_table, self.column
        first = ", ".join(f"'{after}'" for before, after in self.pairs if not before)
        steps = " OR ".join(
            f"(OLD.{column} = '{before}' AND NEW.{column} = '{after}')" for before, after in self.pairs if before
        )
        refused = f"{column} of {table} does not change so"
        if vendor == "postgresql":
            function = f"concordia_{column}_of_{table}"
            body = f"""
BEGIN
  IF TG_OP = 'INSERT' AND NEW.{column} IN ({first}) THEN RETURN NEW; END IF;
  IF TG_OP = 'UPDATE' AND (NEW.{column} = OLD.{column} OR {steps}) THEN RETURN NEW; END IF;
  RAISE EXCEPTION '{refused}';
END
"""
            moment = f"BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW"
            forward = [
                f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
                f"CREATE TRIGGER {table}_{column} {moment} EXECUTE FUNCTION {function}()",
            ]
            return forward, [f"DROP TRIGGER {table}_{column} ON {table}", f"DROP FUNCTION {function}()"]
        refuse = f"BEGIN SELECT RAISE(ABORT, '{refused}'); END"
        wrong = f"NEW.{column} <> OLD.{column} AND NOT ({steps})"
        forward = [
            f"CREATE TRIGGER {table}_{column}_begins BEFORE INSERT ON {table} WHEN NEW.{column} NOT IN ({first}) {refuse}",
            f"CREATE TRIGGER {table}_{column}_goes_on BEFORE UPDATE OF {column} ON {table} WHEN {wrong} {refuse}",
        ]
        return forward, [f"DROP TRIGGER {table}_{column}_begins", f"DROP TRIGGER {table}_{column}_goes_on"]

    def describe(self) -> str:
        return f"{self.column} of {self.model_name} changes only as its machine says"

    @property
    def migration_name_fragment(self) -> str:
        return f"{self.model_name.lower()}_{self.column}_steps"
