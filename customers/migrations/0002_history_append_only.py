from django.db import migrations

from customers.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [AppendOnly("HistoryEntry")]
