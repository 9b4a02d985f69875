"""Sent mail: what left the house, to whom, and what did not arrive. People see their own, administrators all."""

from functools import partial

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from approvals.actions import outbox
from approvals.admin import inbox
from approvals.choices import MailState
from approvals.models import Mail
from approvals.wording import mail_state
from campaigns import wording
from customers.permissions import is_administrator
from customers.visible_admin import VisibleModelAdmin

# A mail carries its style on its elements, as mail programs want it. Nothing else of it works: no script, no image.
_LETTER_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": [""],
}


@admin.register(Mail)
class MailAdmin(VisibleModelAdmin):
    list_display = ("subject", "recipient_name", "event", "state_badge", "last_step", "tries", "short_error")
    list_filter = ("state", "event")
    search_fields = ("subject", "recipient__username", "recipient__email", "recipient__last_name")
    search_help_text = gettext_lazy("Subject or person")
    ordering = ("-id",)
    change_list_template = "approvals/mails.html"
    empty_first = gettext_lazy("No mail yet. The first one is written when a case opens between two departments.")
    empty_found = gettext_lazy("No mail matches this search.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mail]:
        return super().get_queryset(request).select_related("recipient")

    def get_urls(self) -> list[URLPattern]:
        retry = self.admin_site.admin_view(require_POST(self.retry))
        letter = self.admin_site.admin_view(self.letter)
        return [
            path("<int:pk>/retry/", retry, name="approvals_mail_retry"),
            path("<int:pk>/letter/", letter, name="approvals_mail_letter"),
            path("inbox/", self.admin_site.admin_view(partial(inbox.listed, self)), name="approvals_mail_inbox"),
            path(
                "inbox/read/",
                self.admin_site.admin_view(require_POST(inbox.read)),
                name="approvals_mail_inbox_read",
            ),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("to"), ordering="recipient__username")
    def recipient_name(self, mail: Mail) -> str:
        return wording.person(mail.recipient)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, mail: Mail) -> str:
        return mail_state(mail.state)

    @admin.display(description=gettext_lazy("when"))
    def last_step(self, mail: Mail) -> str:
        return wording.moment(mail.sent_at or mail.created_at)

    @admin.display(description=gettext_lazy("error"))
    def short_error(self, mail: Mail) -> str:
        return mail.error.splitlines()[-1][:80] if mail.error else self.empty_value_display

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, {"mail_folder": mail_folder(), **(extra_context or {})})

    def change_view(self, request: HttpRequest, object_id: str, *args, **kwargs) -> HttpResponse:
        mail = self.get_object(request, object_id)
        if mail is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": mail.subject,
            "mail": mail,
            "language": dict(settings.LANGUAGES).get(mail.language, mail.language),
            "sender": settings.DEFAULT_FROM_EMAIL,
            "mail_folder": mail_folder(),
            "can_retry": is_administrator(request.user) and mail.state == MailState.FAILED,
        }
        return TemplateResponse(request, "approvals/mail.html", context)

    @method_decorator(csp(_LETTER_POLICY))
    @method_decorator(xframe_options_sameorigin)
    def letter(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The HTML part alone, for the frame of the mail's page."""
        return HttpResponse(get_object_or_404(self.get_queryset(request), pk=pk).html)

    def retry(self, request: HttpRequest, pk: int) -> HttpResponse:
        mail = get_object_or_404(self.get_queryset(request), pk=pk)
        if outbox.retry(mail=mail, by=request.user, now=timezone.now()):
            messages.success(request, _("The mail waits to be sent again."))
        else:
            messages.info(request, _("Nothing to do: this mail is not a failed one any more."))
        return HttpResponseRedirect(reverse("admin:approvals_mail_change", args=[pk]))


def mail_folder() -> str:
    """Where mails are written as files because no mail server is configured; empty = they are sent."""
    path_of_files = getattr(settings, "EMAIL_FILE_PATH", None)
    if path_of_files is None or not settings.EMAIL_BACKEND.startswith("approvals."):
        return ""
    return str(path_of_files)
