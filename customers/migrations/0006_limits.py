from django.db import migrations, models

import customers.validators


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0005_api_tokens_and_idempotent_requests"),
    ]

    operations = [
        migrations.AlterField(
            model_name="channel",
            name="capacity_per_day",
            field=models.PositiveIntegerField(
                blank=True,
                null=True,
                validators=[customers.validators.Between(0, 2147483647)],
                verbose_name="capacity per day",
            ),
        ),
        migrations.AlterField(
            model_name="channel",
            name="code",
            field=models.CharField(
                max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
            ),
        ),
        migrations.AlterField(
            model_name="channel",
            name="name",
            field=models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="customer",
            name="code",
            field=models.CharField(
                max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="household",
            field=models.CharField(
                blank=True, max_length=64, validators=[customers.validators.one_line], verbose_name="household"
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="language",
            field=models.CharField(
                blank=True, max_length=8, validators=[customers.validators.one_line], verbose_name="language"
            ),
        ),
        migrations.AlterField(
            model_name="segment",
            name="code",
            field=models.CharField(
                max_length=64, null=True, unique=True, validators=[customers.validators.one_line], verbose_name="code"
            ),
        ),
        migrations.AlterField(
            model_name="segment",
            name="name",
            field=models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("capacity_per_day__isnull", True),
                    models.Q(("capacity_per_day__gte", 0), ("capacity_per_day__lte", 2147483647)),
                    _connector="OR",
                ),
                name="channel_capacity_is_within_limits",
            ),
        ),
    ]
