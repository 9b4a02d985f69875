from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from approvals.choices import ExtensionState, TermsState
from approvals.models.visible import OfCaseQuerySet, OfTermsQuerySet
from approvals.rules.operations import Operation, describe, parse

# Characters of what the two sides write to each other with them.
LONGEST_MESSAGE = 1000


class Terms(models.Model):
    """A whole agreement that one side (`campaign`) puts to the other: typed operations for either or both campaigns.

    `terms_hash` names the operations and the plans that they were computed on (approvals.queries.facts.terms_hash): both
    sides sign it, and nothing else. `effect` is what carrying them out would have done then, as
    approvals.actions.enforcement.Effect stores it. At most one set of terms per case waits for an answer: other terms
    supersede it, and what was signed of it counts no more. `state` is written by approvals.actions.terms alone.
    """

    case = models.ForeignKey("approvals.Case", on_delete=models.PROTECT, related_name="terms", verbose_name=_("case"))
    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, related_name="+", verbose_name=_("side that proposes")
    )
    operations = models.JSONField(_("operations"))
    effect = models.JSONField(_("effect"))
    terms_hash = models.CharField(max_length=64)
    message = models.TextField(_("message"), blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"))
    state = models.CharField(_("state"), max_length=12, choices=TermsState, default=TermsState.OPEN)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True)
    answer = models.TextField(_("answer"), blank=True)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("terms")
        verbose_name_plural = _("terms")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_set_of_terms_in_a_case", fields=["case"], condition=Q(state="open")
            ),
            models.CheckConstraint(name="terms_state_is_known", condition=Q(state__in=TermsState.values)),
            models.CheckConstraint(name="terms_have_a_hash", condition=~Q(terms_hash="")),
            models.CheckConstraint(
                name="answered_terms_say_when",
                condition=Q(state="open", answered_at__isnull=True) | ~Q(state="open") & Q(answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="answered_terms_say_who",
                condition=Q(state__in=["open", "lapsed"], answered_by__isnull=True)
                | ~Q(state__in=["open", "lapsed"]) & Q(answered_by__isnull=False),
            ),
            models.CheckConstraint(name="declined_terms_say_why", condition=~Q(state="declined") | ~Q(answer="")),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def orders(self) -> tuple[Operation, ...]:
        return parse(self.operations)

    @property
    def sentence(self) -> str:
        """The operations in the language that is active now."""
        return " ".join(describe(order) for order in self.orders)


class Acceptance(models.Model):
    """One side's signature on terms: who gave it for which campaign, on what, when. The database refuses changes."""

    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="acceptances", verbose_name=_("terms"))
    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, related_name="+", verbose_name=_("side")
    )
    terms_hash = models.CharField(max_length=64)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("accepted by")
    )
    accepted_at = models.DateTimeField(_("accepted"))

    objects = OfTermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("acceptance")
        verbose_name_plural = _("acceptances")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="each_side_accepts_terms_once", fields=["terms", "campaign"]),
            models.CheckConstraint(name="acceptance_signs_a_hash", condition=~Q(terms_hash="")),
        ]

    def __str__(self) -> str:
        return f"{self.terms_id} · {self.campaign}"


class Extension(models.Model):
    """A side asks the other for more time to agree: `hours` of working time beyond those of the case.

    `state` is written by approvals.actions.extensions alone. Nobody answered what lapsed.
    """

    case = models.ForeignKey(
        "approvals.Case", on_delete=models.PROTECT, related_name="extensions", verbose_name=_("case")
    )
    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, related_name="+", verbose_name=_("side that asks")
    )
    hours = models.PositiveIntegerField(_("more working hours"))
    reason = models.TextField(_("reason"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"))
    state = models.CharField(_("state"), max_length=12, choices=ExtensionState, default=ExtensionState.OPEN)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True)
    answer = models.TextField(_("answer"), blank=True)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for more time")
        verbose_name_plural = _("requests for more time")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="each_side_asks_once_for_time", fields=["case", "campaign"]),
            models.UniqueConstraint(
                name="case_waits_for_one_answer_about_time", fields=["case"], condition=Q(state="open")
            ),
            models.UniqueConstraint(name="case_is_extended_once", fields=["case"], condition=Q(state="granted")),
            models.CheckConstraint(name="extension_state_is_known", condition=Q(state__in=ExtensionState.values)),
            models.CheckConstraint(name="extension_asks_for_some_time", condition=Q(hours__gte=1)),
            models.CheckConstraint(name="extension_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="answered_extension_says_when",
                condition=Q(state="open", answered_at__isnull=True) | ~Q(state="open") & Q(answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="answered_extension_says_who",
                condition=Q(state__in=["open", "lapsed"], answered_by__isnull=True)
                | ~Q(state__in=["open", "lapsed"]) & Q(answered_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.hours}"
