from django.db import migrations

from customers.append_only import AppendOnly


def make_policy(apps, schema_editor):
    apps.get_model("approvals", "EscalationPolicy").objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial"), ("customers", "0002_history_append_only")]

    operations = [AppendOnly("Ruling"), migrations.RunPython(make_policy, migrations.RunPython.noop)]
