from django.db import migrations


def keep_as_they_are(apps, schema_editor):
    """Problems of imports before this were said once, in the language of the run."""
    runs = apps.get_model("campaigns", "ImportRun").objects
    for run in runs.exclude(problems=[], warnings=[]).iterator():
        language = run.language.split("-")[0]
        run.problems = [[*place, _told(language, text)] for *place, text in run.problems]
        run.warnings = [_told(language, text) for text in run.warnings]
        run.save(update_fields=["problems", "warnings"])


def _told(language, text):
    """What was told in every language stays so when somebody has gone back and comes again."""
    return text if isinstance(text, dict) else {language: text}


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0005_products_when_approved"),
    ]

    operations = [
        migrations.RunPython(keep_as_they_are, migrations.RunPython.noop),
        migrations.RemoveField(model_name="importrun", name="language"),
    ]
