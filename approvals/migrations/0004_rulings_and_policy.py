from django.db import migrations, models

from customers.append_only import AppendOnly, LiftAppendOnly

MOST_HOURS = 2160


def shorten_what_is_too_long(apps, schema_editor):
    policies = apps.get_model("approvals", "EscalationPolicy").objects.using(schema_editor.connection.alias)
    # The reminder first, as it comes before the deadline at any moment.
    policies.filter(remind_hours_before__gte=MOST_HOURS).update(remind_hours_before=MOST_HOURS - 1)
    policies.filter(hours_to_agree__gt=MOST_HOURS).update(hours_to_agree=MOST_HOURS)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0003_account_mail")]

    operations = [
        # Anew, as the guard of SQLite now looks at the case of a ruling too.
        LiftAppendOnly("Ruling"),
        AppendOnly("Ruling"),
        migrations.RunPython(shorten_what_is_too_long, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="escalationpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours_to_agree__gte", 1), ("hours_to_agree__lte", MOST_HOURS)),
                name="policy_hours_to_agree_is_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("remind_hours_before__gte", 0), ("remind_hours_before__lte", MOST_HOURS)),
                name="policy_remind_hours_before_is_within_limits",
            ),
        ),
    ]
