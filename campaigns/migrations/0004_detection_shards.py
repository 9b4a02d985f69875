import django.db.models.deletion
from django.db import migrations, models


def finished_runs_have_done_their_part(apps, schema_editor):
    apps.get_model("campaigns", "DetectionRun").objects.filter(finished_at__isnull=False).update(shards_done=1)


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0003_what_rules_look_at"),
    ]

    operations = [
        migrations.CreateModel(
            name="DetectionShard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("starts_from", models.DateField()),
                ("starts_before", models.DateField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("worker", models.CharField(blank=True, max_length=100)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("offers", models.PositiveIntegerField(default=0)),
                ("pairs", models.PositiveIntegerField(default=0)),
                ("result", models.BinaryField(default=b"")),
            ],
            options={
                "verbose_name": "part of a detection",
                "verbose_name_plural": "parts of a detection",
                "ordering": ["run", "number"],
            },
        ),
        migrations.AddField(
            model_name="detectionrun",
            name="shards",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="parts"),
        ),
        migrations.AddField(
            model_name="detectionrun",
            name="shards_done",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="parts done"),
        ),
        migrations.AddConstraint(
            model_name="detectionrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("shards_done__lte", models.F("shards"))),
                name="detection_does_no_more_than_its_parts",
            ),
        ),
        migrations.AddField(
            model_name="detectionshard",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="campaigns.detectionrun"
            ),
        ),
        migrations.AddConstraint(
            model_name="detectionshard",
            constraint=models.UniqueConstraint(fields=("run", "number"), name="shard_is_cut_once"),
        ),
        migrations.AddConstraint(
            model_name="detectionshard",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_before__gt", models.F("starts_from"))), name="shard_has_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="detectionshard",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("finished_at__isnull", True),
                    models.Q(("claimed_at__isnull", False), ("tries__gt", 0)),
                    _connector="OR",
                ),
                name="shard_is_claimed_before_it_is_done",
            ),
        ),
        migrations.RunPython(finished_runs_have_done_their_part, migrations.RunPython.noop),
    ]
