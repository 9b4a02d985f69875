from django.db import migrations, models

from customers.append_only import AppendOnly, LiftAppendOnly


def name_the_rule(apps, schema_editor):
    """Whoever reads a ruling must not take it for a mediator's."""
    notices = apps.get_model("approvals", "RuleNotice").objects.filter(state="applied")
    rulings = apps.get_model("approvals", "Ruling").objects.filter(source="ruled")
    rulings.filter(case__in=notices.values("case")).update(source="rule")


class Migration(migrations.Migration):
    dependencies = [("approvals", "0020_who_left_a_case")]

    operations = [
        # Anew below: on SQLite a table with another constraint is another table.
        LiftAppendOnly("Ruling"),
        migrations.RemoveConstraint(model_name="ruling", name="agreed_ruling_names_its_terms"),
        migrations.AlterField(
            model_name="ruling",
            name="source",
            field=models.CharField(
                choices=[
                    ("ruled", "Decided by a mediator"),
                    ("rule", "Decided by a standing rule"),
                    ("agreed", "Agreed by both sides"),
                ],
                default="ruled",
                max_length=8,
                verbose_name="source",
            ),
        ),
        migrations.RunPython(name_the_rule, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="ruling",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source__in", ["ruled", "rule"]), ("terms__isnull", True)),
                    models.Q(("source", "agreed"), ("terms__isnull", False)),
                    _connector="OR",
                ),
                name="agreed_ruling_names_its_terms",
            ),
        ),
        AppendOnly("Ruling"),
    ]
