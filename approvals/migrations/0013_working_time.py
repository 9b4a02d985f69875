from django.db import migrations, models

import customers.validators

# Of a day of 24 hours nine were worked, from 09:00 to 18:00.
HOURS_OF_A_DAY = 24
MOST_HOURS = 400
DAY_OF_NINE_HOURS = 9


def count_in_working_hours(apps, schema_editor):
    """Deadlines that are set stay as they are; what is left of the time that a policy gives is counted anew."""
    database = schema_editor.connection.alias

    def rows(name):
        return apps.get_model("approvals", name).objects.using(database)

    for policy in rows("EscalationPolicy").all():
        policy.hours_to_agree = min(-(-policy.hours_to_agree * DAY_OF_NINE_HOURS // HOURS_OF_A_DAY), MOST_HOURS)
        policy.save(update_fields=["hours_to_agree"])
        rows("Case").update(hours_to_agree=policy.hours_to_agree, hours_before_start=policy.hours_before_start)
    for review_policy in rows("ReviewPolicy").all():
        rows("Review").update(hours_to_review=review_policy.hours_to_review)
        rows("WorkingHours").create(id=1, opens_at=review_policy.opens_at, closes_at=review_policy.closes_at)
    # Nor does counting anew move them to later.
    rows("Case").filter(state="negotiation").update(settle_before=models.F("agree_by"))
    # The one reminder that there was is the last of those that there are.
    rows("Timer").filter(kind="remind", done_at=None).update(rung=80)


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0012_requests"),
    ]

    operations = [
        migrations.CreateModel(
            name="SpecialDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "day",
                    models.DateField(unique=True, validators=[customers.validators.day_to_plan], verbose_name="day"),
                ),
                (
                    "name",
                    models.CharField(max_length=100, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "is_worked",
                    models.BooleanField(
                        default=False,
                        help_text="Although it is a weekend, or a day off of the country.",
                        verbose_name="somebody works",
                    ),
                ),
                ("source", models.CharField(blank=True, editable=False, max_length=10, verbose_name="imported from")),
            ],
            options={
                "verbose_name": "day of the business calendar",
                "verbose_name_plural": "business calendar",
                "ordering": ["day"],
            },
        ),
        migrations.CreateModel(
            name="WorkingHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opens_at", models.TimeField(default="09:00", verbose_name="working day begins")),
                (
                    "closes_at",
                    models.TimeField(
                        default="18:00", help_text="00:00 is the end of the day.", verbose_name="working day ends"
                    ),
                ),
            ],
            options={
                "verbose_name": "working hours",
                "verbose_name_plural": "working hours",
            },
        ),
        migrations.RemoveConstraint(
            model_name="escalationpolicy",
            name="reminder_comes_before_the_deadline",
        ),
        migrations.RemoveConstraint(
            model_name="escalationpolicy",
            name="policy_hours_to_agree_is_within_limits",
        ),
        migrations.RemoveConstraint(
            model_name="escalationpolicy",
            name="policy_remind_hours_before_is_within_limits",
        ),
        migrations.RemoveConstraint(
            model_name="reviewpolicy",
            name="working_day_begins_before_it_ends",
        ),
        migrations.RemoveConstraint(
            model_name="timer",
            name="case_waits_for_one_timer_of_a_kind",
        ),
        migrations.AddField(
            model_name="case",
            name="hours_before_start",
            field=models.PositiveIntegerField(default=24, verbose_name="at least so many hours before it begins"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="case",
            name="hours_to_agree",
            field=models.PositiveIntegerField(default=18, verbose_name="working hours to agree"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="case",
            name="settle_before",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="escalationpolicy",
            name="hours_before_start",
            field=models.PositiveIntegerField(
                default=24,
                help_text="The deadline is that much before the midnight in which the first collision begins: a mediator can still decide.",
                verbose_name="at least so many hours before it begins",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="hours_to_review",
            field=models.PositiveIntegerField(default=16),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="timer",
            name="rung",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="after percent of the time"),
        ),
        migrations.AlterField(
            model_name="escalationpolicy",
            name="hours_to_agree",
            field=models.PositiveIntegerField(default=18, verbose_name="working hours to agree"),
        ),
        migrations.RunPython(count_in_working_hours, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name="escalationpolicy",
            name="remind_hours_before",
        ),
        migrations.RemoveField(
            model_name="reviewpolicy",
            name="closes_at",
        ),
        migrations.RemoveField(
            model_name="reviewpolicy",
            name="opens_at",
        ),
        migrations.AddConstraint(
            model_name="escalationpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours_to_agree__gte", 1), ("hours_to_agree__lte", 400)),
                name="policy_hours_to_agree_is_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours_before_start__gte", 0), ("hours_before_start__lte", 720)),
                name="policy_hours_before_start_is_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="timer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("done_at__isnull", True)),
                fields=("case", "kind", "rung"),
                name="case_waits_for_one_timer_of_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="timer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("rung__gt", 0)),
                fields=("case", "kind", "rung"),
                name="case_reminds_once_on_a_rung",
            ),
        ),
        migrations.AddConstraint(
            model_name="specialday",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="special_day_has_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="workinghours",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", 1)), name="there_are_the_working_hours_of_one_house"
            ),
        ),
        migrations.AddConstraint(
            model_name="workinghours",
            constraint=models.CheckConstraint(
                condition=models.Q(("opens_at__lt", models.F("closes_at")), ("closes_at", "00:00"), _connector="OR"),
                name="working_day_begins_before_it_ends",
                violation_error_message="The working day begins before it ends.",
            ),
        ),
    ]
