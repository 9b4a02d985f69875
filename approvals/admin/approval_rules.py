"""Whose approval plans need by rule of the house, and how long reviewers have: administrators write, everybody reads."""

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals import review_lines
from approvals.actions import approval_rules
from approvals.admin.policy import AdministratorsWrite
from approvals.forms.policy import ApprovalRuleForm, ReviewPolicyForm
from approvals.models import ApprovalRule, ReviewPolicy
from campaigns import wording
from customers.visible_admin import VisibleModelAdmin


@admin.register(ApprovalRule)
class ApprovalRuleAdmin(AdministratorsWrite, VisibleModelAdmin):
    form = ApprovalRuleForm
    list_display = ("campaigns_of", "what", "who")
    list_select_related = ("department", "approver")
    fields = approval_rules.FIELDS
    add_label = _("Add a rule")
    empty_first = _(
        "There is no rule: plans need the approval of those whom they concern, and of somebody who did not write them."
    )

    has_add_permission = AdministratorsWrite.has_change_permission
    has_delete_permission = AdministratorsWrite.has_change_permission

    @admin.display(description=_("campaigns of"), ordering="department__name")
    def campaigns_of(self, rule: ApprovalRule) -> str:
        return str(rule.department or _("every department"))

    @admin.display(description=_("where"), ordering="measure")
    def what(self, rule: ApprovalRule) -> str:
        return review_lines.rule_in_words(rule.measure, rule.above)

    @admin.display(description=_("who approves"), ordering="approver__last_name")
    def who(self, rule: ApprovalRule) -> str:
        return wording.person(rule.approver)

    def save_model(self, request: HttpRequest, obj: ApprovalRule, form: ModelForm, change: bool) -> None:  # noqa: FBT001 - Django's
        values = {field: form.cleaned_data[field] for field in self.fields}
        stored = approval_rules.put(rule=obj if change else None, **values, by=request.user, now=timezone.now())
        obj.pk = stored.pk

    def delete_model(self, request: HttpRequest, obj: ApprovalRule) -> None:
        approval_rules.remove(rule=obj, by=request.user, now=timezone.now())


@admin.register(ReviewPolicy)
class ReviewPolicyAdmin(AdministratorsWrite, VisibleModelAdmin):
    """One row: the entry in the navigation leads straight to its form."""

    form = ReviewPolicyForm
    fields = ("hours_to_review", "hours_to_answer")
    change_form_template = "approvals/review_policy.html"

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:approvals_reviewpolicy_change", args=[1]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        crumbs = [{"title": _("Review policy")}]
        return super().change_view(request, object_id, form_url, {"crumbs": crumbs, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: ReviewPolicy, form: ModelForm, change: bool) -> None:  # noqa: FBT001 - Django's
        values = {field: form.cleaned_data[field] for field in self.fields}
        approval_rules.change_policy(**values, by=request.user, now=timezone.now())
