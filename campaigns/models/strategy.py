"""What each department wants and what it never does: its goals, and the rules of its brand."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.ground_rules import Named
from campaigns.models.limits import CENT, within
from campaigns.rules.phrases import wrong_phrase
from customers.models.visible import ReferenceQuerySet
from customers.rules.text import folded
from customers.validators import Between, one_line, prose

LONGEST_LINE = 100
MOST_LINES = 200


class DepartmentGoal(Named):
    """What a department wants to reach; campaigns say which goals they serve."""

    department = models.ForeignKey(
        "campaigns.Department", on_delete=models.PROTECT, related_name="+", verbose_name=_("department")
    )
    note = models.TextField(
        _("note"), blank=True, validators=[prose], help_text=_("What it means, by when, how one sees that it is met.")
    )
    is_retired = models.BooleanField(
        _("met or given up"),
        default=False,
        help_text=_("New campaigns go without it; those that have it keep it."),
    )

    class Meta(Named.Meta):
        verbose_name = _("goal")
        verbose_name_plural = _("goals")


class BrandRules(models.Model):
    """What the offers of a department keep to. Offers outside are flagged, never refused. Lists have a line per entry."""

    department = models.OneToOneField(
        "campaigns.Department",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("department"),
        error_messages={"unique": _("This department has its brand rules already: change those.")},
    )
    deepest_discount = models.DecimalField(
        _("deepest discount (%)"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[Between(CENT, 100)],
        help_text=_("Its offers take off no more than this; empty = no limit of its own."),
    )
    protected_brands = models.TextField(
        _("protected brands"),
        blank=True,
        validators=[prose],
        help_text=_("One per line: offers of any department that reduce them are flagged."),
    )
    never_words = models.TextField(
        _("words never used"),
        blank=True,
        validators=[prose],
        help_text=_("One word or phrase per line; with * at its end it stands for all that begins so."),
    )

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("brand rules")
        verbose_name_plural = _("brand rules")
        ordering = ["department__name", "id"]
        constraints = [
            models.CheckConstraint(
                name="deepest_discount_is_a_percentage", condition=within("deepest_discount", CENT, 100)
            ),
        ]

    def __str__(self) -> str:
        return str(self.department)

    def clean(self) -> None:
        wrong = {}
        for name in ("protected_brands", "never_words"):
            lines = lines_of(getattr(self, name) or "")
            setattr(self, name, "\n".join(lines))
            if messages := list(_wrong_lines(lines, is_phrase=name == "never_words")):
                wrong[name] = messages
        if wrong:
            raise ValidationError(wrong)


def lines_of(text: str) -> list[str]:
    """The entries of a list, each once whatever its case."""
    found = {folded(line): line.strip() for line in reversed(text.splitlines()) if line.strip()}
    return list(reversed(found.values()))


def _wrong_lines(lines: list[str], *, is_phrase: bool) -> Iterable[str]:
    if len(lines) > MOST_LINES:
        yield _("More than %(most)s lines.") % {"most": MOST_LINES}
    for line in lines[:MOST_LINES]:
        if len(line) > LONGEST_LINE:
            yield _("“%(line)s…” has more than %(most)s characters.") % {"line": line[:30], "most": LONGEST_LINE}
            continue
        try:
            one_line(line)
        except ValidationError as error:
            yield from error.messages
            continue
        if is_phrase and (message := wrong_phrase(line)):
            yield f"{line}: {message}"
