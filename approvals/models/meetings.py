from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from approvals.choices import MeetingState
from approvals.models.visible import OfCaseQuerySet
from approvals.rules.meetings import LONGEST, SHORTEST
from customers.validators import one_line, prose

# Characters of where it is, and of what it is about.
LONGEST_PLACE = 300
LONGEST_AGENDA = 2000


class Meeting(models.Model):
    """The meeting that a case waits for, or that it had. `state` is written by approvals.actions.meetings alone.

    `uid` is the same in every calendar for good; `sequence` counts what was changed since it was proposed, so that
    programs know the newest (RFC 5545). `held` is what was over when another was proposed.
    """

    case = models.ForeignKey(
        "approvals.Case", on_delete=models.PROTECT, related_name="meetings", verbose_name=_("case")
    )
    uid = models.CharField(max_length=200, unique=True)
    sequence = models.PositiveIntegerField(default=0)
    state = models.CharField(_("state"), max_length=9, choices=MeetingState, default=MeetingState.PROPOSED)
    starts_at = models.DateTimeField(_("begins"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    place = models.CharField(_("place or link"), max_length=LONGEST_PLACE, validators=[one_line])
    agenda = models.TextField(_("agenda"), max_length=LONGEST_AGENDA, blank=True, validators=[prose])
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"))

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="case_waits_for_one_meeting", fields=["case"], condition=Q(state=MeetingState.PROPOSED)
            ),
            models.CheckConstraint(name="meeting_state_is_known", condition=Q(state__in=MeetingState.values)),
            models.CheckConstraint(
                name="meeting_lasts_a_sensible_time", condition=Q(minutes__gte=SHORTEST, minutes__lte=LONGEST)
            ),
            models.CheckConstraint(name="meeting_is_somewhere", condition=~Q(place="")),
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    def is_ahead(self, now: datetime) -> bool:
        """Whether somebody may still go there."""
        return self.state == MeetingState.PROPOSED and self.starts_at > now


class Invitation(models.Model):
    """Somebody has the meeting in their calendar; with `left_at` they were told to take it out again."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="invitations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(_("invited"))
    left_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(name="person_is_invited_once", fields=["meeting", "user"])]

    def __str__(self) -> str:
        return f"{self.user} · {self.meeting}"
