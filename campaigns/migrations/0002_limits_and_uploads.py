import datetime as dt
from decimal import Decimal

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import customers.validators


def tell_of_those_that_are_over(apps, schema_editor):
    runs = apps.get_model("campaigns", "ImportRun").objects.using(schema_editor.connection.alias)
    runs.filter(finished_at__isnull=False).update(state="finished")


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
        ("customers", "0003_analysts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="importrun",
            name="one_unfinished_import_per_folder_content",
        ),
        migrations.AddField(
            model_name="importrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "Waits for a worker"),
                    ("checking", "Being checked"),
                    ("writing", "Being written"),
                    ("finished", "Finished"),
                    ("refused", "Refused"),
                ],
                default="writing",
                max_length=8,
                verbose_name="state",
            ),
        ),
        migrations.RunPython(tell_of_those_that_are_over, migrations.RunPython.noop),
        migrations.AddField(
            model_name="importrun",
            name="at",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="importrun",
            name="dry_run",
            field=models.BooleanField(default=False, verbose_name="check only"),
        ),
        migrations.AddField(
            model_name="importrun",
            name="language",
            field=models.CharField(blank=True, max_length=8),
        ),
        migrations.AddField(
            model_name="importrun",
            name="lease_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="importrun",
            name="problem_count",
            field=models.PositiveIntegerField(default=0, verbose_name="problems"),
        ),
        migrations.AddField(
            model_name="importrun",
            name="problems",
            field=models.JSONField(default=list, verbose_name="problems"),
        ),
        migrations.AddField(
            model_name="importrun",
            name="requested_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="tries",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="importrun",
            name="upload",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="importrun",
            name="warnings",
            field=models.JSONField(default=list, verbose_name="warnings"),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="budget",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=12,
                null=True,
                validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                verbose_name="How much?",
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="code",
            field=models.CharField(
                max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="goal",
            field=models.TextField(
                blank=True,
                help_text="The goal this campaign serves.",
                validators=[customers.validators.prose],
                verbose_name="Why?",
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="how",
            field=models.TextField(
                blank=True,
                help_text="Form, and how each channel adapts it.",
                validators=[customers.validators.prose],
                verbose_name="How?",
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="kpi",
            field=models.CharField(
                blank=True,
                max_length=200,
                validators=[customers.validators.one_line],
                verbose_name="measured by (KPI)",
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="name",
            field=models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="starts_on",
            field=models.DateField(validators=[customers.validators.day_to_plan], verbose_name="first day"),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="what",
            field=models.TextField(
                blank=True,
                help_text="Message and intention.",
                validators=[customers.validators.prose],
                verbose_name="What?",
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="where",
            field=models.TextField(
                blank=True,
                help_text="Channels and places; offers name the channels.",
                validators=[customers.validators.prose],
                verbose_name="Where?",
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="who",
            field=models.TextField(
                blank=True,
                help_text="For whom it is, in words; offers name the segments.",
                validators=[customers.validators.prose],
                verbose_name="Who?",
            ),
        ),
        migrations.AlterField(
            model_name="category",
            name="code",
            field=models.CharField(
                max_length=200, unique=True, validators=[customers.validators.one_line], verbose_name="code"
            ),
        ),
        migrations.AlterField(
            model_name="department",
            name="business_unit",
            field=models.CharField(
                blank=True, max_length=200, validators=[customers.validators.one_line], verbose_name="business unit"
            ),
        ),
        migrations.AlterField(
            model_name="department",
            name="code",
            field=models.CharField(
                max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
            ),
        ),
        migrations.AlterField(
            model_name="department",
            name="name",
            field=models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="department",
            name="value_proposition",
            field=models.TextField(
                blank=True, validators=[customers.validators.prose], verbose_name="value proposition"
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="amount_off",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=12,
                null=True,
                validators=[customers.validators.Between(Decimal("0.01"), Decimal("9999999999.99"))],
                verbose_name="amount off",
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="buy_quantity",
            field=models.PositiveIntegerField(
                blank=True, null=True, validators=[customers.validators.Between(1, 2147483647)], verbose_name="buy"
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="code",
            field=models.CharField(
                max_length=128, unique=True, validators=[customers.validators.one_line], verbose_name="code"
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="fixed_price",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=12,
                null=True,
                validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                verbose_name="fixed price",
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="get_quantity",
            field=models.PositiveIntegerField(
                blank=True,
                null=True,
                validators=[customers.validators.Between(1, 2147483647)],
                verbose_name="get free",
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="margin_floor_pct",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=5,
                null=True,
                validators=[customers.validators.Between(0, Decimal("99.99"))],
                verbose_name="margin floor (%)",
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="min_spend",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=12,
                null=True,
                validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                verbose_name="minimum spend",
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="name",
            field=models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="offer",
            name="percent_off",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=5,
                null=True,
                validators=[customers.validators.Between(Decimal("0.01"), 100)],
                verbose_name="percent off",
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="points_multiplier",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=5,
                null=True,
                validators=[customers.validators.Between(Decimal("0.01"), Decimal("999.99"))],
                verbose_name="points multiplier",
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="priority",
            field=models.SmallIntegerField(
                blank=True,
                help_text="Lower goes first at the till.",
                null=True,
                validators=[customers.validators.Between(-32767, 32767)],
                verbose_name="priority",
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="starts_on",
            field=models.DateField(validators=[customers.validators.day_to_plan], verbose_name="first day"),
        ),
        migrations.AlterField(
            model_name="product",
            name="brand",
            field=models.CharField(
                blank=True, max_length=200, validators=[customers.validators.one_line], verbose_name="brand"
            ),
        ),
        migrations.AlterField(
            model_name="product",
            name="code",
            field=models.CharField(
                max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
            ),
        ),
        migrations.AlterField(
            model_name="product",
            name="cost",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=12,
                null=True,
                validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                verbose_name="cost",
            ),
        ),
        migrations.AlterField(
            model_name="product",
            name="name",
            field=models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="product",
            name="price",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=12,
                null=True,
                validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                verbose_name="price",
            ),
        ),
        migrations.AlterField(
            model_name="product",
            name="stock",
            field=models.PositiveIntegerField(
                blank=True, null=True, validators=[customers.validators.Between(0, 2147483647)], verbose_name="stock"
            ),
        ),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "checking", "writing"])),
                fields=["lease_until"],
                name="import_to_do",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("budget__isnull", True),
                        models.Q(("budget__gte", 0), ("budget__lte", Decimal("9999999999.99"))),
                        _connector="OR",
                    ),
                    models.Q(
                        ("kpi_target__isnull", True),
                        models.Q(
                            ("kpi_target__gte", Decimal("-9999999999.9999")),
                            ("kpi_target__lte", Decimal("9999999999.9999")),
                        ),
                        _connector="OR",
                    ),
                ),
                name="campaign_numbers_are_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_before__lte", dt.date(2201, 1, 1)), ("starts_on__gte", dt.date(2000, 1, 1))),
                name="campaign_days_are_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="department",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("code"), name="department_code_is_unique_in_any_case"
            ),
        ),
        migrations.AddConstraint(
            model_name="department",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"), name="department_name_is_unique_in_any_case"
            ),
        ),
        migrations.AddConstraint(
            model_name="importrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("finished_at__isnull", True), models.Q(("digest", ""), _negated=True)),
                fields=("digest",),
                name="one_unfinished_import_per_folder_content",
            ),
        ),
        migrations.AddConstraint(
            model_name="importrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "checking", "writing", "finished", "refused"])),
                name="import_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="importrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", False), ("state__in", ["finished", "refused"])),
                    models.Q(("finished_at__isnull", True), ("state__in", ["queued", "checking", "writing"])),
                    _connector="OR",
                ),
                name="import_that_is_over_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount_off__isnull", True),
                        models.Q(("amount_off__gte", 0), ("amount_off__lte", Decimal("9999999999.99"))),
                        _connector="OR",
                    ),
                    models.Q(
                        ("fixed_price__isnull", True),
                        models.Q(("fixed_price__gte", 0), ("fixed_price__lte", Decimal("9999999999.99"))),
                        _connector="OR",
                    ),
                    models.Q(
                        ("min_spend__isnull", True),
                        models.Q(("min_spend__gte", 0), ("min_spend__lte", Decimal("9999999999.99"))),
                        _connector="OR",
                    ),
                    models.Q(
                        ("points_multiplier__isnull", True),
                        models.Q(("points_multiplier__gte", 0), ("points_multiplier__lte", Decimal("999.99"))),
                        _connector="OR",
                    ),
                    models.Q(
                        ("buy_quantity__isnull", True),
                        models.Q(("buy_quantity__gte", 0), ("buy_quantity__lte", 2147483647)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("get_quantity__isnull", True),
                        models.Q(("get_quantity__gte", 0), ("get_quantity__lte", 2147483647)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("priority__isnull", True),
                        models.Q(("priority__gte", -32767), ("priority__lte", 32767)),
                        _connector="OR",
                    ),
                ),
                name="offer_numbers_are_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_before__lte", dt.date(2201, 1, 1)), ("starts_on__gte", dt.date(2000, 1, 1))),
                name="offer_days_are_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("price__isnull", True),
                        models.Q(("price__gte", 0), ("price__lte", Decimal("9999999999.99"))),
                        _connector="OR",
                    ),
                    models.Q(
                        ("cost__isnull", True),
                        models.Q(("cost__gte", 0), ("cost__lte", Decimal("9999999999.99"))),
                        _connector="OR",
                    ),
                    models.Q(
                        ("stock__isnull", True),
                        models.Q(("stock__gte", 0), ("stock__lte", 2147483647)),
                        _connector="OR",
                    ),
                ),
                name="product_numbers_are_within_limits",
            ),
        ),
    ]
