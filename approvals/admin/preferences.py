"""What I hear by mail: everybody chooses for themselves."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions import preferences
from approvals.forms.people import NewsForm
from approvals.news_words import ABOUT
from approvals.queries.preferences import preferences_of
from approvals.rules.notification import MANDATORY


def choose(page: Any, request: HttpRequest) -> HttpResponse:
    chosen = preferences_of([request.user]).get(request.user.pk, {})
    form = NewsForm(request.POST or None, initial=chosen)
    if request.method == "POST" and form.is_valid():
        asked = {kind: way for kind, way in form.cleaned_data.items() if kind in request.POST}
        preferences.choose(chosen=asked, by=request.user, now=timezone.now())
        messages.success(request, _("Saved: from now on you hear of news like this."))
        return HttpResponseRedirect(reverse("admin:approvals_news_preferences"))
    settings = {"title": _("My settings"), "url": reverse("admin:approvals_staffprofile_changelist")}
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": _("What I hear by mail"),
        "crumbs": [settings, {"title": _("What I hear by mail")}],
        "form": form,
        "always": [(kind.label, ABOUT[kind]) for kind in MANDATORY],
        "email": request.user.email,
    }
    return TemplateResponse(request, "approvals/news.html", context)
