import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def take_old_news_for_read(apps, schema_editor):
    """Nobody begins with an inbox full of what they have had by mail long since."""
    apps.get_model("approvals", "Mail").objects.update(read_at=models.F("created_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0010_recusals"),
        ("campaigns", "0011_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NewsPreference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
            },
        ),
        migrations.RemoveConstraint(
            model_name="mail",
            name="mail_state_is_known",
        ),
        migrations.AddField(
            model_name="mail",
            name="digest",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="told", to="approvals.mail"
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="part",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name="mail",
            name="place",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="mail",
            name="read_at",
            field=models.DateTimeField(null=True, verbose_name="read"),
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
                    ("device_taken_away", "two-factor sign-in taken away"),
                    ("digest", "digest"),
                ],
                max_length=32,
                verbose_name="about",
            ),
        ),
        migrations.AlterField(
            model_name="mail",
            name="state",
            field=models.CharField(
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
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("state__in", ["daily", "hourly"])), fields=["not_before"], name="mail_for_a_digest"
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(fields=["recipient", "sent_at"], name="mail_of_an_hour"),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(condition=models.Q(("read_at", None)), fields=["recipient"], name="mail_not_read"),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["queued", "sending", "sent", "failed", "daily", "hourly", "digested", "kept"])
                ),
                name="mail_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("digest__isnull", False), ("state", "digested")),
                    models.Q(models.Q(("state", "digested"), _negated=True), ("digest__isnull", True)),
                    _connector="OR",
                ),
                name="what_a_digest_told_names_it",
            ),
        ),
        migrations.AddField(
            model_name="newspreference",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="newspreference",
            constraint=models.UniqueConstraint(fields=("user", "kind"), name="person_prefers_one_way_per_kind"),
        ),
        migrations.AddConstraint(
            model_name="newspreference",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="newspreference",
            constraint=models.CheckConstraint(
                condition=models.Q(("delivery__in", ["at_once", "digest", "none"])), name="delivery_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="newspreference",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("kind", "digest"), _negated=True), ("delivery", "none"), _connector="OR"),
                name="daily_digest_is_taken_or_not",
            ),
        ),
        migrations.RunPython(take_old_news_for_read, migrations.RunPython.noop),
    ]
