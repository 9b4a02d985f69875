import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from customers.append_only import AppendOnly, LiftAppendOnly


def say_how_they_ended(apps, schema_editor):
    cases = apps.get_model("approvals", "Case").objects.using(schema_editor.connection.alias)
    cases.update(detected_at=models.F("opened_at"))
    cases.filter(outcome="vanished").update(state="withdrawn")


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0013_working_time"),
        ("campaigns", "0011_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="case",
            name="one_open_case_per_pair_of_campaigns",
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="case_state_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="case_outcome_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="closed_case_says_when_and_how",
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="case_in_mediation_was_escalated",
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="case_in_negotiation_has_no_mediator",
        ),
        migrations.AddField(
            model_name="case",
            name="detected_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="found"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="case",
            name="hours_to_appeal",
            field=models.PositiveIntegerField(default=0, verbose_name="working hours to appeal"),
        ),
        migrations.AddField(
            model_name="case",
            name="reopened_because",
            field=models.CharField(
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
        migrations.AddField(
            model_name="case",
            name="reopened_from",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="taken_up_by",
                to="approvals.case",
                verbose_name="takes up",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="takes_effect_at",
            field=models.DateTimeField(null=True, verbose_name="takes effect"),
        ),
        migrations.AddField(
            model_name="escalationpolicy",
            name="hours_to_appeal",
            field=models.PositiveIntegerField(
                default=0,
                help_text="So long a department can ask for another mediator, and the decision is not carried out before. 0 = it takes effect at once and nobody appeals.",
                verbose_name="working hours to appeal a decision",
            ),
        ),
        migrations.AddField(
            model_name="escalationpolicy",
            name="minutes_before_opening",
            field=models.PositiveIntegerField(
                default=0,
                help_text="A collision that is gone within that time bothers nobody; the departments may open the case themselves. 0 = it opens at once.",
                verbose_name="minutes before a case opens",
            ),
        ),
        LiftAppendOnly("Ruling"),
        migrations.AddField(
            model_name="ruling",
            name="facts",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="ruling",
            name="supersedes",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="superseded_by",
                to="approvals.ruling",
                verbose_name="supersedes",
            ),
        ),
        AppendOnly("Ruling"),
        migrations.AlterField(
            model_name="case",
            name="outcome",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="case",
            name="state",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="mail",
            name="event",
            field=models.CharField(
                choices=[
                    ("case_opened", "case opened"),
                    ("case_reminder", "deadline is near"),
                    ("case_escalated", "case goes to mediation"),
                    ("case_assigned", "case to decide"),
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
            model_name="timer",
            name="kind",
            field=models.CharField(
                choices=[
                    ("remind", "reminder"),
                    ("escalate", "escalation"),
                    ("assign", "looking for a mediator"),
                    ("open", "opening"),
                    ("enforce", "decision takes effect"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        migrations.RunPython(say_how_they_ended, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                django.db.models.functions.comparison.Least("campaign_a", "campaign_b"),
                django.db.models.functions.comparison.Greatest("campaign_a", "campaign_b"),
                condition=models.Q(("state__in", ["detected", "negotiation", "mediation", "decided"])),
                name="one_open_case_per_pair_of_campaigns",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["detected", "negotiation", "mediation", "decided", "closed", "withdrawn", "waived"])
                ),
                name="case_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["", "agreed", "ruled", "waived", "vanished", "appealed", "overtaken"])
                ),
                name="case_outcome_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["mediation", "decided"]), _negated=True),
                    ("escalated_at__isnull", False),
                    _connector="OR",
                ),
                name="case_in_mediation_was_escalated",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["detected", "negotiation"]), _negated=True),
                    models.Q(("escalated_at__isnull", True), ("mediator__isnull", True)),
                    _connector="OR",
                ),
                name="case_in_negotiation_has_no_mediator",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "decided"), _negated=True),
                    models.Q(("mediator__isnull", False), ("takes_effect_at__isnull", False)),
                    _connector="OR",
                ),
                name="decided_case_says_who_decided_and_when_it_takes_effect",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reopened_because", ""), ("reopened_from__isnull", True)),
                    models.Q(
                        ("reopened_because__in", ["facts", "appeal", "overtaken"]), ("reopened_from__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="case_that_takes_up_another_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes_before_opening__gte", 0), ("minutes_before_opening__lte", 1440)),
                name="policy_minutes_before_opening_is_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours_to_appeal__gte", 0), ("hours_to_appeal__lte", 100)),
                name="policy_hours_to_appeal_is_within_limits",
            ),
        ),
    ]
