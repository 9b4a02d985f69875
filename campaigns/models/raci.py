from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from campaigns.choices import ActivityKind, RaciLetter, TemplateLetter
from customers.models.visible import ReferenceQuerySet
from customers.rules.text import folded
from customers.validators import one_line


class AddedActivity(models.Model):
    """A task beside the seven that every campaign has, added by an administrator. Retired: new campaigns go without it."""

    code = models.CharField(_("code"), max_length=64, unique=True, validators=[one_line])
    name = models.CharField(_("name"), max_length=200, validators=[one_line])
    is_retired = models.BooleanField(
        _("retired"), default=False, help_text=_("New campaigns go without it; those that have it keep it.")
    )

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("added activity")
        verbose_name_plural = _("added activities")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                name="added_activity_has_a_code_of_its_own",
                condition=~Q(code__in=ActivityKind.values),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.code in ActivityKind.values:
            raise ValidationError({"code": _("One of the seven activities has this code: choose another one.")})


class TaskColumns(models.Model):
    """Which activity a row is about: one of the seven (`kind`) or an added one."""

    kind = models.CharField(_("activity"), max_length=16, choices=ActivityKind, blank=True)
    added = models.ForeignKey(
        AddedActivity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("added activity"),
    )

    class Meta:
        abstract = True

    @property
    def code(self) -> str:
        """How files, programs and the history call the activity."""
        return self.added.code if self.added else self.kind

    @property
    def label(self) -> str:
        """How people call it, in the reader's language; an added one as it was written."""
        return self.added.name if self.added else self.get_kind_display()


ONE_OF_BOTH = (Q(added__isnull=True) & Q(kind__in=ActivityKind.values)) | Q(added__isnull=False, kind="")


class Activity(TaskColumns):
    """A task of a campaign. `accountable` empty: the campaign's A answers for it."""

    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.CASCADE, related_name="activities", verbose_name=_("campaign")
    )
    accountable = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("A · approves, answers for it"),
    )

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["campaign", "id"]
        constraints = [
            models.CheckConstraint(name="activity_is_one_of_the_seven_or_an_added_one", condition=ONE_OF_BOTH),
            models.UniqueConstraint(
                name="campaign_has_an_activity_once", fields=["campaign", "kind"], condition=~Q(kind="")
            ),
            models.UniqueConstraint(
                name="campaign_has_an_added_activity_once",
                fields=["campaign", "added"],
                condition=Q(added__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class RaciRole(models.Model):
    """R, C or I of a department in an activity; with `user`, of that person for the department."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="roles", verbose_name=_("activity"))
    letter = models.CharField(_("role"), max_length=1, choices=RaciLetter)
    department = models.ForeignKey(
        "campaigns.Department", on_delete=models.PROTECT, related_name="+", verbose_name=_("department")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )

    class Meta:
        verbose_name = _("RACI role")
        verbose_name_plural = _("RACI roles")
        ordering = ["activity", "letter", "department"]
        constraints = [
            models.CheckConstraint(name="raci_letter_is_known", condition=Q(letter__in=RaciLetter.values)),
            models.UniqueConstraint(
                name="department_has_one_letter_in_an_activity",
                fields=["activity", "department"],
                condition=Q(user__isnull=True),
            ),
            models.UniqueConstraint(
                name="person_has_one_letter_in_an_activity",
                fields=["activity", "user"],
                condition=Q(user__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} · {self.user or self.department}"


class RaciTemplate(models.Model):
    """A matrix to begin with, made from the matrix of a campaign. It names departments, never people."""

    name = models.CharField(_("name"), max_length=200, validators=[one_line])

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("RACI template")
        verbose_name_plural = _("RACI templates")
        ordering = ["name", "id"]
        constraints = [
            # SQLite folds the letters of English alone; clean() sees the others.
            models.UniqueConstraint(Lower("name"), name="template_name_is_unique_in_any_case"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        names = RaciTemplate.objects.exclude(pk=self.pk).values_list("name", flat=True)
        if folded(self.name) in map(folded, names):
            raise ValidationError({"name": _("There is a template of this name: choose another one.")})


class RaciTemplateRole(TaskColumns):
    """A cell of a template. `department` empty: the department that owns the campaign. A is given to its lead."""

    template = models.ForeignKey(
        RaciTemplate, on_delete=models.CASCADE, related_name="roles", verbose_name=_("RACI template")
    )
    letter = models.CharField(_("role"), max_length=1, choices=TemplateLetter)
    department = models.ForeignKey(
        "campaigns.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )

    class Meta:
        verbose_name = _("cell of a template")
        verbose_name_plural = _("cells of a template")
        ordering = ["template", "id"]
        constraints = [
            models.CheckConstraint(name="template_letter_is_known", condition=Q(letter__in=TemplateLetter.values)),
            models.CheckConstraint(name="template_cell_is_one_of_the_seven_or_an_added_one", condition=ONE_OF_BOTH),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.letter}"
