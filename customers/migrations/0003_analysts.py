from django.db import migrations


def make_group(apps, schema_editor):
    apps.get_model("auth", "Group").objects.get_or_create(name="Analysts")


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_history_append_only"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [migrations.RunPython(make_group, migrations.RunPython.noop)]
