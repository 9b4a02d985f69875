from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.visible import AdministratorQuerySet


class HistoryEntry(models.Model):
    """Who did what, when and why. The database refuses to change or delete a row.

    No foreign keys: history must never block a deletion nor vanish with one. `subject` and `scope` name things as
    `"offer:CJ13-1001"`; `scope` is the thing on whose page the entry is read (an offer's is its campaign).
    `changes` is `{"field": [before, after]}`. `key` makes a repeated request find its first answer.

    `seq` and `digest` seal an entry: customers.actions.history gives them once the entry is committed, and that is the
    one change of a row that the database lets through. See customers.rules.chain.
    """

    at = models.DateTimeField(_("at"))
    actor = models.CharField(_("who"), max_length=150, blank=True)
    verb = models.CharField(_("what"), max_length=64)
    subject = models.CharField(_("subject"), max_length=160, db_index=True)
    scope = models.CharField(_("scope"), max_length=160, db_index=True)
    changes = models.JSONField(_("changes"), default=dict, encoder=DjangoJSONEncoder)
    reason = models.TextField(_("reason"), blank=True)
    key = models.CharField(max_length=128, unique=True, null=True)
    seq = models.BigIntegerField(_("number"), unique=True, null=True, editable=False)
    digest = models.CharField(max_length=64, null=True, editable=False)

    objects = AdministratorQuerySet.as_manager()

    class Meta:
        verbose_name = _("history entry")
        verbose_name_plural = _("history")
        ordering = ["-id"]
        indexes = [
            models.Index(name="history_unsealed", fields=["id"], condition=models.Q(seq__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                name="history_entry_is_sealed_whole",
                condition=models.Q(seq__isnull=True, digest__isnull=True)
                | models.Q(seq__isnull=False, digest__isnull=False),
            ),
            models.CheckConstraint(name="history_is_numbered_from_one", condition=models.Q(seq__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"


class HistoryHead(models.Model):
    """The number and digest of the newest sealed entry, and the row whose lock gives the next number.

    Without it nobody could tell that the newest entry was removed. The database only lets it move forward.
    """

    seq = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("head of the history")
        verbose_name_plural = _("head of the history")
        constraints = [
            models.CheckConstraint(name="history_has_one_head", condition=models.Q(id=1)),
        ]

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"
