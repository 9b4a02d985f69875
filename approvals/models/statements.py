from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from approvals.choices import ATTACHMENT_KINDS, StatementKind
from approvals.models.comments import Said
from approvals.models.visible import AttachmentQuerySet, OfCaseQuerySet
from approvals.rules.attachments import LARGEST, LONGEST_NAME, MOST, FileKind
from customers.validators import one_line

# Characters of where a fact can be checked.
LONGEST_SOURCE = 300


class Statement(Said):
    """What a side of a case, or its mediator, said in it.

    A fact names the `source` where it can be checked; a claim is what somebody thinks; a comment is all else. `side` is
    the campaign in whose name it was said; without one the mediator asked.
    """

    case = models.ForeignKey(
        "approvals.Case", on_delete=models.PROTECT, related_name="statements", verbose_name=_("case")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=StatementKind)
    side = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("campaign")
    )
    source = models.CharField(_("source"), max_length=LONGEST_SOURCE, blank=True, validators=[one_line])

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["-id"]
        indexes = [models.Index(name="statements_of_a_case", fields=["case", "-id"])]
        constraints = [
            models.CheckConstraint(name="statement_says_something", condition=~Q(text="")),
            models.CheckConstraint(name="statement_kind_is_known", condition=Q(kind__in=StatementKind.values)),
            models.CheckConstraint(
                name="fact_and_nothing_else_names_its_source",
                condition=Q(kind="fact") & ~Q(source="") | ~Q(kind="fact") & Q(source=""),
            ),
            models.CheckConstraint(
                name="facts_and_claims_are_those_of_a_side",
                condition=Q(kind="comment") | Q(side__isnull=False),
            ),
        ]


class StatementRetraction(models.Model):
    """The author took the statement back, with its files. A row of its own, as statements never change."""

    statement = models.OneToOneField(
        Statement, on_delete=models.PROTECT, related_name="retraction", verbose_name=_("statement")
    )
    retracted_at = models.DateTimeField(_("retracted"))

    class Meta:
        verbose_name = _("retraction of a statement")
        verbose_name_plural = _("retractions of statements")

    def __str__(self) -> str:
        return str(self.statement)


class AttachmentManager(models.Manager.from_queryset(AttachmentQuerySet)):  # type: ignore[misc]
    """Rows without their content, which is read where it is sent and nowhere else."""

    def get_queryset(self) -> AttachmentQuerySet:
        rows: AttachmentQuerySet = super().get_queryset().defer("content")
        return rows


class Attachment(models.Model):
    """A file of a statement. The database keeps the bytes: every host reads them, and a backup holds them.

    `position` counts from 1; `sha256` is of `content`, in hexadecimal.
    """

    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, related_name="attachments", verbose_name=_("statement")
    )
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=LONGEST_NAME, validators=[one_line])
    kind = models.CharField(_("kind"), max_length=4, choices=ATTACHMENT_KINDS)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    objects = AttachmentManager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["statement", "position"]
        constraints = [
            models.UniqueConstraint(name="files_of_a_statement_have_places", fields=["statement", "position"]),
            models.CheckConstraint(
                name="statement_has_only_so_many_files", condition=Q(position__gte=1, position__lte=MOST)
            ),
            models.CheckConstraint(
                name="file_is_neither_empty_nor_too_large", condition=Q(size__gte=1, size__lte=LARGEST)
            ),
            models.CheckConstraint(name="file_kind_is_known", condition=Q(kind__in=[kind.value for kind in FileKind])),
        ]

    def __str__(self) -> str:
        return self.name
