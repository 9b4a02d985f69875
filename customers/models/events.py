from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.visible import AdministratorQuerySet


class Event(models.Model):
    """Something an upper app must react to. The row is the queue; a Celery task is only told that there is one.

    Written in the transaction of the change it tells of, handled in the transaction of the reaction: a killed
    worker rolls both back, so the row is found again by the next task or by the sweep.
    """

    topic = models.CharField(_("topic"), max_length=64)
    payload = models.JSONField(_("payload"), default=dict)
    created_at = models.DateTimeField(_("written"))
    handled_at = models.DateTimeField(_("handled"), null=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    not_before = models.DateTimeField(_("not before"), null=True)
    error = models.TextField(_("error"), blank=True)

    objects = AdministratorQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(name="event_unhandled", fields=["topic", "id"], condition=models.Q(handled_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.pk}"


class Heartbeat(models.Model):
    """When a recurring job last came to its end, and the row that lets only one of them run at a time."""

    name = models.CharField(max_length=64, unique=True)
    last_ok_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name
