"""What combines: classes of offers, what two classes do together, and campaigns that were planned together."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from campaigns import wording
from campaigns.admin.ground_rules import GroundRuleAdmin
from campaigns.choices import Combination
from campaigns.forms.ground_rules import CombinationClassForm, CombinationPolicyForm, JointGroupForm
from campaigns.models import Campaign, CombinationClass, CombinationPolicy, JointGroup

# So many campaigns of a group are listed on its page.
SHOWN = 50


@admin.register(CombinationClass)
class CombinationClassAdmin(GroundRuleAdmin):
    form = CombinationClassForm
    list_display = ("name", "code")
    search_fields = ("code", "name")
    search_help_text = _("Name or code")
    ordering = ("name", "id")
    intro = _(
        "Kinds of offers, such as loyalty or season. An offer says of which class it is, and which it combines with."
    )
    add_label = _("New class")
    empty_first = _("No class yet. Add one for each kind of offers whose combination the house wants to settle.")
    empty_found = _("No class matches.")


@admin.register(CombinationPolicy)
class CombinationPolicyAdmin(GroundRuleAdmin):
    form = CombinationPolicyForm
    list_display = ("classes", "decided")
    list_select_related = ("low", "high")
    list_filter = ("decision",)
    search_fields = ("low__name", "low__code", "high__name", "high__code")
    search_help_text = _("Either class, by name or code")
    ordering = ("low__name", "high__name", "id")
    intro = _("Whether offers of two classes combine, where the offers say nothing themselves.")
    add_label = _("New policy")
    empty_first = _("No policy yet: where offers do not say whether they combine, nobody decided. Add classes first.")
    empty_found = _("No policy matches.")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("low", "high")

    @admin.display(description=_("classes"), ordering="low__name")
    def classes(self, policy: CombinationPolicy) -> str:
        return str(policy)

    @admin.display(description=_("their offers"), ordering="decision")
    def decided(self, policy: CombinationPolicy) -> str:
        allowed = policy.decision == Combination.ALLOW
        return wording.badge(
            "good" if allowed else "high", "join_full" if allowed else "block", policy.get_decision_display()
        )


@admin.register(JointGroup)
class JointGroupAdmin(GroundRuleAdmin):
    form = JointGroupForm
    list_display = ("name", "code")
    search_fields = ("code", "name")
    search_help_text = _("Name or code")
    ordering = ("name", "id")
    intro = _(
        "Campaigns that departments planned together: within a group nothing is a collision. Administrators put a "
        "campaign into its group on the page of the campaign."
    )
    add_label = _("New group")
    empty_first = _("No group yet. Add one when departments plan campaigns together, then choose it on their pages.")
    empty_found = _("No group matches.")

    def beside(self, request: HttpRequest, row: JointGroup) -> dict[str, Any]:
        rows = Campaign.objects.visible(request.user).filter(joint_group=row).select_related("department")
        campaigns = rows.order_by("-starts_on", "code")[:SHOWN]
        return {"beside": "campaigns/parts/campaigns_of_group.html", "group": row, "campaigns": campaigns}
