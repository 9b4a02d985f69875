import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0005_levels_of_cases"),
        ("campaigns", "0004_detection_shards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="mail",
            name="event",
            field=models.CharField(
                choices=[
                    ("case_opened", "case opened"),
                    ("case_reminder", "deadline is near"),
                    ("case_escalated", "case goes to mediation"),
                    ("case_assigned", "case to decide"),
                    ("case_decided", "case decided"),
                    ("case_vanished", "case closed, collision gone"),
                    ("proposal_made", "change proposed"),
                    ("proposal_accepted", "proposal accepted"),
                    ("proposal_declined", "proposal declined"),
                    ("case_without_mediator", "no mediator can decide"),
                    ("campaign_without_lead", "campaign without an accountable"),
                    ("device_taken_away", "two-factor sign-in taken away"),
                ],
                max_length=32,
                verbose_name="about",
            ),
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("words", models.JSONField(verbose_name="change")),
                ("days", models.IntegerField(default=0, verbose_name="days moved")),
                ("customers", models.PositiveIntegerField(default=0, verbose_name="customers lost")),
                ("products", models.PositiveIntegerField(default=0, verbose_name="products lost")),
                ("versions", models.JSONField(default=dict)),
                ("message", models.TextField(blank=True, verbose_name="message")),
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
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                ("answer", models.TextField(blank=True, verbose_name="answer")),
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
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.offer",
                        verbose_name="offer that gives way",
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
    ]
