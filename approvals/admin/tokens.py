"""API tokens: everybody makes and revokes their own; administrators see and revoke everybody's.

Here and not beside their model: a token belongs to a person, and pages about people stand in this app.
"""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from approvals.forms.people import TokenForm
from campaigns import wording
from customers.actions import tokens
from customers.models import ApiToken
from customers.permissions import is_administrator
from customers.visible_admin import VisibleModelAdmin


@admin.register(ApiToken)
class ApiTokenAdmin(VisibleModelAdmin):
    list_display = ("name", "begins", "may", "state", "ends", "used")
    list_select_related = ("user",)
    ordering = ("-id",)
    change_list_template = "approvals/tokens.html"
    add_label = gettext_lazy("New token")
    empty_first = gettext_lazy("No token yet. A program needs one to use the API in your name.")
    empty_found = gettext_lazy("No token matches.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For oneself."""
        return self.has_view_permission(request)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return ("name", "person", *self.list_display[1:]) if is_administrator(request.user) else self.list_display

    @admin.display(description=gettext_lazy("acts for"), ordering="user__username")
    def person(self, token: ApiToken) -> str:
        return wording.person(token.user)

    @admin.display(description=gettext_lazy("begins with"))
    def begins(self, token: ApiToken) -> str:
        return format_html("<code>{}…</code>", token.start)

    @admin.display(description=gettext_lazy("may do"), ordering="scope")
    def may(self, token: ApiToken) -> str:
        return token.get_scope_display()

    @admin.display(description=gettext_lazy("state"))
    def state(self, token: ApiToken) -> str:
        return _state(token)

    @admin.display(description=gettext_lazy("ends"), ordering="expires_at")
    def ends(self, token: ApiToken) -> str:
        return wording.moment(token.expires_at)

    @admin.display(description=gettext_lazy("last used"), ordering="last_used_at")
    def used(self, token: ApiToken) -> str:
        return wording.moment(token.last_used_at) or _("never")

    def get_urls(self) -> list[URLPattern]:
        revoke = self.admin_site.admin_view(require_POST(self.revoke))
        return [path("<int:pk>/revoke/", revoke, name="customers_apitoken_revoke"), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        """Ask for name, scope and days; the answer to them is the one page that ever shows the token."""
        form = TokenForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                token, secret = tokens.create_token(
                    user=request.user, by=request.user, now=timezone.now(), **form.cleaned_data
                )
            except ValidationError as error:
                form.add_error(None, error)
            else:
                context = self._around(request, token.name) | {"token": token, "secret": secret}
                return TemplateResponse(request, "approvals/token_made.html", context)
        context = self._around(request, _("New token")) | {"form": form}
        return TemplateResponse(request, "approvals/token_new.html", context)

    def change_view(self, request: HttpRequest, object_id: str, *args, **kwargs) -> HttpResponse:
        token = self.get_object(request, object_id)
        if token is None:
            raise Http404
        context = self._around(request, token.name) | {
            "token": token,
            "state": _state(token),
            "can_revoke": token.revoked_at is None and token.expires_at > timezone.now(),
        }
        return TemplateResponse(request, "approvals/token.html", context)

    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        token = get_object_or_404(self.get_queryset(request), pk=pk)
        if tokens.revoke_token(token=token, by=request.user, now=timezone.now()):
            messages.success(request, _("Revoked: the token “%(name)s” works no more.") % {"name": token.name})
        else:
            messages.info(request, _("Nothing to do: this token was revoked before."))
        return HttpResponseRedirect(reverse("admin:customers_apitoken_change", args=[pk]))

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        return super().get_queryset(request).select_related("user")

    def _around(self, request: HttpRequest, title: str) -> dict:
        crumbs = [
            {"title": _("API tokens"), "url": reverse("admin:customers_apitoken_changelist")},
            {"title": title},
        ]
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "crumbs": crumbs}


def _state(token: ApiToken) -> str:
    if token.revoked_at is not None:
        return wording.badge("neutral", "block", _("Revoked"))
    if token.expires_at <= timezone.now():
        return wording.badge("neutral", "event_busy", _("Has ended"))
    return wording.badge("good", "key", _("Works"))
