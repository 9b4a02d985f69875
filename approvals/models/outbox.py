from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from approvals.choices import MailEvent, MailState
from approvals.models.visible import MailQuerySet


class Mail(models.Model):
    """One piece of news to one person, written in the transaction of what it tells of: a mail, or a line of a digest.

    `key` makes the same news to the same person one row. `message_id` is fixed before the first try, so that a
    copy sent twice is one message to the reader's program. `lease_until`: a row still 'sending' after it was taken by
    a process that died; it is sent again and marked `unsure`. `not_before` of what waits for a digest is when that is
    due. `place` leads to what it is about, below SITE_URL. `part` is that of its Recipient; older rows do not say.
    """

    key = models.CharField(max_length=128, unique=True)
    event = models.CharField(_("about"), max_length=32, choices=MailEvent)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("to")
    )
    part = models.CharField(max_length=16, blank=True)
    place = models.CharField(max_length=300, blank=True)
    case = models.ForeignKey(
        "approvals.Case", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("case")
    )
    # The campaign that all of the mail is about: it leaves only to who may still read that, or its briefing.
    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("campaign")
    )
    language = models.CharField(_("language"), max_length=8)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    html = models.TextField()
    # What a calendar program does about it (RFC 5546); empty for all but invitations to meetings.
    calendar = models.TextField(blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(_("state"), max_length=8, choices=MailState, default=MailState.QUEUED)
    created_at = models.DateTimeField(_("written"))
    not_before = models.DateTimeField(_("next try"))
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True)
    unsure = models.BooleanField(_("perhaps sent twice"), default=False)
    error = models.TextField(_("last error"), blank=True)
    digest = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="told")
    read_at = models.DateTimeField(_("read"), null=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("sent mail")
        ordering = ["-id"]
        indexes = [
            models.Index(name="mail_to_send", fields=["not_before"], condition=Q(state__in=["queued", "sending"])),
            models.Index(name="mail_for_a_digest", fields=["not_before"], condition=Q(state__in=["daily", "hourly"])),
            models.Index(name="mail_of_an_hour", fields=["recipient", "sent_at"]),
            models.Index(name="mail_not_read", fields=["recipient"], condition=Q(read_at=None)),
        ]
        constraints = [
            models.CheckConstraint(name="mail_state_is_known", condition=Q(state__in=MailState.values)),
            models.CheckConstraint(
                name="sent_mail_says_when",
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at__isnull=True),
            ),
            models.CheckConstraint(
                name="mail_being_sent_has_a_lease",
                condition=~Q(state="sending") | Q(lease_until__isnull=False),
            ),
            models.CheckConstraint(
                name="what_a_digest_told_names_it",
                condition=Q(state="digested", digest__isnull=False) | ~Q(state="digested") & Q(digest__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.subject
