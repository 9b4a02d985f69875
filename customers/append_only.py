"""Migration operations that make a table append-only, on SQLite and PostgreSQL alike."""

from dataclasses import dataclass
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

_FUNCTION = """
CREATE OR REPLACE FUNCTION concordia_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME; END $$
"""

Statements = tuple[list[str], list[str]]


def statements(vendor: str, table: str, unique: list[str]) -> Statements:
    """SQL that refuses UPDATE, DELETE (and TRUNCATE on PostgreSQL) on `table`, and SQL that allows them again.

    `unique` columns: REPLACE would delete the row that has the same value in one of them.
    """
    if vendor == "postgresql":
        refuse = "EXECUTE FUNCTION concordia_refuse_change()"
        forward = [
            _FUNCTION,
            f"CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}",
            f"CREATE TRIGGER {table}_all BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}",
        ]
        return forward, [f"DROP TRIGGER {table}_rows ON {table}", f"DROP TRIGGER {table}_all ON {table}"]
    refuse = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted'); END"
    forward = [f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} {refuse}" for verb in ("UPDATE", "DELETE")]
    # INSERT OR REPLACE asks the trigger above only where PRAGMA recursive_triggers is on: other programs have it off.
    forward.append(f"CREATE TRIGGER {table}_REPLACE BEFORE INSERT ON {table} WHEN {_taken(table, unique)} {refuse}")
    return forward, [f"DROP TRIGGER {table}_{verb}" for verb in ("UPDATE", "DELETE", "REPLACE")]


def _taken(table: str, unique: list[str]) -> str:
    """Whether a row is there already that an INSERT OR REPLACE would delete."""
    same = " OR ".join(f"{column} = NEW.{column}" for column in unique)
    return f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - names of our own models


@dataclass(frozen=True)
class Guard:
    """What a table lets through although its rows are never changed or deleted.

    `plpgsql` is the body of a trigger function `name` before INSERT and UPDATE. `update` and `insert` are the same for
    SQLite as conditions. `unique` columns: REPLACE would delete the row that has the same value in one of them.
    """

    name: str
    plpgsql: str
    update: str
    insert: str
    unique: list[str]

    def statements(self, vendor: str, table: str) -> Statements:
        """SQL that guards `table`, and SQL that takes the guard away."""
        if vendor == "postgresql":
            refuse = "EXECUTE FUNCTION concordia_refuse_change()"
            function = (
                f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $${self.plpgsql}$$"
            )
            guard = f"BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {self.name}()"
            forward = [
                _FUNCTION,
                function,
                f"CREATE TRIGGER {table}_guard {guard}",
                f"CREATE TRIGGER {table}_rows BEFORE DELETE ON {table} FOR EACH ROW {refuse}",
                f"CREATE TRIGGER {table}_all BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}",
            ]
            back = [f"DROP TRIGGER {table}_{name} ON {table}" for name in ("guard", "rows", "all")]
            return forward, [*back, f"DROP FUNCTION {self.name}()"]
        refuse = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted'); END"
        wrong = f"NOT ({self.insert}) OR {_taken(table, self.unique)}"
        triggers = {
            "UPDATE": f"BEFORE UPDATE ON {table} WHEN NOT ({self.update})",
            "DELETE": f"BEFORE DELETE ON {table}",
            "REPLACE": f"BEFORE INSERT ON {table} WHEN {wrong}",
        }
        forward = [f"CREATE TRIGGER {table}_{name} {when} {refuse}" for name, when in triggers.items()]
        return forward, [f"DROP TRIGGER {table}_{name}" for name in triggers]


def sealed_once(table: str, columns: list[str], unique: list[str]) -> Guard:
    """A row is added without `seq` and `digest`; it gets both by one update that changes no other of its `columns`."""
    same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in columns if column not in {"seq", "digest"})
    # UPDATE OR REPLACE would delete the row that has this number.
    free = f"NOT EXISTS (SELECT 1 FROM {table} WHERE seq = NEW.seq)"  # noqa: S608 - a name of our own models
    return Guard(
        name="concordia_seal_once",
        plpgsql="""
BEGIN
  IF TG_OP = 'INSERT' AND NEW.seq IS NULL THEN RETURN NEW; END IF;
  IF TG_OP = 'UPDATE' AND OLD.seq IS NULL AND NEW.seq IS NOT NULL
     AND to_jsonb(NEW) - ARRAY['seq', 'digest'] = to_jsonb(OLD) - ARRAY['seq', 'digest'] THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END
""",
        update=f"OLD.seq IS NULL AND NEW.seq IS NOT NULL AND {same} AND {free}",
        insert="NEW.seq IS NULL",
        unique=unique,
    )


def erased_once(
    table: str, columns: list[str], unique: list[str], *, column: str, mark: str, pairs: list[list[str]]
) -> Guard:
    """A row is added; the one change it gets is that `column` says `mark`, once the data of a person are erased.

    `pairs`: columns that are unique together, as REPLACE would delete the row that has the same values in them.
    """
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in columns if name != column)
    # Names of our own models.
    taken = [
        f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{name} = NEW.{name}' for name in pair)})"  # noqa: S608
        for pair in pairs
    ]
    return Guard(
        name=f"concordia_erase_{table}",
        plpgsql=f"""
BEGIN
  IF TG_OP = 'INSERT' THEN RETURN NEW; END IF;
  IF NEW.{column} = '{mark}' AND to_jsonb(NEW) - ARRAY['{column}'] = to_jsonb(OLD) - ARRAY['{column}']
     THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END
""",
        update=f"NEW.{column} = '{mark}' AND {same}",
        insert=f"NOT ({' OR '.join(taken)})" if taken else "TRUE",
        unique=unique,
    )


FORWARD_ONLY = Guard(
    name="concordia_forward_only",
    plpgsql="""
BEGIN
  IF TG_OP = 'INSERT' OR (NEW.id = OLD.id AND NEW.seq > OLD.seq) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END
""",
    update="NEW.id IS OLD.id AND NEW.seq > OLD.seq",
    insert="TRUE",
    unique=["id"],
)


def _unique(model: Any) -> list[str]:
    return [field.column for field in model._meta.concrete_fields if field.unique]


class AppendOnly(Operation):
    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def state_forwards(self, app_label, state) -> None:  # noqa: ANN001 - the signature is Django's
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:  # noqa: ANN001
        self._run(app_label, schema_editor, to_state, 0)

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:  # noqa: ANN001
        self._run(app_label, schema_editor, from_state, 1)

    def _run(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, state, which: int) -> None:  # noqa: ANN001
        model = state.apps.get_model(app_label, self.model_name)
        for statement in self._statements(schema_editor.connection.vendor, model)[which]:
            # params=None: on PostgreSQL an empty tuple would make % a placeholder.
            schema_editor.execute(statement, params=None)

    def _statements(self, vendor: str, model: Any) -> Statements:
        return statements(vendor, model._meta.db_table, _unique(model))

    def describe(self) -> str:
        return f"Rows of {self.model_name} can be added but never changed or deleted"

    @property
    def migration_name_fragment(self) -> str:
        return f"{self.model_name.lower()}_append_only"


class LiftAppendOnly(AppendOnly):
    """Takes AppendOnly back, so that the table can be changed and get another guard."""

    def _statements(self, vendor: str, model: Any) -> Statements:
        forward, back = statements(vendor, model._meta.db_table, _unique(model))
        return back, forward

    def describe(self) -> str:
        return f"Rows of {self.model_name} can be changed"


class SealedOnce(AppendOnly):
    def _statements(self, vendor: str, model: Any) -> Statements:
        columns = [field.column for field in model._meta.concrete_fields]
        return sealed_once(model._meta.db_table, columns, _unique(model)).statements(vendor, model._meta.db_table)

    def describe(self) -> str:
        return f"Rows of {self.model_name} can be added and sealed once, but never changed or deleted"


class ForwardOnly(AppendOnly):
    def _statements(self, vendor: str, model: Any) -> Statements:
        return FORWARD_ONLY.statements(vendor, model._meta.db_table)

    def describe(self) -> str:
        return f"The row of {self.model_name} only moves forward"


class ErasedOnce(AppendOnly):
    """As AppendOnly, but that `column` may come to say `mark`: a person's data can be erased where they stand in it."""

    def __init__(self, model_name: str, column: str, mark: str) -> None:
        super().__init__(model_name)
        self.column, self.mark = column, mark

    def _statements(self, vendor: str, model: Any) -> Statements:
        table, columns = model._meta.db_table, [field.column for field in model._meta.concrete_fields]
        together = model._meta.total_unique_constraints
        pairs = [[model._meta.get_field(name).column for name in one.fields] for one in together]
        guard = erased_once(table, columns, _unique(model), column=self.column, mark=self.mark, pairs=pairs)
        return guard.statements(vendor, table)

    def describe(self) -> str:
        return f"Rows of {self.model_name} can be added and erased, but never changed otherwise or deleted"
