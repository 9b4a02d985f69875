from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from approvals.models.visible import OfCampaignQuerySet
from customers.validators import prose

# Characters of one comment.
LONGEST_COMMENT = 4000


class Said(models.Model):
    """What somebody wrote for others to read: never changed and never deleted, at most retracted by its author.

    `mentions` are the people whom the text names by `@username`, as it was when written. `key` makes the same text, sent
    twice from the same form, one row. Show `shown`, never `text`: what was retracted is hidden from everybody.
    """

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("author")
    )
    text = models.TextField(_("text"), max_length=LONGEST_COMMENT, validators=[prose])
    written_at = models.DateTimeField(_("written"))
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("mentioned"))
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def retracted_at(self) -> datetime | None:
        """Read with `retraction` joined."""
        retraction = getattr(self, "retraction", None)
        return retraction.retracted_at if retraction else None

    @property
    def shown(self) -> str:
        """The text; "" once it is retracted."""
        return "" if self.retracted_at else self.text


class Comment(Said):
    """What somebody said about a campaign."""

    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, related_name="+", verbose_name=_("campaign")
    )

    objects = OfCampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["-id"]
        indexes = [models.Index(name="comments_of_a_campaign", fields=["campaign", "-id"])]
        constraints = [models.CheckConstraint(name="comment_says_something", condition=~Q(text=""))]


class Retraction(models.Model):
    """The author took the comment back. A row of its own, as comments never change."""

    comment = models.OneToOneField(
        Comment, on_delete=models.PROTECT, related_name="retraction", verbose_name=_("comment")
    )
    retracted_at = models.DateTimeField(_("retracted"))

    class Meta:
        verbose_name = _("retraction")
        verbose_name_plural = _("retractions")

    def __str__(self) -> str:
        return str(self.comment)


class Watch(models.Model):
    """Whether a person hears of what happens to a campaign. Without a row: the A and the contact person do.

    `is_on` is false only where somebody stopped it by hand; nothing but their own hand turns it on again.
    """

    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.CASCADE, related_name="+", verbose_name=_("campaign")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    is_on = models.BooleanField(_("is told"))
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("watch")
        verbose_name_plural = _("watches")
        constraints = [
            models.UniqueConstraint(name="person_watches_a_campaign_once", fields=["campaign", "user"]),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.campaign}"
