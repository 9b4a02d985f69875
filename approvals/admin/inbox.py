"""The inbox: what the reader was told, newest first, and the buttons that say that it was read."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.actions import inbox
from approvals.models import Mail

ROWS = 50
_LONGEST_KEY = 18


def listed(page: Any, request: HttpRequest) -> HttpResponse:
    only_unread = request.GET.get("unread") == "1"
    mine = Mail.objects.inbox(request.user).defer("text", "html", "calendar").order_by("-id")
    shown = mine.filter(read_at=None) if only_unread else mine
    rows = Paginator(shown, ROWS).get_page(request.GET.get("page"))
    newest = mine.values_list("pk", flat=True).first()
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": _("Inbox"),
        "crumbs": [{"title": _("Inbox")}],
        "page": rows,
        "only_unread": only_unread,
        "query": "unread=1" if only_unread else "",
        "unread": Mail.objects.unread(request.user).count(),
        "newest": newest,
    }
    return TemplateResponse(request, "approvals/inbox.html", context)


def read(request: HttpRequest) -> HttpResponse:
    """One row (`mail`), or all that were there when the page was shown (`up_to`)."""
    now = timezone.now()
    if one := _key(request.POST.get("mail")):
        number = inbox.mark_read(mails=[one], by=request.user, now=now)
    else:
        number = inbox.mark_all_read(up_to=_key(request.POST.get("up_to")), by=request.user, now=now)
    text = ngettext("%(n)s message is marked as read.", "%(n)s messages are marked as read.", number)
    messages.success(request, text % {"n": number})
    back = "?unread=1" if request.POST.get("unread") == "1" else ""
    return HttpResponseRedirect(reverse("admin:approvals_mail_inbox") + back)


def _key(value: str | None) -> int:
    """0, the key of nothing, for what is no key."""
    text = value or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_KEY else 0
