"""What the database knows of the sizes of its tables."""

from django.db import connection
from django.db.models import Model


def update_statistics(*models: type[Model]) -> None:
    """Count anew how much these tables hold, after much of them was written.

    PostgreSQL plans its queries by such counts and brings them up to date within a minute or so by itself. Until then it
    takes a table that was just filled for an empty one, and queries over a whole plan may run for minutes. SQLite plans
    without.
    """
    if connection.vendor == "postgresql":
        tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {tables}")
