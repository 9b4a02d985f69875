from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models.visible import User
from customers.permissions import is_administrator


class TokenQuerySet(models.QuerySet):
    def visible(self, user: User) -> Self:
        """One's own; administrators see everybody's (never the token itself: nobody can)."""
        if not user.is_active or not getattr(user, "is_staff", False):
            return self.none()
        return self if is_administrator(user) else self.filter(user_id=user.pk)


class ApiToken(models.Model):
    """Lets a program act for a person through the API, until a day and within a scope.

    The token is shown once, when it is made; `digest` is its SHA-256. That is enough, as a token is 256 random bits and
    no word that could be guessed. `start` is how it begins, so that people can tell theirs apart.
    """

    class Scope(models.TextChoices):
        READ = "read", _("reads")
        WRITE = "write", _("reads and writes")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("acts for")
    )
    name = models.CharField(_("name"), max_length=100, help_text=_("What uses it, such as “till in Sevilla”."))
    start = models.CharField(_("begins with"), max_length=16, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(_("may do"), max_length=8, choices=Scope, default=Scope.READ)
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("ends"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="token_scope_is_known", condition=Q(scope__in=["read", "write"])),
            models.CheckConstraint(
                name="token_ends_after_it_was_made", condition=Q(expires_at__gt=models.F("created_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"
