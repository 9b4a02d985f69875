from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals.models.visible import ProfileQuerySet


class StaffProfile(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="staff_profile")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    gets_briefings = models.BooleanField(_("every briefing by mail"), default=False)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
