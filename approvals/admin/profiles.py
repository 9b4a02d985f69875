"""My settings: the page on which everybody chooses their own language, and the way to two-factor sign-in."""

from functools import partial

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from approvals.actions import profiles
from approvals.admin import preferences, two_factor
from approvals.forms.people import SettingsForm
from approvals.models import StaffProfile
from campaigns import wording
from customers.visible_admin import VisibleModelAdmin


@admin.register(StaffProfile)
class StaffProfileAdmin(VisibleModelAdmin):
    """Nobody lists or edits other people's settings, so the model has the reader's own pages and no others."""

    def get_urls(self) -> list[URLPattern]:
        pages = [
            ("", self.my_settings, "approvals_staffprofile_changelist"),
            ("news/", partial(preferences.choose, self), "approvals_news_preferences"),
            ("two-factor/", partial(two_factor.manage, self), "approvals_two_factor"),
            ("code/", partial(two_factor.ask, self), "approvals_two_factor_ask"),
        ]
        return [path(route, self.admin_site.admin_view(view), name=name) for route, view, name in pages]

    def my_settings(self, request: HttpRequest) -> HttpResponse:
        profile = StaffProfile.objects.filter(user=request.user).first()
        language = profile.language if profile else translation.get_language()
        initial = {"language": language, "gets_briefings": bool(profile and profile.gets_briefings)}
        form = SettingsForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            chosen = form.cleaned_data["language"]
            profiles.change_settings(**form.cleaned_data, by=request.user, now=timezone.now())
            with translation.override(chosen):
                messages.success(request, _("Saved: pages and mails reach you in this language."))
            return HttpResponseRedirect(reverse("admin:approvals_staffprofile_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("My settings"),
            "form": form,
            "name": wording.person(request.user),
            "chosen": profile is not None,
            "two_factor": request.reader.device is not None,
        }
        return TemplateResponse(request, "approvals/my_settings.html", context)
