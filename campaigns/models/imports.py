from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.choices import ImportState
from customers.languages import in_this_language
from customers.models.visible import DataQuerySet


class ImportRun(models.Model):
    """A dataset folder being brought in; running the same content again goes on where it stopped.

    What came by upload waits as a row: `upload` names its folder in UPLOAD_DIR until the run is over, and `lease_until`
    is when another worker may take a run whose worker died. `at` is how far the present step is: {"step", "done", "of"}.
    `problems` are the first of `problem_count`: [table, row, column, text], each text, as each of the `warnings`, in
    every language by its code. `tables_done` and `rows` tell of the writing; `rows` also keeps what only a
    continuation needs.
    """

    source = models.CharField(_("folder"), max_length=500)
    digest = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=8, choices=ImportState, default=ImportState.WRITING)
    dry_run = models.BooleanField(_("check only"), default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    upload = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    at = models.JSONField(default=dict)
    problems = models.JSONField(_("problems"), default=list)
    problem_count = models.PositiveIntegerField(_("problems"), default=0)
    warnings = models.JSONField(_("warnings"), default=list)
    tables_done = models.JSONField(_("tables written"), default=list)
    rows = models.JSONField(_("rows"), default=dict)

    objects = DataQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        indexes = [
            models.Index(
                name="import_to_do", fields=["lease_until"], condition=Q(state__in=["queued", "checking", "writing"])
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_unfinished_import_per_folder_content",
                fields=["digest"],
                condition=Q(finished_at__isnull=True) & ~Q(digest=""),
            ),
            models.CheckConstraint(name="import_state_is_known", condition=Q(state__in=ImportState.values)),
            models.CheckConstraint(
                name="import_that_is_over_says_when",
                condition=Q(state__in=["finished", "refused"], finished_at__isnull=False)
                | Q(state__in=["queued", "checking", "writing"], finished_at__isnull=True),
            ),
        ]

    def read_problems(self) -> list[tuple[str, int, str, str]]:
        """(table, row, column, text), in the language of whoever reads now."""
        return [(table, row, column, in_this_language(texts)) for table, row, column, texts in self.problems]

    def read_warnings(self) -> list[str]:
        return [in_this_language(texts) for texts in self.warnings]
