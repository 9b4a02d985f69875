"""The collision rules: all of them in one table, and a page on which administrators set one."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from campaigns import wording
from campaigns.actions.rule_settings import set_rule, text_of
from campaigns.admin.visible import VisibleModelAdmin
from campaigns.choices import Level
from campaigns.forms import add_errors
from campaigns.forms.rule_settings import RuleForm
from campaigns.models import RuleSetting
from campaigns.queries.rule_settings import BASE, SetRule, module_options, rules_as_set
from customers.permissions import is_administrator

LIST = "admin:campaigns_rulesetting_changelist"


@admin.register(RuleSetting)
class RuleSettingAdmin(VisibleModelAdmin):
    """A row exists only where a rule is set otherwise than delivered: these pages are about rules, by their code."""

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return is_administrator(request.user)

    def get_form(self, request: HttpRequest, obj: object | None = None, **kwargs: Any) -> type[RuleForm]:
        """The form of the page, not one of the row."""
        return RuleForm

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rules = [_row(one) for one in rules_as_set()]
        return self._page(request, "campaigns/rules.html", _("Collision rules"), rules=rules)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        one = next((one for one in rules_as_set() if object_id == one.rule.CODE), None)
        if one is None or not self.has_view_permission(request):
            raise Http404
        rule, row = one.rule, _row(one)
        if not self.has_change_permission(request):
            if request.method != "GET":
                raise PermissionDenied
            return self._page(request, "campaigns/rule.html", rule.NAME, rule=row)
        form = RuleForm(request.POST or None, rule=rule, setting=one.setting)
        if request.method == "POST" and self._set(request, rule, form):
            return HttpResponseRedirect(reverse(LIST))
        return self._page(request, "campaigns/rule.html", rule.NAME, rule=row, form=form, back=reverse(LIST))

    def _set(self, request: HttpRequest, rule: Any, form: RuleForm) -> bool:
        if not form.is_valid():
            return False
        try:
            set_rule(rule=rule.CODE, **form.values(), by=request.user, now=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
            return False
        messages.success(request, _("Saved. Collisions are counted again within seconds."))
        return True

    def _page(self, request: HttpRequest, template: str, title: Any, **context: Any) -> HttpResponse:
        # The list names itself; a rule stands below it.
        way = [{"title": _("Collision rules"), "url": reverse(LIST)}] if "rule" in context else []
        around = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "crumbs": [*way, {"title": title}],
        }
        return TemplateResponse(request, template, around | context)


def _row(one: SetRule) -> dict[str, Any]:
    """A rule as its table and its page show it; `default` is said where it differs."""
    rule, setting, delivered = one.rule, one.setting, module_options(one.rule)
    return {
        "code": rule.CODE,
        "name": rule.NAME,
        "summary": rule.SUMMARY,
        "url": reverse("admin:campaigns_rulesetting_change", args=[rule.CODE]),
        "mode": wording.rule_mode(setting.mode),
        "base": _number(setting.options[BASE], delivered[BASE], ""),
        "options": [
            {"label": option.label} | _number(setting.options[option.name], delivered[option.name], option.unit)
            for option in rule.OPTIONS
        ],
        "opens_from": Level(setting.opens_from).label if setting.opens_from else "",
    }


def _number(value: Any, default: Any, unit: Any) -> dict[str, str]:
    shown, delivered = (f"{number_format(text_of(number))} {unit}".strip() for number in (value, default))
    return {"value": shown, "default": "" if value == default else delivered}
