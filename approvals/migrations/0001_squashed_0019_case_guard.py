from decimal import Decimal

import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

import customers.validators
from customers.append_only import AppendOnly, ErasedOnce
from customers.state_steps import OnlySteps


def begin(apps, schema_editor):
    """What a house starts with; administrators change it."""
    apps.get_model("approvals", "EscalationPolicy").objects.create(id=1)
    apps.get_model("approvals", "ReviewPolicy").objects.create(id=1)
    apps.get_model("approvals", "WorkingHours").objects.create(id=1)


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("approvals", "0001_initial"),
        ("approvals", "0002_append_only_and_policy"),
        ("approvals", "0003_account_mail"),
        ("approvals", "0004_rulings_and_policy"),
        ("approvals", "0005_levels_of_cases"),
        ("approvals", "0006_proposals"),
        ("approvals", "0007_discussion"),
        ("approvals", "0008_reviews"),
        ("approvals", "0009_briefings"),
        ("approvals", "0010_recusals"),
        ("approvals", "0011_notifications"),
        ("approvals", "0012_requests"),
        ("approvals", "0013_working_time"),
        ("approvals", "0014_case_states"),
        ("approvals", "0015_terms"),
        ("approvals", "0016_conversation_of_a_case"),
        ("approvals", "0017_precedents"),
        ("approvals", "0018_mandates"),
        ("approvals", "0019_case_guard"),
    ]

    dependencies = [
        ("auth", "__first__"),
        ("campaigns", "0001_squashed_0011_versions"),
        ("customers", "0001_squashed_0006_limits"),
    ]

    operations = [
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who is away",
                    ),
                ),
                (
                    "stand_in",
                    models.ForeignKey(
                        help_text="A colleague of one of your departments; approves for you in these days.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="stand-in",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="first day")),
                ("ends_before", models.DateField(verbose_name="ends before")),
            ],
            options={
                "verbose_name": "absence",
                "verbose_name_plural": "absences",
                "ordering": ["starts_on", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_before__gt", models.F("starts_on"))),
                        name="absence_ends_after_it_starts",
                        violation_error_message="The last day is before the first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stand_in", models.F("user")), _negated=True),
                        name="who_is_away_has_another_stand_in",
                        violation_error_message="Nobody stands in for themselves.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty = of every department.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="campaigns of",
                    ),
                ),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("always", "always"),
                            ("audience", "number of customers"),
                            ("budget", "budget"),
                            ("discount", "deepest discount, percent"),
                        ],
                        default="always",
                        max_length=12,
                        verbose_name="where",
                    ),
                ),
                (
                    "above",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal(0),
                        help_text="Customers, budget, or percent. One more person approves, in addition to all others.",
                        max_digits=12,
                        validators=[customers.validators.Between(0, 10000000000)],
                        verbose_name="is above",
                    ),
                ),
                (
                    "approver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who approves",
                    ),
                ),
            ],
            options={
                "verbose_name": "approval rule",
                "verbose_name_plural": "approval rules",
                "ordering": ["department__name", "measure", "above", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("measure__in", ["always", "audience", "budget", "discount"])),
                        name="measure_of_approval_rule_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("above__gte", 0)), name="approval_rule_is_above_something"
                    ),
                    models.UniqueConstraint(
                        fields=("department", "measure", "approver"), name="person_is_named_once_for_a_measure"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Briefing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.version",
                        verbose_name="version",
                    ),
                ),
                ("released_at", models.DateTimeField(verbose_name="since")),
            ],
            options={
                "verbose_name": "briefing",
                "verbose_name_plural": "briefings",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign_a",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "campaign_b",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("detected", "Found, not opened yet"),
                            ("negotiation", "Departments are agreeing"),
                            ("mediation", "In mediation"),
                            ("decided", "Decided, not in force yet"),
                            ("closed", "Closed"),
                            ("withdrawn", "Gone by itself"),
                            ("waived", "Allowed as it is"),
                        ],
                        default="negotiation",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
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
                ("detected_at", models.DateTimeField(verbose_name="found")),
                ("opened_at", models.DateTimeField(verbose_name="opened")),
                ("hours_to_agree", models.PositiveIntegerField(verbose_name="working hours to agree")),
                (
                    "hours_before_start",
                    models.PositiveIntegerField(verbose_name="at least so many hours before it begins"),
                ),
                ("hours_to_appeal", models.PositiveIntegerField(default=0, verbose_name="working hours to appeal")),
                (
                    "hours_to_extend",
                    models.PositiveIntegerField(default=0, verbose_name="working hours that may be granted"),
                ),
                ("hours_extended", models.PositiveIntegerField(default=0, verbose_name="working hours granted")),
                ("hours_to_decide", models.PositiveIntegerField(default=18, verbose_name="working hours to decide")),
                ("settle_before", models.DateTimeField(null=True)),
                ("agree_by", models.DateTimeField(verbose_name="agree by")),
                ("escalated_at", models.DateTimeField(null=True, verbose_name="escalated")),
                (
                    "mediator",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="mediator",
                    ),
                ),
                ("mediator_trail", models.JSONField(default=list)),
                ("mediator_why", models.JSONField(null=True)),
                ("mandates", models.JSONField(null=True)),
                ("assigned_at", models.DateTimeField(null=True, verbose_name="given to the mediator")),
                ("decide_by", models.DateTimeField(null=True, verbose_name="decide by")),
                ("takes_effect_at", models.DateTimeField(null=True, verbose_name="takes effect")),
                (
                    "reopened_from",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_up_by",
                        to="approvals.case",
                        verbose_name="takes up",
                    ),
                ),
                (
                    "reopened_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("facts", "the two campaigns collide again"),
                            ("appeal", "a department appealed"),
                            ("overtaken", "the plans changed before the decision took effect"),
                        ],
                        max_length=12,
                        verbose_name="because",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("agreed", "Agreed by both departments"),
                            ("ruled", "Decided by mediation"),
                            ("waived", "Both departments allow it"),
                            ("vanished", "The collision is gone"),
                            ("appealed", "Appealed: somebody else decides"),
                            ("overtaken", "Overtaken by changed plans"),
                        ],
                        max_length=12,
                        verbose_name="outcome",
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                ("closed_because", models.TextField(blank=True, verbose_name="why it closed")),
            ],
            options={
                "verbose_name": "case",
                "verbose_name_plural": "cases",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.comparison.Least("campaign_a", "campaign_b"),
                        django.db.models.functions.comparison.Greatest("campaign_a", "campaign_b"),
                        condition=models.Q(("state__in", ["detected", "negotiation", "mediation", "decided"])),
                        name="one_open_case_per_pair_of_campaigns",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours_extended__lte", models.F("hours_to_extend"))),
                        name="case_is_extended_by_what_may_be_granted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["detected", "negotiation", "mediation", "decided", "closed", "withdrawn", "waived"],
                            )
                        ),
                        name="case_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["note", "low", "medium", "high", "critical"])),
                        name="case_level_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["", "agreed", "ruled", "waived", "vanished", "appealed", "overtaken"])
                        ),
                        name="case_outcome_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("campaign_a", models.F("campaign_b")), _negated=True),
                        name="case_is_between_two_campaigns",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("state__in", ["closed", "withdrawn", "waived"]),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state__in", ["closed", "withdrawn", "waived"]), _negated=True),
                                ("closed_at__isnull", True),
                                ("outcome", ""),
                            ),
                            _connector="OR",
                        ),
                        name="ended_case_says_when_and_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "vanished"), ("state", "withdrawn")),
                            models.Q(("outcome", "waived"), ("state", "waived")),
                            models.Q(
                                models.Q(("state__in", ["withdrawn", "waived"]), _negated=True),
                                models.Q(("outcome__in", ["vanished", "waived"]), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="case_ends_as_its_outcome_says",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["mediation", "decided"]), _negated=True),
                            ("escalated_at__isnull", False),
                            _connector="OR",
                        ),
                        name="case_in_mediation_was_escalated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "mediation"), _negated=True),
                            models.Q(
                                ("assigned_at__isnull", True), ("decide_by__isnull", True), ("mediator__isnull", True)
                            ),
                            models.Q(
                                ("assigned_at__isnull", False),
                                ("decide_by__isnull", False),
                                ("mediator__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="case_with_a_mediator_says_until_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["detected", "negotiation"]), _negated=True),
                            models.Q(("escalated_at__isnull", True), ("mediator__isnull", True)),
                            _connector="OR",
                        ),
                        name="case_in_negotiation_has_no_mediator",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "decided"), _negated=True),
                            models.Q(("mediator__isnull", False), ("takes_effect_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="decided_case_says_who_decided_and_when_it_takes_effect",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reopened_because", ""), ("reopened_from__isnull", True)),
                            models.Q(
                                ("reopened_because__in", ["facts", "appeal", "overtaken"]),
                                ("reopened_from__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="case_that_takes_up_another_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
                (
                    "text",
                    models.TextField(max_length=4000, validators=[customers.validators.prose], verbose_name="text"),
                ),
                ("written_at", models.DateTimeField(verbose_name="written")),
                ("key", models.CharField(max_length=64, unique=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "mentions",
                    models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="mentioned"),
                ),
            ],
            options={
                "verbose_name": "comment",
                "verbose_name_plural": "comments",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["campaign", "-id"], name="comments_of_a_campaign")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="comment_says_something"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EscalationPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "opens_at_level",
                    models.CharField(
                        choices=[("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")],
                        default="medium",
                        max_length=8,
                        verbose_name="a case opens from level",
                    ),
                ),
                ("hours_to_agree", models.PositiveIntegerField(default=18, verbose_name="working hours to agree")),
                (
                    "hours_to_decide",
                    models.PositiveIntegerField(
                        default=18,
                        help_text="So long a mediator has a case; then it passes to the next one.",
                        verbose_name="working hours to decide",
                    ),
                ),
                (
                    "hours_before_start",
                    models.PositiveIntegerField(
                        default=24,
                        help_text="The deadline is that much before the midnight in which the first collision begins: a mediator can still decide.",
                        verbose_name="at least so many hours before it begins",
                    ),
                ),
                (
                    "equal_outcomes",
                    models.PositiveIntegerField(
                        default=3,
                        help_text="On the same facts, one after the other.",
                        verbose_name="equal decisions that suggest a standing rule",
                    ),
                ),
                (
                    "hours_to_object",
                    models.PositiveIntegerField(
                        default=9,
                        help_text="Both sides are told first; if neither objects by then, the rule is applied to their case.",
                        verbose_name="working hours to object to a standing rule",
                    ),
                ),
                (
                    "hours_to_extend",
                    models.PositiveIntegerField(
                        default=9,
                        help_text="By so much, at most, the two departments may put off the deadline together. 0 = not at all.",
                        verbose_name="more working hours, once",
                    ),
                ),
                (
                    "minutes_before_opening",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="A collision that is gone within that time bothers nobody; the departments may open the case themselves. 0 = it opens at once.",
                        verbose_name="minutes before a case opens",
                    ),
                ),
                (
                    "hours_to_appeal",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="So long a department can ask for another mediator, and the decision is not carried out before. 0 = it takes effect at once and nobody appeals.",
                        verbose_name="working hours to appeal a decision",
                    ),
                ),
            ],
            options={
                "verbose_name": "escalation policy",
                "verbose_name_plural": "escalation policy",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="there_is_one_escalation_policy"),
                    models.CheckConstraint(
                        condition=models.Q(("opens_at_level__in", ["low", "medium", "high", "critical"])),
                        name="policy_level_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours_to_agree__gte", 1), ("hours_to_agree__lte", 400)),
                        name="policy_hours_to_agree_is_within_limits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours_before_start__gte", 0), ("hours_before_start__lte", 720)),
                        name="policy_hours_before_start_is_within_limits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours_to_extend__gte", 0), ("hours_to_extend__lte", 100)),
                        name="policy_hours_to_extend_is_within_limits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes_before_opening__gte", 0), ("minutes_before_opening__lte", 1440)),
                        name="policy_minutes_before_opening_is_within_limits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours_to_appeal__gte", 0), ("hours_to_appeal__lte", 100)),
                        name="policy_hours_to_appeal_is_within_limits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("equal_outcomes__gte", 2), ("equal_outcomes__lte", 20)),
                        name="policy_equal_outcomes_is_within_limits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours_to_object__gte", 1), ("hours_to_object__lte", 400)),
                        name="policy_hours_to_object_is_within_limits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours_to_decide__gte", 1), ("hours_to_decide__lte", 400)),
                        name="policy_hours_to_decide_is_within_limits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mediator",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="mediator",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        help_text="Cases that touch this department; with nothing chosen below either, every case.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "other_department",
                    models.ForeignKey(
                        blank=True,
                        help_text="Only cases between the two departments.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="and this one",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        help_text="Instead of departments: cases in which both sides have products of this category on offer.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.category",
                        verbose_name="category",
                    ),
                ),
                (
                    "business_unit",
                    models.CharField(
                        blank=True,
                        help_text="Instead of departments: cases that touch a department of this business unit.",
                        max_length=200,
                        verbose_name="business unit",
                    ),
                ),
                (
                    "from_level",
                    models.CharField(
                        blank=True,
                        choices=[("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")],
                        help_text="Only cases that are at least so severe; nothing chosen = of every level.",
                        max_length=8,
                        verbose_name="from level",
                    ),
                ),
                (
                    "most_cases",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="With so many cases to decide, the next person is asked first. Empty = any number.",
                        null=True,
                        verbose_name="cases at once, at most",
                    ),
                ),
                (
                    "stand_in",
                    models.ForeignKey(
                        blank=True,
                        help_text="Decides when the mediator belongs to a party, is away or full, or is no longer active.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="stand-in",
                    ),
                ),
            ],
            options={
                "verbose_name": "mediator",
                "verbose_name_plural": "mediators",
                "ordering": ["department", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("user"),
                        django.db.models.functions.comparison.Least(
                            django.db.models.functions.comparison.Coalesce("department", 0),
                            django.db.models.functions.comparison.Coalesce("other_department", 0),
                        ),
                        django.db.models.functions.comparison.Greatest(
                            django.db.models.functions.comparison.Coalesce("department", 0),
                            django.db.models.functions.comparison.Coalesce("other_department", 0),
                        ),
                        django.db.models.functions.comparison.Coalesce("category", 0),
                        models.F("business_unit"),
                        models.F("from_level"),
                        name="somebody_has_a_mandate_once",
                        violation_error_message="This person has this mandate already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("category__isnull", True), ("department__isnull", True)),
                            models.Q(("business_unit", ""), ("department__isnull", True)),
                            models.Q(("business_unit", ""), ("category__isnull", True)),
                            _connector="OR",
                        ),
                        name="mandate_is_for_one_thing",
                        violation_error_message="Choose departments, a category or a business unit, but only one of these.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("other_department__isnull", True),
                            models.Q(
                                ("department__isnull", False),
                                models.Q(("department", models.F("other_department")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="mandate_for_a_pair_names_two_departments",
                        violation_error_message="A mandate for a pair names two different departments.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_level__in", ["", "low", "medium", "high", "critical"])),
                        name="mandate_begins_at_a_known_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("most_cases__isnull", True),
                            models.Q(("most_cases__gte", 1), ("most_cases__lte", 1000)),
                            _connector="OR",
                        ),
                        name="mandate_allows_a_number_of_cases",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stand_in__isnull", True),
                            models.Q(("stand_in", models.F("user")), _negated=True),
                            _connector="OR",
                        ),
                        name="mediator_does_not_stand_in_for_themselves",
                        violation_error_message="Nobody stands in for themselves.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NewsPreference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("task", "Your tasks"),
                            ("decision", "Decisions"),
                            ("security", "Your account"),
                            ("case", "How your cases go on"),
                            ("review", "How approvals go on"),
                            ("mention", "Comments that mention you"),
                            ("comment", "Comments on campaigns you watch"),
                            ("move", "Status of campaigns you watch"),
                            ("briefing", "Briefings"),
                            ("request", "How customers' requests go on"),
                            ("digest", "The daily digest"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "delivery",
                    models.CharField(
                        choices=[
                            ("at_once", "By mail, at once"),
                            ("digest", "In the daily digest"),
                            ("none", "Only in my inbox"),
                        ],
                        max_length=8,
                    ),
                ),
            ],
            options={
                "verbose_name": "news preference",
                "verbose_name_plural": "news preferences",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "kind"), name="person_prefers_one_way_per_kind"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "task",
                                    "decision",
                                    "security",
                                    "case",
                                    "review",
                                    "mention",
                                    "comment",
                                    "move",
                                    "briefing",
                                    "request",
                                    "digest",
                                ],
                            ),
                            models.Q(("kind__in", ["task", "decision", "security"]), _negated=True),
                        ),
                        name="what_is_mandatory_is_not_chosen",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delivery__in", ["at_once", "digest", "none"])), name="delivery_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "digest"), _negated=True), ("delivery", "none"), _connector="OR"
                        ),
                        name="daily_digest_is_taken_or_not",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="asked for")),
                ("rules", models.JSONField(default=list)),
                ("hours_to_review", models.PositiveIntegerField()),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("next_at", models.DateTimeField(null=True)),
                ("reminders", models.PositiveSmallIntegerField(default=0)),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                ("named", models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "review",
                "verbose_name_plural": "reviews",
                "ordering": ["due_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at__isnull", True)), fields=["next_at"], name="review_reminds"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("campaign",),
                        name="campaign_has_one_open_review",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "hours_to_review",
                    models.PositiveIntegerField(
                        default=16,
                        validators=[customers.validators.Between(1, 400)],
                        verbose_name="working hours to review",
                    ),
                ),
                (
                    "hours_to_answer",
                    models.PositiveIntegerField(
                        default=8,
                        validators=[customers.validators.Between(1, 400)],
                        verbose_name="working hours to answer a customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "review policy",
                "verbose_name_plural": "review policy",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="there_is_one_review_policy"),
                    models.CheckConstraint(
                        condition=models.Q(("hours_to_review__gte", 1), ("hours_to_review__lte", 400)),
                        name="hours_to_review_are_within_limits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours_to_answer__gte", 1), ("hours_to_answer__lte", 400)),
                        name="hours_to_answer_are_within_limits",
                    ),
                ],
            },
        ),
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="special_day_has_a_name"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="staff_profile",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("es", "Spanish"), ("en", "English")], max_length=8, verbose_name="language"
                    ),
                ),
                ("gets_briefings", models.BooleanField(default=False, verbose_name="every briefing by mail")),
            ],
            options={
                "verbose_name": "profile",
                "verbose_name_plural": "profiles",
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="votes", to="campaigns.campaign"
                    ),
                ),
                ("section", models.CharField(max_length=80, verbose_name="section")),
                ("content_hash", models.CharField(max_length=64)),
                (
                    "decision",
                    models.CharField(
                        choices=[("approve", "Approved"), ("changes", "Changes asked for"), ("comment", "Comment")],
                        max_length=8,
                        verbose_name="decision",
                    ),
                ),
                (
                    "comment",
                    models.TextField(
                        blank=True, max_length=2000, validators=[customers.validators.prose], verbose_name="comment"
                    ),
                ),
                (
                    "voter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "stands_for",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="for",
                    ),
                ),
                ("parts", models.JSONField(default=list)),
                ("voted_at", models.DateTimeField(verbose_name="when")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="revoked")),
                ("fell_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "vote",
                "verbose_name_plural": "votes",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("decision__in", ["approve", "changes", "comment"])),
                        name="vote_decides_something_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("revoked_at__isnull", True), models.Q(("decision", "comment"), _negated=True)
                        ),
                        fields=("campaign", "section", "content_hash", "voter"),
                        name="person_votes_once_on_a_content",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decision", "approve"), models.Q(("comment", ""), _negated=True), _connector="OR"
                        ),
                        name="changes_and_comments_say_what",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stands_for__isnull", True),
                            models.Q(("stands_for", models.F("voter")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_stands_in_for_themselves",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Watch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                ("is_on", models.BooleanField(verbose_name="is told")),
                ("since", models.DateTimeField(verbose_name="since")),
            ],
            options={
                "verbose_name": "watch",
                "verbose_name_plural": "watches",
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "user"), name="person_watches_a_campaign_once")
                ],
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="there_are_the_working_hours_of_one_house"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opens_at__lt", models.F("closes_at")), ("closes_at", "00:00"), _connector="OR"
                        ),
                        name="working_day_begins_before_it_ends",
                        violation_error_message="The working day begins before it ends.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BriefingRead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.campaign"
                    ),
                ),
                (
                    "briefing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="approvals.briefing"
                    ),
                ),
                ("read_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "read briefing",
                "verbose_name_plural": "read briefings",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "campaign"), name="person_has_one_last_read_version")
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseCollision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="collision_rows", to="approvals.case"
                    ),
                ),
                (
                    "collision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.collision"
                    ),
                ),
            ],
            options={
                "verbose_name": "collision of a case",
                "verbose_name_plural": "collisions of a case",
                "constraints": [
                    models.UniqueConstraint(fields=("case", "collision"), name="case_names_a_collision_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Extension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extensions",
                        to="approvals.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaign",
                        verbose_name="side that asks",
                    ),
                ),
                ("hours", models.PositiveIntegerField(verbose_name="more working hours")),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waits for an answer"),
                            ("granted", "Granted"),
                            ("declined", "Declined"),
                            ("lapsed", "Lapsed"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                ("answer", models.TextField(blank=True, verbose_name="answer")),
            ],
            options={
                "verbose_name": "request for more time",
                "verbose_name_plural": "requests for more time",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "campaign"), name="each_side_asks_once_for_time"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("case",),
                        name="case_waits_for_one_answer_about_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "granted")), fields=("case",), name="case_is_extended_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "granted", "declined", "lapsed"])),
                        name="extension_state_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("hours__gte", 1)), name="extension_asks_for_some_time"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="extension_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("state", "open")),
                            models.Q(models.Q(("state", "open"), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="answered_extension_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_by__isnull", True), ("state__in", ["open", "lapsed"])),
                            models.Q(
                                models.Q(("state__in", ["open", "lapsed"]), _negated=True),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="answered_extension_says_who",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=128, unique=True)),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("case_opened", "case opened"),
                            ("case_reminder", "deadline is near"),
                            ("case_escalated", "case goes to mediation"),
                            ("case_assigned", "case to decide"),
                            ("decision_reminder", "decision is waited for"),
                            ("case_mediator_changed", "another mediator"),
                            ("case_decided", "case decided"),
                            ("case_appealed", "decision appealed"),
                            ("case_enforced", "decision in force"),
                            ("case_overtaken", "decision overtaken by changed plans"),
                            ("case_vanished", "case closed, collision gone"),
                            ("case_agreed", "departments agreed"),
                            ("terms_proposed", "terms proposed"),
                            ("terms_countered", "other terms proposed"),
                            ("terms_declined", "terms declined"),
                            ("extension_asked", "more time asked for"),
                            ("extension_granted", "more time granted"),
                            ("extension_declined", "more time declined"),
                            ("proposal_made", "change proposed"),
                            ("proposal_accepted", "proposal accepted"),
                            ("proposal_declined", "proposal declined"),
                            ("rule_suggested", "standing rule suggested"),
                            ("rule_changed", "standing rule changed"),
                            ("rule_announced", "standing rule would be applied"),
                            ("rule_objected", "objection to a standing rule"),
                            ("rule_lapsed", "standing rule not applied"),
                            ("case_without_mediator", "no mediator can decide"),
                            ("case_undecided", "not decided in time, and nobody else is free"),
                            ("campaign_without_lead", "campaign without an accountable"),
                            ("review_asked", "approval asked for"),
                            ("review_reminder", "approval is waited for"),
                            ("review_overdue", "approval is overdue"),
                            ("changes_asked", "changes asked for"),
                            ("approval_fell", "approval void, the plan changed"),
                            ("comment", "comment written"),
                            ("mention", "mentioned in a comment"),
                            ("statement_made", "something said in a case"),
                            ("meeting_proposed", "invitation to a meeting"),
                            ("meeting_moved", "meeting changed"),
                            ("meeting_cancelled", "meeting cancelled"),
                            ("campaign_moved", "status of a campaign changed"),
                            ("campaign_cancelled", "campaign cancelled"),
                            ("briefing", "briefing"),
                            ("briefing_stopped", "not to be offered any more"),
                            ("briefing_resumed", "to be offered again"),
                            ("request_handed_over", "customer request handed over"),
                            ("request_wanders", "customer request handed over again and again"),
                            ("request_reminder", "customer request waits for its answer"),
                            ("request_overdue", "customer request is overdue"),
                            ("request_contradicted", "customer request answered twice"),
                            ("request_settled", "answer to a customer settled"),
                            ("device_taken_away", "two-factor sign-in taken away"),
                            ("digest", "digest"),
                        ],
                        max_length=32,
                        verbose_name="about",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="to",
                    ),
                ),
                ("part", models.CharField(blank=True, max_length=16)),
                ("place", models.CharField(blank=True, max_length=300)),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                ("subject", models.CharField(max_length=200, verbose_name="subject")),
                ("text", models.TextField(verbose_name="text")),
                ("html", models.TextField()),
                ("calendar", models.TextField(blank=True)),
                ("message_id", models.CharField(max_length=200, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "waiting"),
                            ("sending", "being sent"),
                            ("sent", "sent"),
                            ("failed", "failed"),
                            ("daily", "for the daily digest"),
                            ("hourly", "for the digest of the hour"),
                            ("digested", "told in a digest"),
                            ("kept", "in the inbox only"),
                        ],
                        default="queued",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="written")),
                ("not_before", models.DateTimeField(verbose_name="next try")),
                ("lease_until", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent")),
                ("unsure", models.BooleanField(default=False, verbose_name="perhaps sent twice")),
                ("error", models.TextField(blank=True, verbose_name="last error")),
                (
                    "digest",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="told",
                        to="approvals.mail",
                    ),
                ),
                ("read_at", models.DateTimeField(null=True, verbose_name="read")),
            ],
            options={
                "verbose_name": "mail",
                "verbose_name_plural": "sent mail",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "sending"])),
                        fields=["not_before"],
                        name="mail_to_send",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["daily", "hourly"])),
                        fields=["not_before"],
                        name="mail_for_a_digest",
                    ),
                    models.Index(fields=["recipient", "sent_at"], name="mail_of_an_hour"),
                    models.Index(condition=models.Q(("read_at", None)), fields=["recipient"], name="mail_not_read"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["queued", "sending", "sent", "failed", "daily", "hourly", "digested", "kept"],
                            )
                        ),
                        name="mail_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="sent_mail_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sending"), _negated=True),
                            ("lease_until__isnull", False),
                            _connector="OR",
                        ),
                        name="mail_being_sent_has_a_lease",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("digest__isnull", False), ("state", "digested")),
                            models.Q(models.Q(("state", "digested"), _negated=True), ("digest__isnull", True)),
                            _connector="OR",
                        ),
                        name="what_a_digest_told_names_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="approvals.case",
                        verbose_name="case",
                    ),
                ),
                ("uid", models.CharField(max_length=200, unique=True)),
                ("sequence", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "Proposed"), ("held", "Over"), ("cancelled", "Cancelled")],
                        default="proposed",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="begins")),
                ("minutes", models.PositiveSmallIntegerField(verbose_name="minutes")),
                (
                    "place",
                    models.CharField(
                        max_length=300, validators=[customers.validators.one_line], verbose_name="place or link"
                    ),
                ),
                (
                    "agenda",
                    models.TextField(
                        blank=True, max_length=2000, validators=[customers.validators.prose], verbose_name="agenda"
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
                ),
                ("proposed_at", models.DateTimeField(verbose_name="proposed")),
            ],
            options={
                "verbose_name": "meeting",
                "verbose_name_plural": "meetings",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")), fields=("case",), name="case_waits_for_one_meeting"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["proposed", "held", "cancelled"])),
                        name="meeting_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 15), ("minutes__lte", 480)),
                        name="meeting_lasts_a_sensible_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("place", ""), _negated=True), name="meeting_is_somewhere"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="approvals.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "collision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.collision",
                        verbose_name="collision",
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.offer",
                        verbose_name="offer that gives way",
                    ),
                ),
                ("words", models.JSONField(verbose_name="change")),
                ("days", models.IntegerField(default=0, verbose_name="days moved")),
                ("customers", models.PositiveIntegerField(default=0, verbose_name="customers lost")),
                ("products", models.PositiveIntegerField(default=0, verbose_name="products lost")),
                ("versions", models.JSONField(default=dict)),
                ("message", models.TextField(blank=True, verbose_name="message")),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
                ),
                ("proposed_at", models.DateTimeField(verbose_name="proposed")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waits for an answer"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Taken back"),
                            ("lapsed", "Lapsed"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                ("answer", models.TextField(blank=True, verbose_name="answer")),
            ],
            options={
                "verbose_name": "proposal",
                "verbose_name_plural": "proposals",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("case", "collision", "key"),
                        name="one_open_proposal_per_change_in_a_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "accepted", "declined", "withdrawn", "lapsed"])),
                        name="proposal_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("key", ""), _negated=True), name="proposal_names_its_change"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("state", "open")),
                            models.Q(models.Q(("state", "open"), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="answered_proposal_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_by__isnull", True), ("state__in", ["open", "lapsed"])),
                            models.Q(
                                models.Q(("state__in", ["open", "lapsed"]), _negated=True),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="answered_proposal_says_who",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "declined"), _negated=True),
                            models.Q(("answer", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="declined_proposal_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recusals",
                        to="approvals.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="mediator",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("recused", "stepped aside"),
                            ("challenged", "challenged by a party"),
                            ("timeout", "did not decide in time"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "said_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="said by",
                    ),
                ),
                ("said_at", models.DateTimeField(verbose_name="said")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
            ],
            options={
                "verbose_name": "recusal",
                "verbose_name_plural": "recusals",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "person"), name="mediator_leaves_a_case_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "challenged")),
                        fields=("case", "campaign"),
                        name="each_side_challenges_once_in_a_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "recused"), _negated=True),
                            models.Q(
                                ("campaign__isnull", True), ("person", models.F("said_by")), ("said_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="who_steps_aside_says_so_themselves",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["recused", "timeout"]),
                            models.Q(
                                ("campaign__isnull", False),
                                ("kind", "challenged"),
                                ("said_by__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="challenge_names_its_side_and_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "timeout"), _negated=True),
                            models.Q(("campaign__isnull", True), ("reason", ""), ("said_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="timeout_is_said_by_nobody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Retraction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "comment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retraction",
                        to="approvals.comment",
                        verbose_name="comment",
                    ),
                ),
                ("retracted_at", models.DateTimeField(verbose_name="retracted")),
            ],
            options={
                "verbose_name": "retraction",
                "verbose_name_plural": "retractions",
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
                (
                    "text",
                    models.TextField(max_length=4000, validators=[customers.validators.prose], verbose_name="text"),
                ),
                ("written_at", models.DateTimeField(verbose_name="written")),
                ("key", models.CharField(max_length=64, unique=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="approvals.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("fact", "Fact"), ("claim", "Claim"), ("comment", "Comment")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "side",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True, max_length=300, validators=[customers.validators.one_line], verbose_name="source"
                    ),
                ),
                (
                    "mentions",
                    models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="mentioned"),
                ),
            ],
            options={
                "verbose_name": "statement",
                "verbose_name_plural": "statements",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["case", "-id"], name="statements_of_a_case")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="statement_says_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["fact", "claim", "comment"])), name="statement_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "fact"), models.Q(("source", ""), _negated=True)),
                            models.Q(models.Q(("kind", "fact"), _negated=True), ("source", "")),
                            _connector="OR",
                        ),
                        name="fact_and_nothing_else_names_its_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "comment"), ("side__isnull", False), _connector="OR"),
                        name="facts_and_claims_are_those_of_a_side",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Terms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terms",
                        to="approvals.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaign",
                        verbose_name="side that proposes",
                    ),
                ),
                ("operations", models.JSONField(verbose_name="operations")),
                ("effect", models.JSONField(verbose_name="effect")),
                ("terms_hash", models.CharField(max_length=64)),
                ("message", models.TextField(blank=True, verbose_name="message")),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
                ),
                ("proposed_at", models.DateTimeField(verbose_name="proposed")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Wait for an answer"),
                            ("accepted", "Accepted by both sides"),
                            ("declined", "Declined"),
                            ("withdrawn", "Taken back"),
                            ("superseded", "Superseded by other terms"),
                            ("lapsed", "Lapsed"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                ("answer", models.TextField(blank=True, verbose_name="answer")),
            ],
            options={
                "verbose_name": "terms",
                "verbose_name_plural": "terms",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")), fields=("case",), name="one_open_set_of_terms_in_a_case"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["open", "accepted", "declined", "withdrawn", "superseded", "lapsed"])
                        ),
                        name="terms_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("terms_hash", ""), _negated=True), name="terms_have_a_hash"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("state", "open")),
                            models.Q(models.Q(("state", "open"), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="answered_terms_say_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_by__isnull", True), ("state__in", ["open", "lapsed"])),
                            models.Q(
                                models.Q(("state__in", ["open", "lapsed"]), _negated=True),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="answered_terms_say_who",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "declined"), _negated=True),
                            models.Q(("answer", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="declined_terms_say_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Timer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="timers", to="approvals.case"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("remind", "reminder"),
                            ("escalate", "escalation"),
                            ("assign", "looking for a mediator"),
                            ("open", "opening"),
                            ("enforce", "decision takes effect"),
                            ("rule", "standing rule"),
                            ("remind_decision", "reminder of the decision"),
                            ("decide", "end of the time to decide"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("rung", models.PositiveSmallIntegerField(default=0, verbose_name="after percent of the time")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("done_at", models.DateTimeField(null=True, verbose_name="done")),
                ("result", models.CharField(blank=True, max_length=64, verbose_name="result")),
            ],
            options={
                "verbose_name": "timer",
                "verbose_name_plural": "timers",
                "indexes": [
                    models.Index(condition=models.Q(("done_at__isnull", True)), fields=["due_at"], name="timer_due")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at__isnull", True)),
                        fields=("case", "kind", "rung"),
                        name="case_waits_for_one_timer_of_a_kind",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "remind"), ("rung__gt", 0)),
                        fields=("case", "kind", "rung"),
                        name="case_reminds_once_on_a_rung",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", True), ("result", "")),
                            models.Q(("done_at__isnull", False), models.Q(("result", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="done_timer_says_its_result",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Acceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="approvals.terms",
                        verbose_name="terms",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaign",
                        verbose_name="side",
                    ),
                ),
                ("terms_hash", models.CharField(max_length=64)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="accepted by",
                    ),
                ),
                ("accepted_at", models.DateTimeField(verbose_name="accepted")),
            ],
            options={
                "verbose_name": "acceptance",
                "verbose_name_plural": "acceptances",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("terms", "campaign"), name="each_side_accepts_terms_once"),
                    models.CheckConstraint(
                        condition=models.Q(("terms_hash", ""), _negated=True), name="acceptance_signs_a_hash"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="approvals.statement",
                        verbose_name="statement",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "name",
                    models.CharField(max_length=120, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pdf", "PDF"),
                            ("png", "PNG"),
                            ("jpg", "JPG"),
                            ("csv", "CSV"),
                            ("xlsx", "XLSX"),
                            ("txt", "TXT"),
                        ],
                        max_length=4,
                        verbose_name="kind",
                    ),
                ),
                ("size", models.PositiveIntegerField(verbose_name="size")),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
            ],
            options={
                "verbose_name": "attachment",
                "verbose_name_plural": "attachments",
                "ordering": ["statement", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=("statement", "position"), name="files_of_a_statement_have_places"),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 1), ("position__lte", 5)),
                        name="statement_has_only_so_many_files",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size__gte", 1), ("size__lte", 5242880)),
                        name="file_is_neither_empty_nor_too_large",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["pdf", "png", "jpg", "csv", "xlsx", "txt"])),
                        name="file_kind_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to="approvals.meeting"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("invited_at", models.DateTimeField(verbose_name="invited")),
                ("left_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(fields=("meeting", "user"), name="person_is_invited_once")],
            },
        ),
        migrations.CreateModel(
            name="Ruling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ruling",
                        to="approvals.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("ruled", "Decided by a mediator"), ("agreed", "Agreed by both sides")],
                        default="ruled",
                        max_length=8,
                        verbose_name="source",
                    ),
                ),
                (
                    "terms",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ruling",
                        to="approvals.terms",
                        verbose_name="terms",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                ("decided_at", models.DateTimeField(verbose_name="decided")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("operations", models.JSONField(verbose_name="operations")),
                ("effect", models.JSONField(verbose_name="effect")),
                ("facts", models.CharField(blank=True, max_length=64)),
                (
                    "supersedes",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="approvals.ruling",
                        verbose_name="supersedes",
                    ),
                ),
            ],
            options={
                "verbose_name": "ruling",
                "verbose_name_plural": "rulings",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source", "agreed"), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="mediators_ruling_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("source", "ruled"), ("terms__isnull", True)),
                            models.Q(("source", "agreed"), ("terms__isnull", False)),
                            _connector="OR",
                        ),
                        name="agreed_ruling_names_its_terms",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementRetraction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "statement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retraction",
                        to="approvals.statement",
                        verbose_name="statement",
                    ),
                ),
                ("retracted_at", models.DateTimeField(verbose_name="retracted")),
            ],
            options={
                "verbose_name": "retraction of a statement",
                "verbose_name_plural": "retractions of statements",
            },
        ),
        migrations.CreateModel(
            name="Precedent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("leading", models.CharField(max_length=32, verbose_name="most severe collision")),
                ("kinds", models.CharField(max_length=1000, verbose_name="kinds of collisions")),
                (
                    "department_a",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "department_b",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.category",
                        verbose_name="shared category",
                    ),
                ),
                ("days", models.PositiveSmallIntegerField(verbose_name="days in common")),
                ("customers", models.PositiveSmallIntegerField(verbose_name="customers in both")),
                ("shallower", models.PositiveSmallIntegerField(verbose_name="smaller discount")),
                ("deeper", models.PositiveSmallIntegerField(verbose_name="deeper discount")),
                ("stages", models.CharField(max_length=40, verbose_name="journey stages")),
                ("shape", models.CharField(max_length=120, verbose_name="outcome")),
                (
                    "toward_department",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="gives way",
                    ),
                ),
                ("toward_age", models.CharField(blank=True, max_length=8)),
                ("toward_depth", models.CharField(blank=True, max_length=10)),
                (
                    "ruling",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="precedent", to="approvals.ruling"
                    ),
                ),
                ("decided_at", models.DateTimeField(verbose_name="decided")),
            ],
            options={
                "verbose_name": "precedent",
                "verbose_name_plural": "precedents",
                "ordering": ["-decided_at", "-id"],
                "indexes": [
                    models.Index(
                        fields=["department_a", "department_b", "-decided_at"], name="precedent_by_departments"
                    ),
                    models.Index(fields=["leading", "-decided_at"], name="precedent_by_rule"),
                    models.Index(fields=["category", "-decided_at"], name="precedent_by_category"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("department_a__lt", models.F("department_b"))),
                        name="precedent_names_its_departments_in_order",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Citation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ruling",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="citations", to="approvals.ruling"
                    ),
                ),
                (
                    "precedent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="approvals.precedent"
                    ),
                ),
                (
                    "stance",
                    models.CharField(
                        choices=[
                            ("follows", "follows"),
                            ("distinguishes", "distinguishes"),
                            ("unfit", "does not apply"),
                        ],
                        max_length=16,
                        verbose_name="says",
                    ),
                ),
                ("why", models.TextField(blank=True, verbose_name="why it is another matter")),
            ],
            options={
                "verbose_name": "citation of a precedent",
                "verbose_name_plural": "citations of precedents",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("ruling", "precedent"), name="ruling_cites_a_precedent_once"),
                    models.CheckConstraint(
                        condition=models.Q(("stance__in", ["follows", "distinguishes", "unfit"])),
                        name="citation_stance_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stance", "distinguishes"), models.Q(("why", ""), _negated=True)),
                            models.Q(models.Q(("stance", "distinguishes"), _negated=True), ("why", "")),
                            _connector="OR",
                        ),
                        name="who_distinguishes_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StandingRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("leading", models.CharField(max_length=32, verbose_name="most severe collision")),
                ("kinds", models.CharField(max_length=1000, verbose_name="kinds of collisions")),
                (
                    "department_a",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "department_b",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.category",
                        verbose_name="shared category",
                    ),
                ),
                ("days", models.PositiveSmallIntegerField(verbose_name="days in common")),
                ("customers", models.PositiveSmallIntegerField(verbose_name="customers in both")),
                ("shallower", models.PositiveSmallIntegerField(verbose_name="smaller discount")),
                ("deeper", models.PositiveSmallIntegerField(verbose_name="deeper discount")),
                ("stages", models.CharField(max_length=40, verbose_name="journey stages")),
                ("shape", models.CharField(max_length=120, verbose_name="outcome")),
                (
                    "toward_department",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.department",
                        verbose_name="gives way",
                    ),
                ),
                ("toward_age", models.CharField(blank=True, max_length=8)),
                ("toward_depth", models.CharField(blank=True, max_length=10)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("suggested", "Suggested"),
                            ("approved", "In force"),
                            ("rejected", "Rejected"),
                            ("suspended", "Suspended"),
                            ("withdrawn", "No longer in force"),
                        ],
                        default="suggested",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("suggested_at", models.DateTimeField(verbose_name="suggested")),
                ("approved_at", models.DateTimeField(null=True, verbose_name="approved")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved or rejected by",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                (
                    "grounds",
                    models.ManyToManyField(
                        related_name="+", to="approvals.precedent", verbose_name="decisions that it comes from"
                    ),
                ),
            ],
            options={
                "verbose_name": "standing rule",
                "verbose_name_plural": "standing rules",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["department_a", "department_b", "state"], name="standing_rule_by_facts")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["suggested", "approved", "rejected", "suspended", "withdrawn"])
                        ),
                        name="standing_rule_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("department_a__lt", models.F("department_b"))),
                        name="standing_rule_names_its_departments_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("approved_at__isnull", True),
                                ("decided_by__isnull", True),
                                ("reason", ""),
                                ("state", "suggested"),
                            ),
                            models.Q(
                                models.Q(("state", "suggested"), _negated=True),
                                ("decided_by__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="who_decides_on_a_standing_rule_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["suggested", "rejected"]), ("approved_at__isnull", False), _connector="OR"
                        ),
                        name="standing_rule_in_force_was_approved",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rule_notice",
                        to="approvals.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="approvals.standingrule",
                        verbose_name="standing rule",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("announced", "Announced"),
                            ("objected", "A side objected"),
                            ("applied", "Applied"),
                            ("lapsed", "Not applied"),
                        ],
                        default="announced",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("announced_at", models.DateTimeField(verbose_name="announced")),
                ("apply_at", models.DateTimeField(verbose_name="to be applied")),
                ("operations", models.JSONField(verbose_name="operations")),
                ("effect", models.JSONField(verbose_name="effect")),
                ("facts", models.CharField(max_length=64)),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("ended_why", models.CharField(blank=True, max_length=32)),
                (
                    "objected_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="objected by",
                    ),
                ),
                ("objection", models.TextField(blank=True, verbose_name="objection")),
            ],
            options={
                "verbose_name": "notice of a standing rule",
                "verbose_name_plural": "notices of standing rules",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["announced", "objected", "applied", "lapsed"])),
                        name="rule_notice_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("state", "announced")),
                            models.Q(models.Q(("state", "announced"), _negated=True), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="rule_notice_ends_when_it_is_over",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("objected_by__isnull", False),
                                ("state", "objected"),
                                models.Q(("objection", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "objected"), _negated=True),
                                ("objected_by__isnull", True),
                                ("objection", ""),
                            ),
                            _connector="OR",
                        ),
                        name="who_objects_to_a_rule_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.department"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "text",
                    models.TextField(max_length=4000, validators=[customers.validators.prose], verbose_name="answer"),
                ),
                ("answered_at", models.DateTimeField(verbose_name="when")),
            ],
            options={
                "verbose_name": "answer",
                "verbose_name_plural": "answers",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="CustomerRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("social", "Social media"),
                            ("mail", "E-mail"),
                            ("phone", "Telephone"),
                            ("shop", "Shop"),
                        ],
                        max_length=8,
                        verbose_name="came by",
                    ),
                ),
                (
                    "asked",
                    models.TextField(
                        max_length=4000, validators=[customers.validators.prose], verbose_name="what was asked"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
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
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waits for its answer"),
                            ("answered", "Answered"),
                            ("closed", "Closed"),
                            ("withdrawn", "Needs no answer"),
                        ],
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("hours_to_answer", models.PositiveIntegerField(verbose_name="working hours to answer")),
                ("answer_by", models.DateTimeField(verbose_name="answer by")),
                ("remind_at", models.DateTimeField(null=True)),
                ("reminded_at", models.DateTimeField(null=True)),
                ("escalated_at", models.DateTimeField(null=True)),
                (
                    "standing",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.answer",
                        verbose_name="answer",
                    ),
                ),
                ("disputed_at", models.DateTimeField(null=True, verbose_name="contradicted")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                (
                    "because",
                    models.TextField(
                        blank=True,
                        max_length=2000,
                        validators=[customers.validators.prose],
                        verbose_name="why no answer is needed",
                    ),
                ),
                ("erased_at", models.DateTimeField(null=True, verbose_name="erased")),
                ("key", models.CharField(max_length=64, unique=True)),
            ],
            options={
                "verbose_name": "customer request",
                "verbose_name_plural": "customer requests",
                "ordering": ["answer_by", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("reminded_at__isnull", True), ("state", "open")),
                        fields=["remind_at"],
                        name="request_reminds",
                    ),
                    models.Index(
                        condition=models.Q(("escalated_at__isnull", True), ("state", "open")),
                        fields=["answer_by"],
                        name="request_is_overdue",
                    ),
                    models.Index(fields=["department", "state", "answer_by"], name="requests_of_a_department"),
                    models.Index(fields=["owner", "state", "answer_by"], name="requests_of_an_owner"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["social", "mail", "phone", "shop"])),
                        name="request_came_by_a_channel",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "answered", "closed", "withdrawn"])),
                        name="request_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("asked", ""), _negated=True), name="request_asks_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("standing__isnull", False), ("state__in", ["answered", "closed"])),
                            models.Q(("standing__isnull", True), ("state__in", ["open", "withdrawn"])),
                            _connector="OR",
                        ),
                        name="answered_request_has_its_answer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("state__in", ["closed", "withdrawn"])),
                            models.Q(("closed_at__isnull", True), ("state__in", ["open", "answered"])),
                            _connector="OR",
                        ),
                        name="request_that_is_over_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("disputed_at__isnull", True), ("state__in", ["open", "answered"]), _connector="OR"
                        ),
                        name="contradicted_request_is_not_over",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer_by__gt", models.F("received_at"))),
                        name="request_is_answered_after_it_came",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("remind_at__isnull", True), ("remind_at__lt", models.F("answer_by")), _connector="OR"
                        ),
                        name="request_reminds_before_its_deadline",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("erased_at__isnull", True),
                            models.Q(("asked", "—"), ("customer__isnull", True)),
                            _connector="OR",
                        ),
                        name="erased_request_names_nobody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HandOver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_overs",
                        to="approvals.customerrequest",
                    ),
                ),
                (
                    "from_department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.department"
                    ),
                ),
                (
                    "to_department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.department"
                    ),
                ),
                (
                    "from_owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "to_owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "reason",
                    models.TextField(
                        blank=True, max_length=2000, validators=[customers.validators.prose], verbose_name="reason"
                    ),
                ),
            ],
            options={
                "verbose_name": "hand-over",
                "verbose_name_plural": "hand-overs",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("from_department", models.F("to_department")),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="request_leaves_a_department_for_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("from_department", models.F("to_department")),
                            ("from_owner", models.F("to_owner")),
                            _negated=True,
                        ),
                        name="hand_over_changes_department_or_owner",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlements",
                        to="approvals.customerrequest",
                    ),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="approvals.answer"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "reason",
                    models.TextField(max_length=2000, validators=[customers.validators.prose], verbose_name="reason"),
                ),
            ],
            options={
                "verbose_name": "settlement",
                "verbose_name_plural": "settlements",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="settlement_says_why"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="Answer",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="approvals.customerrequest"
            ),
        ),
        migrations.AddConstraint(
            model_name="Answer",
            constraint=models.UniqueConstraint(
                fields=("request", "department"), name="department_answers_a_request_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="Answer",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="answer_says_something"
            ),
        ),
        AppendOnly("Comment"),
        AppendOnly("Retraction"),
        ErasedOnce("Answer", "text", "—"),
        ErasedOnce("HandOver", "reason", "—"),
        ErasedOnce("Settlement", "reason", "—"),
        AppendOnly("Ruling"),
        AppendOnly("Acceptance"),
        AppendOnly("Statement"),
        AppendOnly("StatementRetraction"),
        AppendOnly("Attachment"),
        AppendOnly("Precedent"),
        AppendOnly("Citation"),
        AppendOnly("Recusal"),
        OnlySteps(
            "Case",
            "state",
            [
                ("", "detected"),
                ("", "mediation"),
                ("", "negotiation"),
                ("decided", "closed"),
                ("detected", "negotiation"),
                ("detected", "withdrawn"),
                ("mediation", "closed"),
                ("mediation", "decided"),
                ("mediation", "waived"),
                ("mediation", "withdrawn"),
                ("negotiation", "closed"),
                ("negotiation", "mediation"),
                ("negotiation", "waived"),
                ("negotiation", "withdrawn"),
            ],
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
