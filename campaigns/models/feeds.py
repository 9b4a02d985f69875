from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.rules.calendar import Filters
from customers.models.tokens import TokenQuerySet
from customers.validators import one_line


class CalendarFeed(models.Model):
    """A secret address at which calendar programs read the shared calendar as one person sees it.

    The address is shown once, when the feed is made; `digest` is the SHA-256 of its secret and `start` how that begins,
    as for API tokens. `filters` is what campaigns.rules.calendar.Filters.kept gives. A feed has no last day, as
    programs would just fall silent: it ends when it is revoked or its person can no longer sign in.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("of")
    )
    name = models.CharField(
        _("name"),
        max_length=100,
        validators=[one_line],
        help_text=_("What the calendar is called where you subscribe to it, such as “Christmas”."),
    )
    filters = models.JSONField(_("shows"), editable=False)
    start = models.CharField(_("begins with"), max_length=16, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("made"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="feed_is_revoked_after_it_was_made",
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    @property
    def chosen(self) -> Filters:
        return Filters.of(self.filters)
