import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import customers.validators
from customers.append_only import ForwardOnly, SealedOnce


def begin(apps, schema_editor):
    apps.get_model("auth", "Group").objects.get_or_create(name="Analysts")
    apps.get_model("customers", "HistoryHead").objects.create(id=1)


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("customers", "0001_initial"),
        ("customers", "0002_history_append_only"),
        ("customers", "0003_analysts"),
        ("customers", "0004_history_chain"),
        ("customers", "0005_api_tokens_and_idempotent_requests"),
        ("customers", "0006_limits"),
    ]

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("auth", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="acts for",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="What uses it, such as “till in Sevilla”.", max_length=100, verbose_name="name"
                    ),
                ),
                ("start", models.CharField(editable=False, max_length=16, verbose_name="begins with")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "scope",
                    models.CharField(
                        choices=[("read", "reads"), ("write", "reads and writes")],
                        default="read",
                        max_length=8,
                        verbose_name="may do",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="made")),
                ("expires_at", models.DateTimeField(verbose_name="ends")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked")),
            ],
            options={
                "verbose_name": "API token",
                "verbose_name_plural": "API tokens",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["read", "write"])), name="token_scope_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="token_ends_after_it_was_made",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Channel",
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
                    "capacity_per_day",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[customers.validators.Between(0, 2147483647)],
                        verbose_name="capacity per day",
                    ),
                ),
                ("quiet_from", models.TimeField(blank=True, null=True, verbose_name="quiet from")),
                ("quiet_to", models.TimeField(blank=True, null=True, verbose_name="quiet to")),
            ],
            options={
                "verbose_name": "channel",
                "verbose_name_plural": "channels",
                "ordering": ["name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quiet_from__isnull", True), ("quiet_to__isnull", True)),
                            models.Q(("quiet_from__isnull", False), ("quiet_to__isnull", False)),
                            _connector="OR",
                        ),
                        name="channel_quiet_hours_have_both_ends",
                        violation_error_message="Give both ends of the quiet hours, or neither.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("capacity_per_day__isnull", True),
                            models.Q(("capacity_per_day__gte", 0), ("capacity_per_day__lte", 2147483647)),
                            _connector="OR",
                        ),
                        name="channel_capacity_is_within_limits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField(editable=False, unique=True, verbose_name="number")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "household",
                    models.CharField(
                        blank=True, max_length=64, validators=[customers.validators.one_line], verbose_name="household"
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                (
                    "language",
                    models.CharField(
                        blank=True, max_length=8, validators=[customers.validators.one_line], verbose_name="language"
                    ),
                ),
                ("attributes", models.JSONField(blank=True, default=dict, verbose_name="attributes")),
            ],
            options={
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
                "ordering": ["number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 0), ("number__lt", 4294967296)),
                        name="customer_number_fits_a_32_bit_bitmap",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("topic", models.CharField(max_length=64, verbose_name="topic")),
                ("payload", models.JSONField(default=dict, verbose_name="payload")),
                ("created_at", models.DateTimeField(verbose_name="written")),
                ("handled_at", models.DateTimeField(null=True, verbose_name="handled")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("not_before", models.DateTimeField(null=True, verbose_name="not before")),
                ("error", models.TextField(blank=True, verbose_name="error")),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "indexes": [
                    models.Index(
                        condition=models.Q(("handled_at__isnull", True)),
                        fields=["topic", "id"],
                        name="event_unhandled",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64, unique=True)),
                ("last_ok_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "heartbeat",
                "verbose_name_plural": "heartbeats",
            },
        ),
        migrations.CreateModel(
            name="HistoryEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("actor", models.CharField(blank=True, max_length=150, verbose_name="who")),
                ("verb", models.CharField(max_length=64, verbose_name="what")),
                ("subject", models.CharField(db_index=True, max_length=160, verbose_name="subject")),
                ("scope", models.CharField(db_index=True, max_length=160, verbose_name="scope")),
                (
                    "changes",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="changes"
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("key", models.CharField(max_length=128, null=True, unique=True)),
                ("seq", models.BigIntegerField(editable=False, null=True, unique=True, verbose_name="number")),
                ("digest", models.CharField(editable=False, max_length=64, null=True)),
            ],
            options={
                "verbose_name": "history entry",
                "verbose_name_plural": "history",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(condition=models.Q(("seq__isnull", True)), fields=["id"], name="history_unsealed")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("digest__isnull", True), ("seq__isnull", True)),
                            models.Q(("digest__isnull", False), ("seq__isnull", False)),
                            _connector="OR",
                        ),
                        name="history_entry_is_sealed_whole",
                    ),
                    models.CheckConstraint(condition=models.Q(("seq__gte", 1)), name="history_is_numbered_from_one"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoryHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField(default=0)),
                ("digest", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "verbose_name": "head of the history",
                "verbose_name_plural": "head of the history",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="history_has_one_head")],
            },
        ),
        migrations.CreateModel(
            name="IdempotentRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("key", models.CharField(max_length=128)),
                ("fingerprint", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(null=True)),
                ("http_status", models.PositiveSmallIntegerField(null=True)),
                ("body", models.TextField(blank=True)),
                ("headers", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "idempotent request",
                "verbose_name_plural": "idempotent requests",
                "indexes": [models.Index(fields=["created_at"], name="idempotent_request_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "key"), name="person_uses_an_idempotency_key_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("http_status__isnull", True), ("lease_until__isnull", False)),
                            models.Q(("http_status__isnull", False), ("lease_until__isnull", True)),
                            _connector="OR",
                        ),
                        name="idempotent_request_is_taken_or_answered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("named", "named"), ("combined", "combined")],
                        default="named",
                        editable=False,
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        max_length=64,
                        null=True,
                        unique=True,
                        validators=[customers.validators.one_line],
                        verbose_name="code",
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                ("expression", models.JSONField(editable=False, null=True, verbose_name="expression")),
                ("expression_hash", models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ("members", models.BinaryField()),
                ("size", models.PositiveBigIntegerField(default=0, editable=False, verbose_name="customers")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
            ],
            options={
                "verbose_name": "segment",
                "verbose_name_plural": "segments",
                "ordering": ["name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code__isnull", False), ("expression_hash__isnull", True), ("kind", "named")),
                            models.Q(("code__isnull", True), ("expression_hash__isnull", False), ("kind", "combined")),
                            _connector="OR",
                        ),
                        name="segment_is_named_by_code_or_combined_by_expression",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SegmentOverlap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "low",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.segment"
                    ),
                ),
                (
                    "high",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.segment"
                    ),
                ),
                ("shared", models.PositiveBigIntegerField()),
            ],
            options={
                "verbose_name": "segment overlap",
                "verbose_name_plural": "segment overlaps",
                "constraints": [
                    models.UniqueConstraint(fields=("low", "high"), name="segment_pair_is_counted_once"),
                    models.CheckConstraint(
                        condition=models.Q(("low__lt", models.F("high"))), name="segment_pair_is_sorted"
                    ),
                    models.CheckConstraint(condition=models.Q(("shared__gt", 0)), name="segment_pair_shares_somebody"),
                ],
            },
        ),
        SealedOnce("HistoryEntry"),
        ForwardOnly("HistoryHead"),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
