from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class IdempotentRequest(models.Model):
    """A request that may be sent again: its first answer is kept, and given again instead of a second effect.

    `key` is the header `Idempotency-Key`; `fingerprint` is the SHA-256 of what was asked (method, address, body). The
    row is written before the work and finished in the transaction of the work, so that an effect and its answer exist
    both or neither. `lease_until`: whoever took the request and died is followed by the next one after that.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    headers = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("idempotent request")
        verbose_name_plural = _("idempotent requests")
        indexes = [models.Index(name="idempotent_request_by_age", fields=["created_at"])]
        constraints = [
            models.UniqueConstraint(name="person_uses_an_idempotency_key_once", fields=["user", "key"]),
            models.CheckConstraint(
                name="idempotent_request_is_taken_or_answered",
                condition=Q(http_status__isnull=True, lease_until__isnull=False)
                | Q(http_status__isnull=False, lease_until__isnull=True),
            ),
        ]
