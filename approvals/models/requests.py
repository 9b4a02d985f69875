"""What customers ask by any channel, who owns it, where it went, and what was answered."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from approvals.choices import RequestChannel, RequestState
from approvals.models.visible import User
from campaigns.models import Membership
from customers.permissions import is_administrator
from customers.validators import prose

# Characters of what is asked, of an answer, and of a reason.
LONGEST_REQUEST = 4000
LONGEST_ANSWER = 4000
LONGEST_REASON = 2000

# What stands in the place of every text once the customer's data are erased.
ERASED = "—"


class RequestQuerySet(models.QuerySet):
    def visible(self, user: User) -> Self:
        """Requests that a department of the person owns, owned or answered, or that they recorded; administrators all."""
        if not user.is_active or not getattr(user, "is_staff", False):
            return self.none()
        if is_administrator(user):
            return self
        mine = Membership.objects.filter(user_id=user.pk).values("department")
        left = HandOver.objects.filter(request=OuterRef("pk"), from_department__in=mine)
        answered = Answer.objects.filter(request=OuterRef("pk"), department__in=mine)
        return self.filter(
            Q(department__in=mine) | Q(recorded_by_id=user.pk) | Exists(left) | Exists(answered),
        )

    def overdue(self, now: datetime) -> Self:
        """Those that nobody has answered in time."""
        return self.filter(state=RequestState.OPEN, answer_by__lte=now)


class CustomerRequest(models.Model):
    """Something a customer asks, which one person of one department answers until `answer_by`.

    `standing` is the answer that counts; while `disputed_at` is set another department said something else and nobody has
    settled which of them stands. It runs by the `hours_to_answer` of when it was recorded. `remind_at`, `reminded_at` and `escalated_at` are for the sweep. Once `erased_at` is
    set, nothing here says who asked, or what.
    """

    channel = models.CharField(_("came by"), max_length=8, choices=RequestChannel)
    asked = models.TextField(_("what was asked"), max_length=LONGEST_REQUEST, validators=[prose])
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("customer")
    )
    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("campaign")
    )
    received_at = models.DateTimeField(_("received"))
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    department = models.ForeignKey(
        "campaigns.Department", on_delete=models.PROTECT, related_name="+", verbose_name=_("department")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("owner")
    )
    state = models.CharField(_("state"), max_length=12, choices=RequestState)
    hours_to_answer = models.PositiveIntegerField(_("working hours to answer"))
    answer_by = models.DateTimeField(_("answer by"))
    remind_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    standing = models.OneToOneField(
        "approvals.Answer", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("answer")
    )
    disputed_at = models.DateTimeField(_("contradicted"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    because = models.TextField(_("why no answer is needed"), blank=True, max_length=LONGEST_REASON, validators=[prose])
    erased_at = models.DateTimeField(_("erased"), null=True)
    key = models.CharField(max_length=64, unique=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer request")
        verbose_name_plural = _("customer requests")
        ordering = ["answer_by", "id"]
        indexes = [
            models.Index(
                name="request_reminds", fields=["remind_at"], condition=Q(state="open", reminded_at__isnull=True)
            ),
            models.Index(
                name="request_is_overdue", fields=["answer_by"], condition=Q(state="open", escalated_at__isnull=True)
            ),
            models.Index(name="requests_of_a_department", fields=["department", "state", "answer_by"]),
            models.Index(name="requests_of_an_owner", fields=["owner", "state", "answer_by"]),
        ]
        constraints = [
            models.CheckConstraint(name="request_came_by_a_channel", condition=Q(channel__in=RequestChannel.values)),
            models.CheckConstraint(name="request_state_is_known", condition=Q(state__in=RequestState.values)),
            models.CheckConstraint(name="request_asks_something", condition=~Q(asked="")),
            models.CheckConstraint(
                name="answered_request_has_its_answer",
                condition=Q(state__in=["answered", "closed"], standing__isnull=False)
                | Q(state__in=["open", "withdrawn"], standing__isnull=True),
            ),
            models.CheckConstraint(
                name="request_that_is_over_says_when",
                condition=Q(state__in=["closed", "withdrawn"], closed_at__isnull=False)
                | Q(state__in=["open", "answered"], closed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="contradicted_request_is_not_over",
                condition=Q(disputed_at__isnull=True) | Q(state__in=["open", "answered"]),
            ),
            models.CheckConstraint(
                name="request_is_answered_after_it_came", condition=Q(answer_by__gt=F("received_at"))
            ),
            models.CheckConstraint(
                name="request_reminds_before_its_deadline",
                condition=Q(remind_at__isnull=True) | Q(remind_at__lt=F("answer_by")),
            ),
            models.CheckConstraint(
                name="erased_request_names_nobody",
                condition=Q(erased_at__isnull=True) | Q(customer__isnull=True, asked=ERASED),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return f"S-{self.pk}"


class OfRequestQuerySet(models.QuerySet):
    def visible(self, user: User) -> Self:
        """Seen with the request."""
        return self.filter(request__in=CustomerRequest.objects.visible(user))


class HandOver(models.Model):
    """The request got another owner, of another department or of the same. Never changed but when data are erased."""

    request = models.ForeignKey(CustomerRequest, on_delete=models.PROTECT, related_name="hand_overs")
    from_department = models.ForeignKey("campaigns.Department", on_delete=models.PROTECT, related_name="+")
    to_department = models.ForeignKey("campaigns.Department", on_delete=models.PROTECT, related_name="+")
    from_owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    to_owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"))
    reason = models.TextField(_("reason"), blank=True, max_length=LONGEST_REASON, validators=[prose])

    objects = OfRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="request_leaves_a_department_for_a_reason",
                condition=Q(from_department=F("to_department")) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="hand_over_changes_department_or_owner",
                condition=~Q(from_department=F("to_department"), from_owner=F("to_owner")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request}: {self.from_department} → {self.to_department}"


class Answer(models.Model):
    """What a department answered to the customer. Never changed but when data are erased."""

    request = models.ForeignKey(CustomerRequest, on_delete=models.PROTECT, related_name="answers")
    department = models.ForeignKey("campaigns.Department", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("answer"), max_length=LONGEST_ANSWER, validators=[prose])
    answered_at = models.DateTimeField(_("when"))

    objects = OfRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="department_answers_a_request_once", fields=["request", "department"]),
            models.CheckConstraint(name="answer_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.request}: {self.department}"


class Settlement(models.Model):
    """A lead said which of several answers stands. Never changed but when data are erased."""

    request = models.ForeignKey(CustomerRequest, on_delete=models.PROTECT, related_name="settlements")
    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"))
    reason = models.TextField(_("reason"), max_length=LONGEST_REASON, validators=[prose])

    objects = OfRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="settlement_says_why", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return str(self.answer)
