"""Standing rules: the list, and the page of each, where it is approved, rejected, suspended or withdrawn."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from approvals.actions import standing_rules
from approvals.forms.precedents import RuleStepForm
from approvals.models import StandingRule
from approvals.permissions import can_judge_rule
from approvals.queries import standing_rules as queries
from approvals.queries.precedents import of_rule
from approvals.rules.standing_rule_machine import steps_from
from approvals.wording import rule_state
from campaigns import chronicle
from customers.visible_admin import VisibleModelAdmin

DONE = {
    "approve": gettext_lazy("%(rule)s is in force: the leads of both departments have been told."),
    "reject": gettext_lazy("%(rule)s is rejected."),
    "suspend": gettext_lazy("%(rule)s is suspended: nothing is decided by it until somebody resumes it."),
    "resume": gettext_lazy("%(rule)s is in force again."),
    "withdraw": gettext_lazy("%(rule)s is no longer in force."),
}


@admin.register(StandingRule)
class StandingRuleAdmin(VisibleModelAdmin):
    list_display = ("label", "between", "sentence", "state_badge", "suggested_at")
    list_filter = ("state",)
    list_select_related = queries.JOINED
    ordering = ("-id",)
    empty_first = gettext_lazy(
        "There is no standing rule. One is suggested when mediators decide the same on the same facts again and again."
    )
    empty_found = gettext_lazy("No standing rule matches these filters.")

    @admin.display(description=gettext_lazy("rule"), ordering="id")
    def label(self, rule: StandingRule) -> str:
        return rule.label

    @admin.display(description=gettext_lazy("between"))
    def between(self, rule: StandingRule) -> str:
        return queries.between(rule)

    @admin.display(description=gettext_lazy("what it orders"))
    def sentence(self, rule: StandingRule) -> str:
        return queries.sentence(rule)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, rule: StandingRule) -> str:
        return rule_state(rule.state)

    def get_urls(self) -> list[URLPattern]:
        take = self.admin_site.admin_view(require_POST(self.take))
        return [path("<int:pk>/take/", take, name="approvals_standingrule_take"), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args, **kwargs) -> HttpResponse:
        return self._show(request, self._rule_or_404(request, object_id), RuleStepForm())

    def take(self, request: HttpRequest, pk: int) -> HttpResponse:
        rule = self._rule_or_404(request, pk)
        if not can_judge_rule(request.user, rule):
            raise PermissionDenied
        form = RuleStepForm(request.POST)
        if not form.is_valid():
            return self._show(request, rule, form)
        try:
            standing_rules.take(rule=rule, **form.cleaned_data, by=request.user, now=timezone.now())
        except ValidationError as error:
            form.add_error(None, error.messages)
            rule.refresh_from_db()
            return self._show(request, rule, form)
        messages.success(request, DONE[form.cleaned_data["step"]] % {"rule": rule.label})
        return HttpResponseRedirect(reverse("admin:approvals_standingrule_change", args=[rule.pk]))

    def _show(self, request: HttpRequest, rule: StandingRule, form: RuleStepForm) -> HttpResponse:
        notices, hidden = queries.notices_of(rule, request.user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Standing rule %(rule)s") % {"rule": rule.label},
            "crumbs": [
                {"title": _("Standing rules"), "url": reverse("admin:approvals_standingrule_changelist")},
                {"title": rule.label},
            ],
            "rule": rule,
            "between": queries.between(rule),
            "sentence": queries.sentence(rule),
            "facts": queries.facts_in_words(rule),
            "grounds": of_rule(rule.grounds.all(), request.user),
            "notices": notices,
            "hidden": hidden,
            "history": [(entry, chronicle.what(entry), who) for entry, who in queries.steps_of(rule)],
            "form": form,
            "steps": steps_from(rule.state) if can_judge_rule(request.user, rule) else [],
        }
        return TemplateResponse(request, "approvals/standing_rule.html", context)

    def _rule_or_404(self, request: HttpRequest, pk: object) -> StandingRule:
        rows: QuerySet[StandingRule] = queries.joined(self.get_queryset(request))
        found = rows.filter(pk=pk).first() if str(pk).isdecimal() and len(str(pk)) <= 18 else None
        if found is None:
            raise Http404
        return found
