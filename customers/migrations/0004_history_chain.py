from django.db import migrations, models

from customers.append_only import ForwardOnly, LiftAppendOnly, SealedOnce
from customers.rules.chain import FIELDS, digest


def seal_what_is_there(apps, schema_editor):
    entries = apps.get_model("customers", "HistoryEntry").objects
    seq, latest, last = 0, "", 0
    while rows := list(entries.filter(pk__gt=last).order_by("pk").values_list(*FIELDS)[:1000]):
        sealed = []
        for row in rows:
            seq, latest = seq + 1, digest(seq + 1, row, latest)
            sealed.append([seq, latest, row[0]])
        last = rows[-1][0]
        with schema_editor.connection.cursor() as cursor:
            cursor.executemany("UPDATE customers_historyentry SET seq = %s, digest = %s WHERE id = %s", sealed)
    apps.get_model("customers", "HistoryHead").objects.create(id=1, seq=seq, digest=latest)


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_analysts")]

    operations = [
        LiftAppendOnly("HistoryEntry"),
        migrations.AddField(
            "HistoryEntry",
            "seq",
            models.BigIntegerField(editable=False, null=True, unique=True, verbose_name="number"),
        ),
        migrations.AddField("HistoryEntry", "digest", models.CharField(editable=False, max_length=64, null=True)),
        migrations.CreateModel(
            name="HistoryHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField(default=0)),
                ("digest", models.CharField(blank=True, max_length=64)),
            ],
            options={"verbose_name": "head of the history", "verbose_name_plural": "head of the history"},
        ),
        migrations.RunPython(seal_what_is_there, migrations.RunPython.noop),
        migrations.AddIndex(
            "HistoryEntry",
            models.Index(condition=models.Q(("seq__isnull", True)), fields=["id"], name="history_unsealed"),
        ),
        migrations.AddConstraint(
            "HistoryEntry",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("digest__isnull", True), ("seq__isnull", True)),
                    models.Q(("digest__isnull", False), ("seq__isnull", False)),
                    _connector="OR",
                ),
                name="history_entry_is_sealed_whole",
            ),
        ),
        migrations.AddConstraint(
            "HistoryEntry",
            models.CheckConstraint(condition=models.Q(("seq__gte", 1)), name="history_is_numbered_from_one"),
        ),
        migrations.AddConstraint(
            "HistoryHead",
            models.CheckConstraint(condition=models.Q(("id", 1)), name="history_has_one_head"),
        ),
        SealedOnce("HistoryEntry"),
        ForwardOnly("HistoryHead"),
    ]
