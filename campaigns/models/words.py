"""Words that customers do not understand or believe."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.choices import WordKind
from campaigns.rules.phrases import words_of, wrong_phrase
from customers.models.visible import ReferenceQuerySet
from customers.validators import one_line


class WordToAvoid(models.Model):
    """A word or phrase of one language that texts for customers are flagged for, and what to write instead."""

    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    phrase = models.CharField(
        _("word or phrase"),
        max_length=100,
        validators=[one_line],
        help_text=_("Whole words, in any case, with or without accents; with * at its end all that begins so."),
    )
    kind = models.CharField(_("kind"), max_length=16, choices=WordKind)
    advice = models.CharField(
        _("write instead"), max_length=200, blank=True, validators=[one_line], help_text=_("Such as a plainer word.")
    )

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("word to avoid")
        verbose_name_plural = _("words to avoid")
        ordering = ["language", "phrase", "id"]
        constraints = [
            models.UniqueConstraint(name="language_lists_a_phrase_once", fields=["language", "phrase"]),
            models.CheckConstraint(name="word_kind_is_known", condition=Q(kind__in=WordKind.values)),
            models.CheckConstraint(
                name="word_language_is_known", condition=Q(language__in=[code for code, _name in settings.LANGUAGES])
            ),
        ]

    def __str__(self) -> str:
        return self.phrase

    def clean(self) -> None:
        """“Increíble”, “increible” and “INCREÍBLE” are one."""
        if message := wrong_phrase(self.phrase or ""):
            raise ValidationError({"phrase": message})
        others = WordToAvoid.objects.filter(language=self.language).exclude(pk=self.pk)
        mine = _said(self.phrase)
        if other := next((one for one in others.values_list("phrase", flat=True) if _said(one) == mine), None):
            raise ValidationError({"phrase": _("There is “%(other)s” already.") % {"other": other}})


def _said(phrase: str) -> tuple[Any, ...]:
    return (*words_of(phrase), phrase.endswith("*"))
