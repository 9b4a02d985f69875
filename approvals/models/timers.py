from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from approvals.choices import TimerKind
from approvals.models.visible import OfCaseQuerySet


class Timer(models.Model):
    """Something a case must do at a time. Swept every minute: Celery's own far timers repeat on Redis.

    `rung` tells reminders apart: after which part of the time to agree or to decide, in percent; 0 tells of a deadline that
    came nearer. Other kinds have none.
    """

    case = models.ForeignKey("approvals.Case", on_delete=models.CASCADE, related_name="timers")
    kind = models.CharField(_("kind"), max_length=16, choices=TimerKind)
    rung = models.PositiveSmallIntegerField(_("after percent of the time"), default=0)
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(_("done"), null=True)
    result = models.CharField(_("result"), max_length=64, blank=True)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("timer")
        verbose_name_plural = _("timers")
        indexes = [models.Index(name="timer_due", fields=["due_at"], condition=Q(done_at__isnull=True))]
        constraints = [
            models.UniqueConstraint(
                name="case_waits_for_one_timer_of_a_kind",
                fields=["case", "kind", "rung"],
                condition=Q(done_at__isnull=True),
            ),
            models.UniqueConstraint(
                # Each new mediator is reminded anew.
                name="case_reminds_once_on_a_rung",
                fields=["case", "kind", "rung"],
                condition=Q(rung__gt=0, kind="remind"),
            ),
            models.CheckConstraint(
                name="done_timer_says_its_result",
                condition=Q(done_at__isnull=True, result="") | Q(done_at__isnull=False) & ~Q(result=""),
            ),
        ]
