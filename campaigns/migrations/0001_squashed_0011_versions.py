import datetime as dt
from decimal import Decimal

import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import customers.validators
from campaigns.migrations._words_to_avoid import list_words
from customers.append_only import AppendOnly


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("campaigns", "0001_initial"),
        ("campaigns", "0002_limits_and_uploads"),
        ("campaigns", "0003_what_rules_look_at"),
        ("campaigns", "0004_detection_shards"),
        ("campaigns", "0005_products_when_approved"),
        ("campaigns", "0006_problems_in_every_language"),
        ("campaigns", "0007_raci_activities_and_templates"),
        ("campaigns", "0008_register_of_tactics_and_tools"),
        ("campaigns", "0009_brief_checks"),
        ("campaigns", "0010_calendar_feeds"),
        ("campaigns", "0011_versions"),
    ]

    dependencies = [
        ("auth", "__first__"),
        ("customers", "0001_squashed_0006_limits"),
    ]

    operations = [
        migrations.CreateModel(
            name="AddedActivity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "is_retired",
                    models.BooleanField(
                        default=False,
                        help_text="New campaigns go without it; those that have it keep it.",
                        verbose_name="retired",
                    ),
                ),
            ],
            options={
                "verbose_name": "added activity",
                "verbose_name_plural": "added activities",
                "ordering": ["name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "code__in",
                                ["products", "audience", "messages", "channels", "sale", "service", "results"],
                            ),
                            _negated=True,
                        ),
                        name="added_activity_has_a_code_of_its_own",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="of",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="What the calendar is called where you subscribe to it, such as “Christmas”.",
                        max_length=100,
                        validators=[customers.validators.one_line],
                        verbose_name="name",
                    ),
                ),
                ("filters", models.JSONField(editable=False, verbose_name="shows")),
                ("start", models.CharField(editable=False, max_length=16, verbose_name="begins with")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("created_at", models.DateTimeField(verbose_name="made")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked")),
            ],
            options={
                "verbose_name": "calendar feed",
                "verbose_name_plural": "calendar feeds",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("revoked_at__isnull", True), ("revoked_at__gte", models.F("created_at")), _connector="OR"
                        ),
                        name="feed_is_revoked_after_it_was_made",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=200, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                ("size", models.PositiveIntegerField(default=0, editable=False, verbose_name="products")),
            ],
            options={
                "verbose_name": "category",
                "verbose_name_plural": "categories",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="CombinationClass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
            ],
            options={
                "verbose_name": "combination class",
                "verbose_name_plural": "combination classes",
                "ordering": ["name", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Department",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "business_unit",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[customers.validators.one_line],
                        verbose_name="business unit",
                    ),
                ),
                (
                    "value_proposition",
                    models.TextField(
                        blank=True, validators=[customers.validators.prose], verbose_name="value proposition"
                    ),
                ),
            ],
            options={
                "verbose_name": "department",
                "verbose_name_plural": "departments",
                "ordering": ["name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("code"), name="department_code_is_unique_in_any_case"
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), name="department_name_is_unique_in_any_case"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DetectionRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("requested_at", models.DateTimeField(verbose_name="asked for")),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                ("with_past", models.BooleanField(default=False, verbose_name="with offers that have ended")),
                ("started_at", models.DateTimeField(null=True, verbose_name="started")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                ("offers", models.PositiveIntegerField(default=0, verbose_name="offers")),
                ("pairs", models.PositiveIntegerField(default=0, verbose_name="collisions")),
                ("shards", models.PositiveSmallIntegerField(default=1, verbose_name="parts")),
                ("shards_done", models.PositiveSmallIntegerField(default=0, verbose_name="parts done")),
            ],
            options={
                "verbose_name": "detection",
                "verbose_name_plural": "detections",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("started_at__isnull", True)),
                        fields=("with_past",),
                        name="one_detection_waits_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("shards_done__lte", models.F("shards"))),
                        name="detection_does_no_more_than_its_parts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Fund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "starts_on",
                    models.DateField(validators=[customers.validators.day_to_plan], verbose_name="first day"),
                ),
                ("ends_before", models.DateField(verbose_name="ends before")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="amount",
                    ),
                ),
            ],
            options={
                "verbose_name": "fund",
                "verbose_name_plural": "funds",
                "ordering": ["name", "id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_before__gt", models.F("starts_on")),
                            ("ends_before__lte", dt.date(2201, 1, 1)),
                            ("starts_on__gte", dt.date(2000, 1, 1)),
                        ),
                        name="fund_has_days_within_limits",
                        violation_error_message="The last day is before the first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__isnull", True),
                            models.Q(("amount__gte", 0), ("amount__lte", Decimal("9999999999.99"))),
                            _connector="OR",
                        ),
                        name="fund_is_within_limits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=500, verbose_name="folder")),
                ("digest", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
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
                ("dry_run", models.BooleanField(default=False, verbose_name="check only")),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                ("upload", models.CharField(blank=True, max_length=64)),
                ("lease_until", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                ("at", models.JSONField(default=dict)),
                ("problems", models.JSONField(default=list, verbose_name="problems")),
                ("problem_count", models.PositiveIntegerField(default=0, verbose_name="problems")),
                ("warnings", models.JSONField(default=list, verbose_name="warnings")),
                ("tables_done", models.JSONField(default=list, verbose_name="tables written")),
                ("rows", models.JSONField(default=dict, verbose_name="rows")),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "checking", "writing"])),
                        fields=["lease_until"],
                        name="import_to_do",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at__isnull", True), models.Q(("digest", ""), _negated=True)),
                        fields=("digest",),
                        name="one_unfinished_import_per_folder_content",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["queued", "checking", "writing", "finished", "refused"])),
                        name="import_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", False), ("state__in", ["finished", "refused"])),
                            models.Q(("finished_at__isnull", True), ("state__in", ["queued", "checking", "writing"])),
                            _connector="OR",
                        ),
                        name="import_that_is_over_says_when",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JointGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
            ],
            options={
                "verbose_name": "joint group",
                "verbose_name_plural": "joint groups",
                "ordering": ["name", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "page",
                    models.CharField(
                        blank=True, max_length=100, validators=[customers.validators.one_line], verbose_name="page"
                    ),
                ),
                (
                    "slots",
                    models.PositiveSmallIntegerField(
                        default=1, validators=[customers.validators.Between(1, 100)], verbose_name="slots"
                    ),
                ),
            ],
            options={
                "verbose_name": "placement",
                "verbose_name_plural": "placements",
                "ordering": ["name", "id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("slots__isnull", True), models.Q(("slots__gte", 1), ("slots__lte", 100)), _connector="OR"
                        ),
                        name="placement_has_slots",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RaciTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
            ],
            options={
                "verbose_name": "RACI template",
                "verbose_name_plural": "RACI templates",
                "ordering": ["name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), name="template_name_is_unique_in_any_case"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleSetting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=32, unique=True, verbose_name="rule")),
                (
                    "mode",
                    models.CharField(
                        choices=[("on", "On"), ("report", "In observation"), ("off", "Off")],
                        default="on",
                        max_length=8,
                        verbose_name="mode",
                    ),
                ),
                (
                    "base",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[customers.validators.Between(0, 100)],
                        verbose_name="base points",
                    ),
                ),
                ("options", models.JSONField(blank=True, default=dict, verbose_name="options")),
                (
                    "opens_from",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("note", "Note"),
                            ("low", "Low"),
                            ("medium", "Medium"),
                            ("high", "High"),
                            ("critical", "Critical"),
                        ],
                        max_length=8,
                        verbose_name="opens a case from",
                    ),
                ),
            ],
            options={
                "verbose_name": "setting of a rule",
                "verbose_name_plural": "settings of rules",
                "ordering": ["rule"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("mode__in", ["on", "report", "off"])), name="rule_mode_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("opens_from__in", ["", "note", "low", "medium", "high", "critical"])),
                        name="rule_opens_from_a_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("base__isnull", True), models.Q(("base__gte", 0), ("base__lte", 100)), _connector="OR"
                        ),
                        name="rule_base_is_within_limits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WordToAvoid",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        choices=[("es", "Spanish"), ("en", "English")], max_length=8, verbose_name="language"
                    ),
                ),
                (
                    "phrase",
                    models.CharField(
                        help_text="Whole words, in any case, with or without accents; with * at its end all that begins so.",
                        max_length=100,
                        validators=[customers.validators.one_line],
                        verbose_name="word or phrase",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("exaggeration", "Exaggeration"), ("jargon", "Jargon"), ("unclear", "Unclear")],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "advice",
                    models.CharField(
                        blank=True,
                        help_text="Such as a plainer word.",
                        max_length=200,
                        validators=[customers.validators.one_line],
                        verbose_name="write instead",
                    ),
                ),
            ],
            options={
                "verbose_name": "word to avoid",
                "verbose_name_plural": "words to avoid",
                "ordering": ["language", "phrase", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("language", "phrase"), name="language_lists_a_phrase_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["exaggeration", "jargon", "unclear"])),
                        name="word_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["es", "en"])), name="word_language_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BrandRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "department",
                    models.OneToOneField(
                        error_messages={"unique": "This department has its brand rules already: change those."},
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "deepest_discount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="Its offers take off no more than this; empty = no limit of its own.",
                        max_digits=5,
                        null=True,
                        validators=[customers.validators.Between(Decimal("0.01"), 100)],
                        verbose_name="deepest discount (%)",
                    ),
                ),
                (
                    "protected_brands",
                    models.TextField(
                        blank=True,
                        help_text="One per line: offers of any department that reduce them are flagged.",
                        validators=[customers.validators.prose],
                        verbose_name="protected brands",
                    ),
                ),
                (
                    "never_words",
                    models.TextField(
                        blank=True,
                        help_text="One word or phrase per line; with * at its end it stands for all that begins so.",
                        validators=[customers.validators.prose],
                        verbose_name="words never used",
                    ),
                ),
            ],
            options={
                "verbose_name": "brand rules",
                "verbose_name_plural": "brand rules",
                "ordering": ["department__name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("deepest_discount__isnull", True),
                            models.Q(("deepest_discount__gte", Decimal("0.01")), ("deepest_discount__lte", 100)),
                            _connector="OR",
                        ),
                        name="deepest_discount_is_a_percentage",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CombinationPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "low",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="campaigns.combinationclass",
                        verbose_name="class",
                    ),
                ),
                (
                    "high",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="campaigns.combinationclass",
                        verbose_name="class",
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[("allow", "combine"), ("deny", "do not combine")],
                        max_length=8,
                        verbose_name="decision",
                    ),
                ),
            ],
            options={
                "verbose_name": "combination policy",
                "verbose_name_plural": "combination policies",
                "ordering": ["low__name", "high__name", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("low", "high"), name="two_classes_have_one_policy"),
                    models.CheckConstraint(
                        condition=models.Q(("low__lte", models.F("high"))), name="policy_names_the_lower_id_first"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decision__in", ["allow", "deny"])), name="policy_is_allow_or_deny"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DepartmentGoal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "note",
                    models.TextField(
                        blank=True,
                        help_text="What it means, by when, how one sees that it is met.",
                        validators=[customers.validators.prose],
                        verbose_name="note",
                    ),
                ),
                (
                    "is_retired",
                    models.BooleanField(
                        default=False,
                        help_text="New campaigns go without it; those that have it keep it.",
                        verbose_name="met or given up",
                    ),
                ),
            ],
            options={
                "verbose_name": "goal",
                "verbose_name_plural": "goals",
                "ordering": ["name", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DetectionShard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="campaigns.detectionrun"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("starts_from", models.DateField()),
                ("starts_before", models.DateField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("worker", models.CharField(blank=True, max_length=100)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("offers", models.PositiveIntegerField(default=0)),
                ("pairs", models.PositiveIntegerField(default=0)),
                ("result", models.BinaryField(default=b"")),
            ],
            options={
                "verbose_name": "part of a detection",
                "verbose_name_plural": "parts of a detection",
                "ordering": ["run", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "number"), name="shard_is_cut_once"),
                    models.CheckConstraint(
                        condition=models.Q(("starts_before__gt", models.F("starts_from"))), name="shard_has_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("finished_at__isnull", True),
                            models.Q(("claimed_at__isnull", False), ("tries__gt", 0)),
                            _connector="OR",
                        ),
                        name="shard_is_claimed_before_it_is_done",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="campaigns.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                ("is_lead", models.BooleanField(default=False, verbose_name="leads the department")),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
                "ordering": ["department", "-is_lead", "user"],
                "constraints": [
                    models.UniqueConstraint(fields=("department", "user"), name="person_is_in_a_department_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="products",
                        to="campaigns.category",
                        verbose_name="category",
                    ),
                ),
                (
                    "brand",
                    models.CharField(
                        blank=True, max_length=200, validators=[customers.validators.one_line], verbose_name="brand"
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="price",
                    ),
                ),
                (
                    "cost",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="cost",
                    ),
                ),
                (
                    "stock",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[customers.validators.Between(0, 2147483647)],
                        verbose_name="stock",
                    ),
                ),
                ("attributes", models.JSONField(blank=True, default=dict, verbose_name="attributes")),
            ],
            options={
                "verbose_name": "product",
                "verbose_name_plural": "products",
                "ordering": ["name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("price__isnull", True), ("price__gte", 0), _connector="OR"),
                        name="product_price_is_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cost__isnull", True), ("cost__gte", 0), _connector="OR"),
                        name="product_cost_is_not_negative",
                    ),
                    models.CheckConstraint(
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
                ],
            },
        ),
        migrations.CreateModel(
            name="RaciTemplateRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("products", "Identify complementary products"),
                            ("audience", "Segment the audience"),
                            ("messages", "Write the messages"),
                            ("channels", "Configure the channels"),
                            ("sale", "Inform and close the sale"),
                            ("service", "Serve the customer"),
                            ("results", "Track the results"),
                        ],
                        max_length=16,
                        verbose_name="activity",
                    ),
                ),
                (
                    "added",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.addedactivity",
                        verbose_name="added activity",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="roles",
                        to="campaigns.racitemplate",
                        verbose_name="RACI template",
                    ),
                ),
                (
                    "letter",
                    models.CharField(
                        choices=[
                            ("A", "A · approves, answers for it"),
                            ("R", "R · does"),
                            ("C", "C · gives opinion before"),
                            ("I", "I · is told"),
                        ],
                        max_length=1,
                        verbose_name="role",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="department",
                    ),
                ),
            ],
            options={
                "verbose_name": "cell of a template",
                "verbose_name_plural": "cells of a template",
                "ordering": ["template", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("letter__in", ["A", "R", "C", "I"])), name="template_letter_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("added__isnull", True),
                                (
                                    "kind__in",
                                    ["products", "audience", "messages", "channels", "sale", "service", "results"],
                                ),
                            ),
                            models.Q(("added__isnull", False), ("kind", "")),
                            _connector="OR",
                        ),
                        name="template_cell_is_one_of_the_seven_or_an_added_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tactic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="owner",
                    ),
                ),
                (
                    "since",
                    models.DateField(
                        blank=True, null=True, validators=[customers.validators.day_to_plan], verbose_name="since"
                    ),
                ),
                (
                    "how_told",
                    models.TextField(
                        blank=True,
                        help_text="How those who profit hear of it: meeting, report, channel; how often.",
                        validators=[customers.validators.prose],
                        verbose_name="how they are told",
                    ),
                ),
                (
                    "profits",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Other departments to which it brings customers or knowledge.",
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="who profits",
                    ),
                ),
            ],
            options={
                "verbose_name": "tactic",
                "verbose_name_plural": "tactics",
                "ordering": ["name", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Tool",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("customers", "Customer data (CRM)"),
                            ("mail", "Sending e-mail"),
                            ("messages", "Sending SMS and push messages"),
                            ("social", "Social media"),
                            ("ads", "Advertising"),
                            ("shop", "Web shop and content"),
                            ("recommend", "Recommendations"),
                            ("service", "Service and call centre"),
                            ("loyalty", "Loyalty and coupons"),
                            ("till", "Till and shop floor"),
                            ("analysis", "Analysis and reports"),
                            ("surveys", "Surveys and reviews"),
                            ("planning", "Planning and teamwork"),
                            ("other", "Something else"),
                        ],
                        max_length=16,
                        verbose_name="purpose",
                    ),
                ),
                ("note", models.TextField(blank=True, validators=[customers.validators.prose], verbose_name="note")),
            ],
            options={
                "verbose_name": "tool",
                "verbose_name_plural": "tools",
                "ordering": ["purpose", "department__name", "name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("department", "name", "purpose"), name="department_names_a_tool_once_for_a_purpose"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "purpose__in",
                                [
                                    "customers",
                                    "mail",
                                    "messages",
                                    "social",
                                    "ads",
                                    "shop",
                                    "recommend",
                                    "service",
                                    "loyalty",
                                    "till",
                                    "analysis",
                                    "surveys",
                                    "planning",
                                    "other",
                                ],
                            )
                        ),
                        name="tool_purpose_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AnnouncedPrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "starts_on",
                    models.DateField(validators=[customers.validators.day_to_plan], verbose_name="first day"),
                ),
                ("ends_before", models.DateField(verbose_name="ends before")),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="campaigns.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="price",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "announced price",
                "verbose_name_plural": "announced prices",
                "ordering": ["-starts_on", "product__name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_before__gt", models.F("starts_on")),
                            ("ends_before__lte", dt.date(2201, 1, 1)),
                            ("starts_on__gte", dt.date(2000, 1, 1)),
                        ),
                        name="announced_price_has_days_within_limits",
                        violation_error_message="The last day is before the first.",
                    ),
                    models.UniqueConstraint(fields=("product", "starts_on", "price"), name="price_is_announced_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("price__isnull", True),
                            models.Q(("price__gte", 0), ("price__lte", Decimal("9999999999.99"))),
                            _connector="OR",
                        ),
                        name="announced_price_is_within_limits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="campaigns.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("approved", "Approved"),
                            ("live", "Live"),
                            ("paused", "Paused"),
                            ("ended", "Ended"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                (
                    "accountable",
                    models.ForeignKey(
                        blank=True,
                        help_text="Approves the campaign and answers for it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="accountable (A)",
                    ),
                ),
                (
                    "contact_person",
                    models.ForeignKey(
                        blank=True,
                        help_text="Links the departments; other teams ask here first.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="contact person",
                    ),
                ),
                (
                    "what",
                    models.TextField(
                        blank=True,
                        help_text="Message and intention.",
                        validators=[customers.validators.prose],
                        verbose_name="What?",
                    ),
                ),
                (
                    "who",
                    models.TextField(
                        blank=True,
                        help_text="For whom it is, in words; offers name the segments.",
                        validators=[customers.validators.prose],
                        verbose_name="Who?",
                    ),
                ),
                (
                    "where",
                    models.TextField(
                        blank=True,
                        help_text="Channels and places; offers name the channels.",
                        validators=[customers.validators.prose],
                        verbose_name="Where?",
                    ),
                ),
                (
                    "starts_on",
                    models.DateField(validators=[customers.validators.day_to_plan], verbose_name="first day"),
                ),
                ("ends_before", models.DateField(verbose_name="ends before")),
                (
                    "how",
                    models.TextField(
                        blank=True,
                        help_text="Form, and how each channel adapts it.",
                        validators=[customers.validators.prose],
                        verbose_name="How?",
                    ),
                ),
                (
                    "budget",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="How much?",
                    ),
                ),
                (
                    "goal",
                    models.TextField(
                        blank=True,
                        help_text="The goal this campaign serves.",
                        validators=[customers.validators.prose],
                        verbose_name="Why?",
                    ),
                ),
                (
                    "kpi",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[customers.validators.one_line],
                        verbose_name="measured by (KPI)",
                    ),
                ),
                (
                    "kpi_target",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=14, null=True, verbose_name="target of the KPI"
                    ),
                ),
                (
                    "journey_stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("awareness", "Awareness"),
                            ("consideration", "Consideration"),
                            ("decision", "Decision"),
                            ("loyalty", "Loyalty"),
                        ],
                        max_length=16,
                        verbose_name="journey stage",
                    ),
                ),
                (
                    "control_group",
                    models.ForeignKey(
                        blank=True,
                        help_text="Customers who get nothing of this campaign, so that its effect can be measured.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.segment",
                        verbose_name="control group",
                    ),
                ),
                (
                    "joint_group",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.jointgroup",
                        verbose_name="joint group",
                    ),
                ),
                ("approved_hash", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "serves",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Of your department or of others.",
                        related_name="+",
                        to="campaigns.departmentgoal",
                        verbose_name="goals it serves",
                    ),
                ),
            ],
            options={
                "verbose_name": "campaign",
                "verbose_name_plural": "campaigns",
                "ordering": ["starts_on", "code"],
                "default_permissions": ("view", "change"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_before__gt", models.F("starts_on"))),
                        name="campaign_ends_after_it_starts",
                        violation_error_message="The last day is before the first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("budget__isnull", True), ("budget__gte", 0), _connector="OR"),
                        name="campaign_budget_is_not_negative",
                    ),
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_before__lte", dt.date(2201, 1, 1)), ("starts_on__gte", dt.date(2000, 1, 1))
                        ),
                        name="campaign_days_are_within_limits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["draft", "submitted", "approved", "live", "paused", "ended", "cancelled"])
                        ),
                        name="campaign_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["approved", "live"]), _negated=True),
                            models.Q(("approved_hash", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="campaign_past_review_has_an_approval",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProtectedScope",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "starts_on",
                    models.DateField(validators=[customers.validators.day_to_plan], verbose_name="first day"),
                ),
                ("ends_before", models.DateField(verbose_name="ends before")),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("embargo", "Embargo"),
                            ("minimum_price", "Minimum price"),
                            ("brand_exclusive", "Reserved brand"),
                            ("legal", "Forbidden by law"),
                            ("never_promote", "Never promoted"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "brand",
                    models.CharField(
                        blank=True, max_length=200, validators=[customers.validators.one_line], verbose_name="brand"
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.category",
                        verbose_name="category",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        help_text="None = nobody may promote it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="reserved for",
                    ),
                ),
                (
                    "min_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="minimum price",
                    ),
                ),
                (
                    "is_hard",
                    models.BooleanField(
                        default=True, help_text="Off = a wish, which weighs half.", verbose_name="binding"
                    ),
                ),
                (
                    "reason",
                    models.TextField(
                        blank=True,
                        help_text="Such as the contract.",
                        validators=[customers.validators.prose],
                        verbose_name="reason",
                    ),
                ),
            ],
            options={
                "verbose_name": "protected scope",
                "verbose_name_plural": "protected scopes",
                "ordering": ["name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_before__gt", models.F("starts_on")),
                            ("ends_before__lte", dt.date(2201, 1, 1)),
                            ("starts_on__gte", dt.date(2000, 1, 1)),
                        ),
                        name="protection_has_days_within_limits",
                        violation_error_message="The last day is before the first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["embargo", "minimum_price", "brand_exclusive", "legal", "never_promote"])
                        ),
                        name="protection_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("brand", ""), _negated=True),
                                ("category__isnull", True),
                                ("product__isnull", True),
                            ),
                            models.Q(("brand", ""), ("category__isnull", False), ("product__isnull", True)),
                            models.Q(("brand", ""), ("category__isnull", True), ("product__isnull", False)),
                            _connector="OR",
                        ),
                        name="protection_names_one_scope",
                        violation_error_message="Name one: a brand, a category or a product.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "minimum_price"), ("min_price__isnull", False)),
                            models.Q(models.Q(("kind", "minimum_price"), _negated=True), ("min_price__isnull", True)),
                            _connector="OR",
                        ),
                        name="minimum_price_belongs_to_its_kind",
                        violation_error_message="A minimum price is given for that kind, and for no other.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("min_price__isnull", True),
                            models.Q(("min_price__gte", 0), ("min_price__lte", Decimal("9999999999.99"))),
                            _connector="OR",
                        ),
                        name="minimum_price_is_within_limits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Substitution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="campaigns.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "substitute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="campaigns.product",
                        verbose_name="substitute",
                    ),
                ),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=3,
                        max_digits=4,
                        validators=[customers.validators.Between(0, 1)],
                        verbose_name="rate",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True, max_length=200, validators=[customers.validators.one_line], verbose_name="source"
                    ),
                ),
            ],
            options={
                "verbose_name": "substitution",
                "verbose_name_plural": "substitutions",
                "ordering": ["product__name", "substitute__name", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("product", "substitute"), name="product_has_a_substitute_once"),
                    models.CheckConstraint(
                        condition=models.Q(("product", models.F("substitute")), _negated=True),
                        name="substitute_is_another_product",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rate__isnull", True), models.Q(("rate__gte", 0), ("rate__lte", 1)), _connector="OR"
                        ),
                        name="substitution_rate_is_a_part",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="campaigns.campaign"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("why", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "reason for access",
                "verbose_name_plural": "reasons for access",
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "user", "why"), name="access_reason_is_given_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Activity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("products", "Identify complementary products"),
                            ("audience", "Segment the audience"),
                            ("messages", "Write the messages"),
                            ("channels", "Configure the channels"),
                            ("sale", "Inform and close the sale"),
                            ("service", "Serve the customer"),
                            ("results", "Track the results"),
                        ],
                        max_length=16,
                        verbose_name="activity",
                    ),
                ),
                (
                    "added",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.addedactivity",
                        verbose_name="added activity",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="activities",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "accountable",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="A · approves, answers for it",
                    ),
                ),
            ],
            options={
                "verbose_name": "activity",
                "verbose_name_plural": "activities",
                "ordering": ["campaign", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("added__isnull", True),
                                (
                                    "kind__in",
                                    ["products", "audience", "messages", "channels", "sale", "service", "results"],
                                ),
                            ),
                            models.Q(("added__isnull", False), ("kind", "")),
                            _connector="OR",
                        ),
                        name="activity_is_one_of_the_seven_or_an_added_one",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", ""), _negated=True),
                        fields=("campaign", "kind"),
                        name="campaign_has_an_activity_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("added__isnull", False)),
                        fields=("campaign", "added"),
                        name="campaign_has_an_added_activity_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CampaignGroupObjectPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("permission", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission")),
                ("group", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.group")),
                (
                    "content_object",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="campaigns.campaign"),
                ),
            ],
            options={
                "unique_together": {("group", "permission", "content_object")},
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CampaignUserObjectPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("permission", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                (
                    "content_object",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="campaigns.campaign"),
                ),
            ],
            options={
                "unique_together": {("user", "permission", "content_object")},
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CarriedSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.campaign"
                    ),
                ),
                ("section", models.CharField(max_length=80)),
                ("before", models.CharField(blank=True, max_length=64)),
                ("after", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "carried signature",
                "verbose_name_plural": "carried signatures",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "applies_to",
                    models.CharField(
                        choices=[("item", "each product"), ("order", "the whole order")],
                        default="item",
                        max_length=8,
                        verbose_name="applies to",
                    ),
                ),
                (
                    "max_discount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(Decimal("0.01"), Decimal("9999999999.99"))],
                        verbose_name="most discount per order",
                    ),
                ),
                (
                    "only_one_of_its_kind",
                    models.BooleanField(
                        default=False,
                        help_text="Never together with another discount of the same kind: on products, on orders, on shipping.",
                        verbose_name="alone among its kind",
                    ),
                ),
                (
                    "combination_class",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.combinationclass",
                        verbose_name="combination class",
                    ),
                ),
                (
                    "discount_base",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("discounted", "the price after other discounts"),
                            ("initial", "the price before other discounts"),
                        ],
                        max_length=12,
                        verbose_name="counts from",
                    ),
                ),
                (
                    "redemption_code",
                    models.CharField(
                        blank=True,
                        max_length=32,
                        validators=[customers.validators.one_line],
                        verbose_name="coupon code",
                    ),
                ),
                (
                    "eligibility",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[customers.validators.one_line],
                        verbose_name="who may use it",
                    ),
                ),
                (
                    "returns",
                    models.CharField(
                        blank=True, max_length=200, validators=[customers.validators.one_line], verbose_name="returns"
                    ),
                ),
                (
                    "redemption_place",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[customers.validators.one_line],
                        verbose_name="where it is redeemed",
                    ),
                ),
                (
                    "per_customer_limit",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[customers.validators.Between(1, 2147483647)],
                        verbose_name="times per customer",
                    ),
                ),
                (
                    "contacts",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="How often each customer is written to; empty = once.",
                        null=True,
                        validators=[customers.validators.Between(0, 100)],
                        verbose_name="messages per customer",
                    ),
                ),
                (
                    "item_reuse",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "for nothing else"),
                            ("as_trigger", "to trigger another offer"),
                            ("as_target", "for another discount"),
                            ("both", "for both"),
                        ],
                        max_length=12,
                        verbose_name="a product counts again",
                    ),
                ),
                (
                    "recommendation_placement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.placement",
                        verbose_name="recommended in",
                    ),
                ),
                (
                    "max_recommendations",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[customers.validators.Between(1, 100)],
                        verbose_name="recommendations at once",
                    ),
                ),
                (
                    "expected_units",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[customers.validators.Between(0, 2147483647)],
                        verbose_name="units expected",
                    ),
                ),
                (
                    "forecast_source",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[customers.validators.one_line],
                        verbose_name="source of the forecast",
                    ),
                ),
                (
                    "reference_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(Decimal("0.01"), Decimal("9999999999.99"))],
                        verbose_name="earlier price shown",
                    ),
                ),
                (
                    "reference_price_policy",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "no earlier price is shown"),
                            ("current", "the present price"),
                            ("lowest_30d", "the lowest price of the last 30 days"),
                            ("list", "the list price"),
                            ("msrp", "the price the maker recommends"),
                        ],
                        max_length=12,
                        verbose_name="earlier price is",
                    ),
                ),
                (
                    "message",
                    models.TextField(
                        blank=True,
                        help_text="What customers read, word for word.",
                        validators=[customers.validators.prose],
                        verbose_name="message",
                    ),
                ),
                (
                    "why_suggested",
                    models.CharField(
                        blank=True,
                        help_text="One plain sentence to the customer: why this is suggested to them.",
                        max_length=300,
                        validators=[customers.validators.one_line],
                        verbose_name="why you see this",
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        max_length=128, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offers",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "starts_on",
                    models.DateField(validators=[customers.validators.day_to_plan], verbose_name="first day"),
                ),
                ("ends_before", models.DateField(verbose_name="ends before")),
                (
                    "mechanic",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("percent", "Percent off"),
                            ("amount_off", "Amount off"),
                            ("fixed_price", "Fixed price"),
                            ("bxgy", "Buy some, get some"),
                            ("bundle", "Bundle"),
                            ("free_shipping", "Free shipping"),
                            ("points", "Points"),
                            ("gift", "Gift"),
                            ("message", "Message without price"),
                        ],
                        max_length=16,
                        verbose_name="mechanic",
                    ),
                ),
                (
                    "percent_off",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        validators=[customers.validators.Between(Decimal("0.01"), 100)],
                        verbose_name="percent off",
                    ),
                ),
                (
                    "amount_off",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(Decimal("0.01"), Decimal("9999999999.99"))],
                        verbose_name="amount off",
                    ),
                ),
                (
                    "fixed_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="fixed price",
                    ),
                ),
                (
                    "buy_quantity",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[customers.validators.Between(1, 2147483647)],
                        verbose_name="buy",
                    ),
                ),
                (
                    "get_quantity",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[customers.validators.Between(1, 2147483647)],
                        verbose_name="get free",
                    ),
                ),
                (
                    "min_spend",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="minimum spend",
                    ),
                ),
                (
                    "points_multiplier",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        validators=[customers.validators.Between(Decimal("0.01"), Decimal("999.99"))],
                        verbose_name="points multiplier",
                    ),
                ),
                (
                    "gift_product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.product",
                        verbose_name="gift",
                    ),
                ),
                (
                    "stackable",
                    models.BooleanField(
                        blank=True,
                        help_text="Leave open if nobody decided yet.",
                        null=True,
                        verbose_name="combines with other offers",
                    ),
                ),
                (
                    "margin_floor_pct",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        validators=[customers.validators.Between(0, Decimal("99.99"))],
                        verbose_name="margin floor (%)",
                    ),
                ),
                (
                    "priority",
                    models.SmallIntegerField(
                        blank=True,
                        help_text="Lower goes first at the till.",
                        null=True,
                        validators=[customers.validators.Between(-32767, 32767)],
                        verbose_name="priority",
                    ),
                ),
                (
                    "audience",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.segment",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("approved_products", models.PositiveIntegerField(editable=False, null=True)),
                ("posted", models.PositiveIntegerField(default=0, editable=False)),
                ("held", models.BooleanField(default=False, editable=False, verbose_name="held by a case")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="withdrawn")),
                ("live_since", models.DateTimeField(editable=False, null=True, verbose_name="live since")),
                (
                    "accepts",
                    models.ManyToManyField(
                        blank=True,
                        help_text="None = with every class, if it combines at all.",
                        related_name="+",
                        to="campaigns.combinationclass",
                        verbose_name="combines with",
                    ),
                ),
                (
                    "channels",
                    models.ManyToManyField(
                        blank=True,
                        help_text="None = every channel.",
                        related_name="+",
                        to="customers.channel",
                        verbose_name="channels",
                    ),
                ),
            ],
            options={
                "verbose_name": "offer",
                "verbose_name_plural": "offers",
                "ordering": ["starts_on", "code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_before__gt", models.F("starts_on"))),
                        name="offer_ends_after_it_starts",
                        violation_error_message="The last day is before the first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("amount_off__isnull", True),
                                ("buy_quantity__isnull", True),
                                ("fixed_price__isnull", True),
                                ("get_quantity__isnull", True),
                                ("gift_product__isnull", True),
                                ("mechanic", ""),
                                ("min_spend__isnull", True),
                                ("percent_off__isnull", True),
                                ("points_multiplier__isnull", True),
                            ),
                            models.Q(
                                ("amount_off__isnull", True),
                                ("buy_quantity__isnull", True),
                                ("fixed_price__isnull", True),
                                ("get_quantity__isnull", True),
                                ("gift_product__isnull", True),
                                ("mechanic", "percent"),
                                ("min_spend__isnull", True),
                                ("percent_off__isnull", False),
                                ("points_multiplier__isnull", True),
                            ),
                            models.Q(
                                ("amount_off__isnull", False),
                                ("buy_quantity__isnull", True),
                                ("fixed_price__isnull", True),
                                ("get_quantity__isnull", True),
                                ("gift_product__isnull", True),
                                ("mechanic", "amount_off"),
                                ("min_spend__isnull", True),
                                ("percent_off__isnull", True),
                                ("points_multiplier__isnull", True),
                            ),
                            models.Q(
                                ("amount_off__isnull", True),
                                ("buy_quantity__isnull", True),
                                ("fixed_price__isnull", False),
                                ("get_quantity__isnull", True),
                                ("gift_product__isnull", True),
                                ("mechanic", "fixed_price"),
                                ("min_spend__isnull", True),
                                ("percent_off__isnull", True),
                                ("points_multiplier__isnull", True),
                            ),
                            models.Q(
                                ("amount_off__isnull", True),
                                ("buy_quantity__isnull", False),
                                ("fixed_price__isnull", True),
                                ("get_quantity__isnull", False),
                                ("gift_product__isnull", True),
                                ("mechanic", "bxgy"),
                                ("min_spend__isnull", True),
                                ("percent_off__isnull", True),
                                ("points_multiplier__isnull", True),
                            ),
                            models.Q(
                                ("amount_off__isnull", True),
                                ("buy_quantity__isnull", True),
                                ("get_quantity__isnull", True),
                                ("gift_product__isnull", True),
                                ("mechanic", "bundle"),
                                ("min_spend__isnull", True),
                                ("percent_off__isnull", True),
                                ("points_multiplier__isnull", True),
                            ),
                            models.Q(
                                ("amount_off__isnull", True),
                                ("buy_quantity__isnull", True),
                                ("fixed_price__isnull", True),
                                ("get_quantity__isnull", True),
                                ("gift_product__isnull", True),
                                ("mechanic", "free_shipping"),
                                ("percent_off__isnull", True),
                                ("points_multiplier__isnull", True),
                            ),
                            models.Q(
                                ("amount_off__isnull", True),
                                ("buy_quantity__isnull", True),
                                ("fixed_price__isnull", True),
                                ("get_quantity__isnull", True),
                                ("gift_product__isnull", True),
                                ("mechanic", "points"),
                                ("min_spend__isnull", True),
                                ("percent_off__isnull", True),
                                ("points_multiplier__isnull", False),
                            ),
                            models.Q(
                                ("amount_off__isnull", True),
                                ("buy_quantity__isnull", True),
                                ("fixed_price__isnull", True),
                                ("get_quantity__isnull", True),
                                ("mechanic", "gift"),
                                ("min_spend__isnull", True),
                                ("percent_off__isnull", True),
                                ("points_multiplier__isnull", True),
                            ),
                            models.Q(
                                ("amount_off__isnull", True),
                                ("buy_quantity__isnull", True),
                                ("fixed_price__isnull", True),
                                ("get_quantity__isnull", True),
                                ("gift_product__isnull", True),
                                ("mechanic", "message"),
                                ("min_spend__isnull", True),
                                ("percent_off__isnull", True),
                                ("points_multiplier__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="offer_terms_fit_its_mechanic",
                        violation_error_message="Fill exactly the fields that the mechanic needs.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("percent_off__isnull", True),
                            models.Q(("percent_off__gt", 0), ("percent_off__lte", 100)),
                            _connector="OR",
                        ),
                        name="offer_percent_is_above_0_and_at_most_100",
                        violation_error_message="The percentage is above 0 and at most 100.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount_off__isnull", True), ("amount_off__gt", 0), _connector="OR"),
                            models.Q(("buy_quantity__isnull", True), ("buy_quantity__gt", 0), _connector="OR"),
                            models.Q(("get_quantity__isnull", True), ("get_quantity__gt", 0), _connector="OR"),
                            models.Q(
                                ("points_multiplier__isnull", True), ("points_multiplier__gt", 0), _connector="OR"
                            ),
                        ),
                        name="offer_amounts_are_positive",
                        violation_error_message="Amounts and quantities are above 0.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("fixed_price__isnull", True), ("fixed_price__gte", 0), _connector="OR"),
                            models.Q(("min_spend__isnull", True), ("min_spend__gte", 0), _connector="OR"),
                        ),
                        name="offer_prices_are_not_negative",
                        violation_error_message="Prices are not negative.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("margin_floor_pct__isnull", True),
                            models.Q(("margin_floor_pct__gte", 0), ("margin_floor_pct__lt", 100)),
                            _connector="OR",
                        ),
                        name="offer_margin_floor_is_a_percentage",
                        violation_error_message="The margin floor is from 0 to below 100.",
                    ),
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_before__lte", dt.date(2201, 1, 1)), ("starts_on__gte", dt.date(2000, 1, 1))
                        ),
                        name="offer_days_are_within_limits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("held", False), ("live_since__isnull", True), _connector="OR"),
                        name="held_offer_is_never_live",
                        violation_error_message="A case holds this offer: it cannot go live before the case is decided.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("withdrawn_at__isnull", True),
                            models.Q(("held", False), ("live_since__isnull", True)),
                            _connector="OR",
                        ),
                        name="withdrawn_offer_is_neither_held_nor_live",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("applies_to__in", ["item", "order"]),
                            ("discount_base__in", ["", "discounted", "initial"]),
                            ("item_reuse__in", ["", "none", "as_trigger", "as_target", "both"]),
                            ("reference_price_policy__in", ["", "none", "current", "lowest_30d", "list", "msrp"]),
                        ),
                        name="offer_details_are_known_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("max_discount__isnull", True),
                                models.Q(
                                    ("max_discount__gte", Decimal("0.01")),
                                    ("max_discount__lte", Decimal("9999999999.99")),
                                ),
                                _connector="OR",
                            ),
                            models.Q(
                                ("reference_price__isnull", True),
                                models.Q(
                                    ("reference_price__gte", Decimal("0.01")),
                                    ("reference_price__lte", Decimal("9999999999.99")),
                                ),
                                _connector="OR",
                            ),
                            models.Q(
                                ("per_customer_limit__isnull", True),
                                models.Q(("per_customer_limit__gte", 1), ("per_customer_limit__lte", 2147483647)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("contacts__isnull", True),
                                models.Q(("contacts__gte", 0), ("contacts__lte", 100)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("max_recommendations__isnull", True),
                                models.Q(("max_recommendations__gte", 1), ("max_recommendations__lte", 100)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("expected_units__isnull", True),
                                models.Q(("expected_units__gte", 0), ("expected_units__lte", 2147483647)),
                                _connector="OR",
                            ),
                        ),
                        name="offer_details_are_within_limits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SectionContent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.campaign"
                    ),
                ),
                ("section", models.CharField(max_length=80)),
                ("hash", models.CharField(max_length=64)),
                ("content", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
            ],
            options={
                "verbose_name": "section of a plan",
                "verbose_name_plural": "sections of plans",
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "section", "hash"), name="section_is_kept_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="campaigns.campaign"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("content_hash", models.CharField(max_length=64)),
                ("sections", models.JSONField()),
                ("made_at", models.DateTimeField(verbose_name="since")),
            ],
            options={
                "verbose_name": "version",
                "verbose_name_plural": "versions",
                "ordering": ["campaign", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "number"), name="versions_of_a_plan_are_numbered"),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="versions_begin_with_one"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Collision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=32, verbose_name="rule")),
                ("key", models.CharField(blank=True, default="", max_length=64)),
                (
                    "offer_a",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.offer",
                        verbose_name="offer",
                    ),
                ),
                (
                    "offer_b",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.offer",
                        verbose_name="offer",
                    ),
                ),
                ("version_a", models.PositiveIntegerField()),
                ("version_b", models.PositiveIntegerField()),
                ("starts_on", models.DateField(verbose_name="first shared day")),
                ("ends_before", models.DateField(verbose_name="ends before")),
                ("shared_products", models.PositiveIntegerField(verbose_name="shared products")),
                ("shared_customers", models.PositiveBigIntegerField(verbose_name="shared customers")),
                (
                    "certainty",
                    models.CharField(
                        choices=[("exact", "Exact"), ("estimated", "Estimated"), ("heuristic", "Presumed")],
                        default="exact",
                        max_length=12,
                        verbose_name="certainty",
                    ),
                ),
                ("evidence", models.JSONField(null=True)),
                ("score", models.PositiveSmallIntegerField(verbose_name="severity")),
                (
                    "level",
                    models.CharField(
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
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("settled", "Allowed by decision"),
                            ("cleared", "Cleared"),
                            ("past", "Past"),
                        ],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "settled_level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("note", "Note"),
                            ("low", "Low"),
                            ("medium", "Medium"),
                            ("high", "High"),
                            ("critical", "Critical"),
                        ],
                        max_length=8,
                    ),
                ),
                ("first_seen_at", models.DateTimeField(verbose_name="first seen")),
                ("changed_at", models.DateTimeField(verbose_name="last changed")),
            ],
            options={
                "verbose_name": "collision",
                "verbose_name_plural": "collisions",
                "ordering": ["-score", "starts_on", "id"],
                "indexes": [models.Index(fields=["state", "-score"], name="collision_by_state")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rule", "key", "offer_a", "offer_b"), name="collision_is_found_once"
                    ),
                    models.UniqueConstraint(
                        models.F("rule"),
                        models.F("key"),
                        django.db.models.functions.comparison.Least("offer_a", "offer_b"),
                        django.db.models.functions.comparison.Greatest("offer_a", "offer_b"),
                        name="collision_is_found_once_in_either_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("rule", "overlap"), _negated=True),
                            models.Q(("shared_customers__gt", 0), ("shared_products__gt", 0)),
                            _connector="OR",
                        ),
                        name="collision_shares_products_and_customers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "settled", "cleared", "past"])),
                        name="collision_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["note", "low", "medium", "high", "critical"])),
                        name="collision_level_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("offer_a", models.F("offer_b")), _negated=True),
                        name="collision_is_between_two_offers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("certainty__in", ["exact", "estimated", "heuristic"])),
                        name="collision_certainty_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_before__gt", models.F("starts_on"))), name="collision_has_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("score__lte", 100)), name="collision_score_is_at_most_100"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "settled"), _negated=True),
                            models.Q(("settled_level", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="collision_settled_at_a_level",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FundDraw",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="draws", to="campaigns.offer"
                    ),
                ),
                (
                    "fund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.fund",
                        verbose_name="fund",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[customers.validators.Between(Decimal("0.01"), Decimal("9999999999.99"))],
                        verbose_name="amount",
                    ),
                ),
            ],
            options={
                "verbose_name": "draw on a fund",
                "verbose_name_plural": "draws on funds",
                "constraints": [
                    models.UniqueConstraint(fields=("offer", "fund"), name="offer_draws_on_a_fund_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__isnull", True),
                            models.Q(("amount__gte", Decimal("0.01")), ("amount__lte", Decimal("9999999999.99"))),
                            _connector="OR",
                        ),
                        name="draw_is_within_limits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfferAudience",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="audience_rows", to="campaigns.offer"
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.segment"
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("include", "include"), ("exclude", "exclude")], default="include", max_length=8
                    ),
                ),
            ],
            options={
                "verbose_name": "audience",
                "verbose_name_plural": "audiences",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("mode__in", ["include", "exclude"])),
                        name="audience_of_an_offer_has_a_known_mode",
                    ),
                    models.UniqueConstraint(fields=("offer", "segment"), name="offer_names_a_segment_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfferCategory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="category_rows", to="campaigns.offer"
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.category"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("target", "on offer"), ("trigger", "trigger"), ("recommended", "recommended")],
                        default="target",
                        max_length=12,
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("include", "include"), ("exclude", "exclude")], default="include", max_length=8
                    ),
                ),
            ],
            options={
                "verbose_name": "category of an offer",
                "verbose_name_plural": "categories of an offer",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("mode__in", ["include", "exclude"]), ("role__in", ["target", "trigger", "recommended"])
                        ),
                        name="category_of_an_offer_has_a_known_role_and_mode",
                    ),
                    models.UniqueConstraint(
                        fields=("offer", "category", "role"), name="offer_names_a_category_once_per_role"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfferChannelTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="channel_terms", to="campaigns.offer"
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.channel",
                        verbose_name="channel",
                    ),
                ),
                (
                    "percent_off",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        validators=[customers.validators.Between(Decimal("0.01"), 100)],
                        verbose_name="percent off",
                    ),
                ),
                (
                    "amount_off",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(Decimal("0.01"), Decimal("9999999999.99"))],
                        verbose_name="amount off",
                    ),
                ),
                (
                    "fixed_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="fixed price",
                    ),
                ),
                (
                    "is_exclusive",
                    models.BooleanField(
                        default=False,
                        help_text="Every message says that these terms hold on this channel alone.",
                        verbose_name="only here",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        max_length=200, validators=[customers.validators.one_line], verbose_name="reason"
                    ),
                ),
            ],
            options={
                "verbose_name": "terms on a channel",
                "verbose_name_plural": "terms on channels",
                "constraints": [
                    models.UniqueConstraint(fields=("offer", "channel"), name="offer_has_terms_of_a_channel_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("amount_off__isnull", True),
                                ("fixed_price__isnull", True),
                                ("percent_off__isnull", False),
                            ),
                            models.Q(
                                ("amount_off__isnull", False),
                                ("fixed_price__isnull", True),
                                ("percent_off__isnull", True),
                            ),
                            models.Q(
                                ("amount_off__isnull", True),
                                ("fixed_price__isnull", False),
                                ("percent_off__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="channel_terms_have_one_value",
                        violation_error_message="Give one: a percentage, an amount or a price.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("percent_off__isnull", True),
                                models.Q(("percent_off__gte", Decimal("0.01")), ("percent_off__lte", 100)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("amount_off__isnull", True),
                                models.Q(
                                    ("amount_off__gte", Decimal("0.01")), ("amount_off__lte", Decimal("9999999999.99"))
                                ),
                                _connector="OR",
                            ),
                            models.Q(
                                ("fixed_price__isnull", True),
                                models.Q(("fixed_price__gte", 0), ("fixed_price__lte", Decimal("9999999999.99"))),
                                _connector="OR",
                            ),
                        ),
                        name="channel_terms_are_within_limits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfferClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="claims", to="campaigns.offer"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("lowest_price", "Lowest price"),
                            ("exclusive_to", "Only for some customers or one channel"),
                            ("ends", "Last chance"),
                            ("never_discounted", "Never discounted"),
                            ("only_here", "Only online or only in the shop"),
                            ("new_customers_only", "Only for new customers"),
                            ("free_shipping_always", "Shipping is always free"),
                            ("limited_quantity", "Limited quantity"),
                        ],
                        max_length=24,
                        verbose_name="kind",
                    ),
                ),
                (
                    "text",
                    models.CharField(
                        max_length=300, validators=[customers.validators.one_line], verbose_name="sentence"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "brand",
                    models.CharField(
                        blank=True, max_length=200, validators=[customers.validators.one_line], verbose_name="brand"
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.channel",
                        verbose_name="channel",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.segment",
                        verbose_name="segment",
                    ),
                ),
                (
                    "until",
                    models.DateField(
                        blank=True, null=True, validators=[customers.validators.day_to_plan], verbose_name="last day"
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="amount",
                    ),
                ),
                (
                    "quantity",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[customers.validators.Between(1, 2147483647)],
                        verbose_name="quantity",
                    ),
                ),
                ("is_legal", models.BooleanField(default=False, verbose_name="the law asks for it")),
            ],
            options={
                "verbose_name": "claim",
                "verbose_name_plural": "claims",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "lowest_price",
                                    "exclusive_to",
                                    "ends",
                                    "never_discounted",
                                    "only_here",
                                    "new_customers_only",
                                    "free_shipping_always",
                                    "limited_quantity",
                                ],
                            )
                        ),
                        name="claim_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("amount__isnull", True),
                                models.Q(("amount__gte", 0), ("amount__lte", Decimal("9999999999.99"))),
                                _connector="OR",
                            ),
                            models.Q(
                                ("quantity__isnull", True),
                                models.Q(("quantity__gte", 1), ("quantity__lte", 2147483647)),
                                _connector="OR",
                            ),
                        ),
                        name="claim_numbers_are_within_limits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfferCombination",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "offer_a",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="campaigns.offer"
                    ),
                ),
                (
                    "offer_b",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="campaigns.offer"
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[("allow", "combine"), ("deny", "do not combine")],
                        max_length=8,
                        verbose_name="decision",
                    ),
                ),
            ],
            options={
                "verbose_name": "combination of two offers",
                "verbose_name_plural": "combinations of offers",
                "constraints": [
                    models.UniqueConstraint(fields=("offer_a", "offer_b"), name="two_offers_have_one_decision"),
                    models.CheckConstraint(
                        condition=models.Q(("offer_a__lt", models.F("offer_b"))),
                        name="combination_names_the_lower_id_first",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decision__in", ["allow", "deny"])),
                        name="combination_is_allowed_or_denied",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfferItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.PositiveSmallIntegerField(choices=[(0, "Product"), (1, "Category"), (2, "Catcount")])),
                ("key", models.BigIntegerField()),
                ("starts_on", models.DateField()),
                ("ends_before", models.DateField()),
                (
                    "department",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="campaigns.department",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="campaigns.offer"
                    ),
                ),
                ("weight", models.IntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["kind", "key", "starts_on", "ends_before", "department", "offer", "weight"],
                        name="offer_item_posting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("offer", "kind", "key"), name="offer_has_an_item_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OfferProduct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="product_rows", to="campaigns.offer"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.product"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("target", "on offer"), ("trigger", "trigger"), ("recommended", "recommended")],
                        default="target",
                        max_length=12,
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("include", "include"), ("exclude", "exclude")], default="include", max_length=8
                    ),
                ),
            ],
            options={
                "verbose_name": "product of an offer",
                "verbose_name_plural": "products of an offer",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("mode__in", ["include", "exclude"]), ("role__in", ["target", "trigger", "recommended"])
                        ),
                        name="product_of_an_offer_has_a_known_role_and_mode",
                    ),
                    models.UniqueConstraint(
                        fields=("offer", "product", "role"), name="offer_names_a_product_once_per_role"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlacementBooking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="bookings", to="campaigns.offer"
                    ),
                ),
                (
                    "placement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.placement",
                        verbose_name="placement",
                    ),
                ),
                (
                    "starts_on",
                    models.DateField(validators=[customers.validators.day_to_plan], verbose_name="first day"),
                ),
                ("ends_before", models.DateField(verbose_name="ends before")),
                (
                    "share",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal(100),
                        max_digits=5,
                        validators=[customers.validators.Between(Decimal("0.01"), 100)],
                        verbose_name="share (%)",
                    ),
                ),
                (
                    "goal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("grow_list", "Grow the mailing list"),
                            ("conversion", "Sell on this page"),
                            ("awareness", "Be noticed"),
                            ("clear_stock", "Clear stock"),
                            ("margin", "Protect the margin"),
                            ("loyalty", "Reward loyal customers"),
                        ],
                        max_length=16,
                        verbose_name="goal",
                    ),
                ),
            ],
            options={
                "verbose_name": "booking of a placement",
                "verbose_name_plural": "bookings of placements",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_before__gt", models.F("starts_on"))),
                        name="booking_ends_after_it_starts",
                        violation_error_message="The last day is before the first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_before__lte", dt.date(2201, 1, 1)),
                            ("starts_on__gte", dt.date(2000, 1, 1)),
                            models.Q(
                                ("share__isnull", True),
                                models.Q(("share__gte", Decimal("0.01")), ("share__lte", 100)),
                                _connector="OR",
                            ),
                        ),
                        name="booking_is_within_limits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "goal__in",
                                ["", "grow_list", "conversion", "awareness", "clear_stock", "margin", "loyalty"],
                            )
                        ),
                        name="booking_goal_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RaciRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="roles",
                        to="campaigns.activity",
                        verbose_name="activity",
                    ),
                ),
                (
                    "letter",
                    models.CharField(
                        choices=[("R", "R · does"), ("C", "C · gives opinion before"), ("I", "I · is told")],
                        max_length=1,
                        verbose_name="role",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "RACI role",
                "verbose_name_plural": "RACI roles",
                "ordering": ["activity", "letter", "department"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("letter__in", ["R", "C", "I"])), name="raci_letter_is_known"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", True)),
                        fields=("activity", "department"),
                        name="department_has_one_letter_in_an_activity",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", False)),
                        fields=("activity", "user"),
                        name="person_has_one_letter_in_an_activity",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CollisionMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "collision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="campaigns.collision"
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.offer"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "offer of a collision",
                "verbose_name_plural": "offers of a collision",
                "constraints": [
                    models.UniqueConstraint(fields=("collision", "offer"), name="collision_names_an_offer_once")
                ],
            },
        ),
        AppendOnly("CarriedSignature"),
        AppendOnly("SectionContent"),
        AppendOnly("Version"),
        migrations.RunPython(list_words, migrations.RunPython.noop),
    ]
