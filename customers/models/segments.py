from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.visible import ReferenceQuerySet
from customers.validators import one_line


class Segment(models.Model):
    """A set of customers, kept as one bitmap of customer numbers.

    A *named* segment is imported or typed in. A *combined* one is the audience of offers that add and subtract
    named segments: `expression` is `{"include": [ids], "exclude": [ids]}` (include empty = every customer), and
    it exists once per `expression_hash`.
    `members` is the portable Roaring serialisation (github.com/RoaringBitmap/RoaringFormatSpec).
    """

    class Kind(models.TextChoices):
        NAMED = "named", _("named")
        COMBINED = "combined", _("combined")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.NAMED, editable=False)
    code = models.CharField(_("code"), max_length=64, unique=True, null=True, validators=[one_line])
    name = models.CharField(_("name"), max_length=200, validators=[one_line])
    expression = models.JSONField(_("expression"), null=True, editable=False)
    expression_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)
    members = models.BinaryField(editable=False)
    size = models.PositiveBigIntegerField(_("customers"), default=0, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                name="segment_is_named_by_code_or_combined_by_expression",
                condition=models.Q(kind="named", code__isnull=False, expression_hash__isnull=True)
                | models.Q(kind="combined", code__isnull=True, expression_hash__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentOverlap(models.Model):
    """How many customers two segments share; a pair that shares nobody has no row."""

    low = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+")
    high = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+")
    shared = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("segment overlap")
        verbose_name_plural = _("segment overlaps")
        constraints = [
            models.UniqueConstraint(name="segment_pair_is_counted_once", fields=["low", "high"]),
            models.CheckConstraint(name="segment_pair_is_sorted", condition=models.Q(low__lt=models.F("high"))),
            models.CheckConstraint(name="segment_pair_shares_somebody", condition=models.Q(shared__gt=0)),
        ]
