from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.visible import AdministratorQuerySet


class HistoryEntry(models.Model):
    """Who did what, when and why. The database refuses to change or delete a row.

    No foreign keys: history must never block a deletion nor vanish with one. `subject` and `scope` name things as
    `"offer:CJ13-1001"`; `scope` is the thing on whose page the entry is read (an offer's is its campaign).
    `changes` is `{"field": [before, after]}`. `key` makes a repeated request find its first answer.
    """

    at = models.DateTimeField(_("at"))
    actor = models.CharField(_("who"), max_length=150, blank=True)
    verb = models.CharField(_("what"), max_length=64)
    subject = models.CharField(_("subject"), max_length=160, db_index=True)
    scope = models.CharField(_("scope"), max_length=160, db_index=True)
    changes = models.JSONField(_("changes"), default=dict, encoder=DjangoJSONEncoder)
    reason = models.TextField(_("reason"), blank=True)
    key = models.CharField(max_length=128, unique=True, null=True)

    objects = AdministratorQuerySet.as_manager()

    class Meta:
        verbose_name = _("history entry")
        verbose_name_plural = _("history")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"
