from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from approvals.choices import ProposalState
from approvals.models.visible import OfCaseQuerySet

# Characters of what the two sides write to each other with it.
LONGEST_TEXT = 1000


class Proposal(models.Model):
    """A change of `offer`, whose side is asked for it, that would clear the collision.

    `key` names the change among those that campaigns.queries.remedies suggests for the collision. `words` say it as it
    was when proposed, by language: `{"en": "…", "es": "…"}`. Its price: `days` that the offer moves (below 0 = earlier),
    and how many `customers` and `products` it loses. `versions` are those of all offers in the collision then, by id.
    Nobody answered what lapsed. `state` is written by
    approvals.actions.proposals alone.
    """

    case = models.ForeignKey(
        "approvals.Case", on_delete=models.PROTECT, related_name="proposals", verbose_name=_("case")
    )
    collision = models.ForeignKey(
        "campaigns.Collision", on_delete=models.PROTECT, related_name="+", verbose_name=_("collision")
    )
    key = models.CharField(max_length=200)
    offer = models.ForeignKey(
        "campaigns.Offer", on_delete=models.PROTECT, related_name="+", verbose_name=_("offer that gives way")
    )
    words = models.JSONField(_("change"))
    days = models.IntegerField(_("days moved"), default=0)
    customers = models.PositiveIntegerField(_("customers lost"), default=0)
    products = models.PositiveIntegerField(_("products lost"), default=0)
    versions = models.JSONField(default=dict)
    message = models.TextField(_("message"), blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"))
    state = models.CharField(_("state"), max_length=12, choices=ProposalState, default=ProposalState.OPEN)
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
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_proposal_per_change_in_a_case",
                fields=["case", "collision", "key"],
                condition=Q(state="open"),
            ),
            models.CheckConstraint(name="proposal_state_is_known", condition=Q(state__in=ProposalState.values)),
            models.CheckConstraint(name="proposal_names_its_change", condition=~Q(key="")),
            models.CheckConstraint(
                name="answered_proposal_says_when",
                condition=Q(state="open", answered_at__isnull=True) | ~Q(state="open") & Q(answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="answered_proposal_says_who",
                condition=Q(state__in=["open", "lapsed"], answered_by__isnull=True)
                | ~Q(state__in=["open", "lapsed"]) & Q(answered_by__isnull=False),
            ),
            models.CheckConstraint(name="declined_proposal_says_why", condition=~Q(state="declined") | ~Q(answer="")),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """The change in the language that is active now; in the one of the house if it was never said in that."""
        return str(self.words.get(get_language()) or self.words.get(settings.LANGUAGE_CODE, self.key))

    @property
    def lever(self) -> str:
        """The kind of change, as campaigns.rules.remedies calls it."""
        return self.key.partition(":")[0]
