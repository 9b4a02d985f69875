from datetime import timedelta

import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from customers.append_only import AppendOnly, LiftAppendOnly

# Whoever has a case already did not know of a time to decide.
TIME_TO_DECIDE = timedelta(days=7)


def give_time(apps, schema_editor):
    """Count the time to decide from now on, and requests by the hours that the policy gives now."""
    database, now = schema_editor.connection.alias, timezone.now()

    def rows(name):
        return apps.get_model("approvals", name).objects.using(database)

    decided = rows("Case").filter(state="mediation", mediator__isnull=False)
    decided.update(assigned_at=now, decide_by=now + TIME_TO_DECIDE)
    for policy in rows("ReviewPolicy").all():
        rows("CustomerRequest").update(hours_to_answer=policy.hours_to_answer)


def arm(apps, schema_editor):
    database = schema_editor.connection.alias
    timers = apps.get_model("approvals", "Timer").objects.using(database)
    cases = apps.get_model("approvals", "Case").objects.using(database)
    for case in cases.filter(state="mediation", mediator__isnull=False):
        timers.create(case=case, kind="decide", due_at=case.decide_by)


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0017_precedents"),
        ("campaigns", "0011_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        LiftAppendOnly("Recusal"),
        migrations.RemoveConstraint(
            model_name="mediator",
            name="one_mediator_per_scope",
        ),
        migrations.RemoveConstraint(
            model_name="recusal",
            name="who_steps_aside_says_so_themselves",
        ),
        migrations.RemoveConstraint(
            model_name="recusal",
            name="challenge_names_its_side_and_says_why",
        ),
        migrations.RemoveConstraint(
            model_name="timer",
            name="case_reminds_once_on_a_rung",
        ),
        migrations.AddField(
            model_name="case",
            name="assigned_at",
            field=models.DateTimeField(null=True, verbose_name="given to the mediator"),
        ),
        migrations.AddField(
            model_name="case",
            name="decide_by",
            field=models.DateTimeField(null=True, verbose_name="decide by"),
        ),
        migrations.AddField(
            model_name="case",
            name="hours_to_decide",
            field=models.PositiveIntegerField(default=18, verbose_name="working hours to decide"),
        ),
        migrations.AddField(
            model_name="case",
            name="mandates",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="mediator_why",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="customerrequest",
            name="hours_to_answer",
            field=models.PositiveIntegerField(default=18, verbose_name="working hours to answer"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="escalationpolicy",
            name="hours_to_decide",
            field=models.PositiveIntegerField(
                default=18,
                help_text="So long a mediator has a case; then it passes to the next one.",
                verbose_name="working hours to decide",
            ),
        ),
        migrations.AddField(
            model_name="mediator",
            name="business_unit",
            field=models.CharField(
                blank=True,
                help_text="Instead of departments: cases that touch a department of this business unit.",
                max_length=200,
                verbose_name="business unit",
            ),
        ),
        migrations.AddField(
            model_name="mediator",
            name="category",
            field=models.ForeignKey(
                blank=True,
                help_text="Instead of departments: cases in which both sides have products of this category on offer.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.category",
                verbose_name="category",
            ),
        ),
        migrations.AddField(
            model_name="mediator",
            name="from_level",
            field=models.CharField(
                blank=True,
                choices=[("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")],
                help_text="Only cases that are at least so severe; nothing chosen = of every level.",
                max_length=8,
                verbose_name="from level",
            ),
        ),
        migrations.AddField(
            model_name="mediator",
            name="most_cases",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="With so many cases to decide, the next person is asked first. Empty = any number.",
                null=True,
                verbose_name="cases at once, at most",
            ),
        ),
        migrations.AddField(
            model_name="mediator",
            name="other_department",
            field=models.ForeignKey(
                blank=True,
                help_text="Only cases between the two departments.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.department",
                verbose_name="and this one",
            ),
        ),
        migrations.AlterField(
            model_name="mail",
            name="event",
            field=models.CharField(
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
                    ("proposal_made", "change proposed"),
                    ("proposal_accepted", "proposal accepted"),
                    ("proposal_declined", "proposal declined"),
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
        migrations.AlterField(
            model_name="mediator",
            name="department",
            field=models.ForeignKey(
                blank=True,
                help_text="Cases that touch this department; with nothing chosen below either, every case.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.department",
                verbose_name="department",
            ),
        ),
        migrations.AlterField(
            model_name="mediator",
            name="stand_in",
            field=models.ForeignKey(
                blank=True,
                help_text="Decides when the mediator belongs to a party, is away or full, or is no longer active.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="stand-in",
            ),
        ),
        migrations.AlterField(
            model_name="recusal",
            name="kind",
            field=models.CharField(
                choices=[
                    ("recused", "stepped aside"),
                    ("challenged", "challenged by a party"),
                    ("timeout", "did not decide in time"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="recusal",
            name="said_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="said by",
            ),
        ),
        migrations.AlterField(
            model_name="timer",
            name="kind",
            field=models.CharField(
                choices=[
                    ("remind", "reminder"),
                    ("escalate", "escalation"),
                    ("assign", "looking for a mediator"),
                    ("open", "opening"),
                    ("enforce", "decision takes effect"),
                    ("remind_decision", "reminder of the decision"),
                    ("decide", "end of the time to decide"),
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
        migrations.RunPython(give_time, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "mediation"), _negated=True),
                    models.Q(("assigned_at__isnull", True), ("decide_by__isnull", True), ("mediator__isnull", True)),
                    models.Q(
                        ("assigned_at__isnull", False), ("decide_by__isnull", False), ("mediator__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="case_with_a_mediator_says_until_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours_to_decide__gte", 1), ("hours_to_decide__lte", 400)),
                name="policy_hours_to_decide_is_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediator",
            constraint=models.UniqueConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="mediator",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("category__isnull", True), ("department__isnull", True)),
                    models.Q(("business_unit", ""), ("department__isnull", True)),
                    models.Q(("business_unit", ""), ("category__isnull", True)),
                    _connector="OR",
                ),
                name="mandate_is_for_one_thing",
                violation_error_message="Choose departments, a category or a business unit, but only one of these.",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediator",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="mediator",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_level__in", ["", "low", "medium", "high", "critical"])),
                name="mandate_begins_at_a_known_level",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediator",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("most_cases__isnull", True),
                    models.Q(("most_cases__gte", 1), ("most_cases__lte", 1000)),
                    _connector="OR",
                ),
                name="mandate_allows_a_number_of_cases",
            ),
        ),
        migrations.AddConstraint(
            model_name="recusal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "recused"), _negated=True),
                    models.Q(("campaign__isnull", True), ("person", models.F("said_by")), ("said_by__isnull", False)),
                    _connector="OR",
                ),
                name="who_steps_aside_says_so_themselves",
            ),
        ),
        migrations.AddConstraint(
            model_name="recusal",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="recusal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "timeout"), _negated=True),
                    models.Q(("campaign__isnull", True), ("reason", ""), ("said_by__isnull", True)),
                    _connector="OR",
                ),
                name="timeout_is_said_by_nobody",
            ),
        ),
        migrations.AddConstraint(
            model_name="timer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "remind"), ("rung__gt", 0)),
                fields=("case", "kind", "rung"),
                name="case_reminds_once_on_a_rung",
            ),
        ),
        AppendOnly("Recusal"),
        migrations.RunPython(arm, migrations.RunPython.noop),
    ]
