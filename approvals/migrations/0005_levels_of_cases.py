from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0004_rulings_and_policy"),
        ("campaigns", "0003_what_rules_look_at"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="case",
            name="case_level_is_known",
        ),
        migrations.AlterField(
            model_name="case",
            name="level",
            field=models.CharField(
                choices=[
                    ("note", "Note"),
                    ("low", "Low"),
                    ("medium", "Medium"),
                    ("high", "High"),
                    ("critical", "Critical"),
                ],
                max_length=8,
                verbose_name="level",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", ["note", "low", "medium", "high", "critical"])),
                name="case_level_is_known",
            ),
        ),
    ]
