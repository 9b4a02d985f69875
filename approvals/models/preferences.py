from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from approvals.choices import Delivery, NewsKind
from approvals.models.visible import ProfileQuerySet
from approvals.rules.notification import MANDATORY


class NewsPreference(models.Model):
    """How a person wants to hear of one kind of news. Who has no row hears of it as recommended."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=NewsKind)
    delivery = models.CharField(max_length=8, choices=Delivery)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("news preference")
        verbose_name_plural = _("news preferences")
        constraints = [
            models.UniqueConstraint(name="person_prefers_one_way_per_kind", fields=["user", "kind"]),
            models.CheckConstraint(
                name="what_is_mandatory_is_not_chosen",
                condition=Q(kind__in=NewsKind.values) & ~Q(kind__in=[kind.value for kind in MANDATORY]),
            ),
            models.CheckConstraint(name="delivery_is_known", condition=Q(delivery__in=Delivery.values)),
            models.CheckConstraint(
                name="daily_digest_is_taken_or_not", condition=~Q(kind="digest") | Q(delivery="none")
            ),
        ]
