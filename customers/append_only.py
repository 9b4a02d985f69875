"""A migration operation that makes a table append-only, on SQLite and PostgreSQL alike."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

_FUNCTION = """
CREATE OR REPLACE FUNCTION concordia_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME; END $$
"""


def statements(vendor: str, table: str) -> tuple[list[str], list[str]]:
    """SQL that refuses UPDATE, DELETE (and TRUNCATE on PostgreSQL) on `table`, and SQL that allows them again."""
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
    taken = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608 - a name of our own models
    forward.append(f"CREATE TRIGGER {table}_REPLACE BEFORE INSERT ON {table} {taken} {refuse}")
    return forward, [f"DROP TRIGGER {table}_{verb}" for verb in ("UPDATE", "DELETE", "REPLACE")]


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
        table = state.apps.get_model(app_label, self.model_name)._meta.db_table
        for statement in statements(schema_editor.connection.vendor, table)[which]:
            # params=None: on PostgreSQL an empty tuple would make % a placeholder.
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Rows of {self.model_name} can be added but never changed or deleted"

    @property
    def migration_name_fragment(self) -> str:
        return f"{self.model_name.lower()}_append_only"
