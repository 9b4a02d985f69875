"""Codes turned into the primary keys (or customer numbers) that the database gave them, as tables of DuckDB."""

from campaigns.actions.dataset.folder import Folder
from campaigns.actions.dataset.references import AT_ONCE, MODELS, references


def keep_ids(folder: Folder, of: str, *, attribute: str = "id") -> None:
    """Make the table `<of>_ids` (code, id) of all codes of one kind that the folder names."""
    named = [f"SELECT code FROM ({reference.sql})" for reference in references(folder) if reference.of == of]
    if folder.has(of):
        named.append(f'SELECT code FROM "{of}"')
    model = MODELS[of]._default_manager
    asked = folder.stream(" UNION ".join(named), AT_ONCE) if named else iter(())
    found = (model.filter(code__in=[code for (code,) in rows]).values_list("code", attribute) for rows in asked)
    folder.keep(f"{of}_ids", {"code": "VARCHAR", "id": "BIGINT"}, map(list, found))
