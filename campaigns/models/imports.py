from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.visible import DataQuerySet


class ImportRun(models.Model):
    """A dataset folder being written, table by table; running the same folder again goes on where it stopped."""

    source = models.CharField(_("folder"), max_length=500)
    digest = models.CharField(max_length=64)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    tables_done = models.JSONField(_("tables written"), default=list)
    rows = models.JSONField(_("rows"), default=dict)

    objects = DataQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_unfinished_import_per_folder_content",
                fields=["digest"],
                condition=models.Q(finished_at__isnull=True),
            ),
        ]
