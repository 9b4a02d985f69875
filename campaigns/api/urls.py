from django.urls import path
from rest_framework.routers import SimpleRouter

from campaigns.api.views import (
    campaigns,
    collisions,
    feeds,
    ground_rules,
    house,
    kpis,
    offers,
    raci,
    runs,
    simulations,
)

urlpatterns = [
    path("kpis/", kpis.KpiViewSet.as_view({"get": "retrieve"}, detail=True), name="kpis"),
    path("workload/", raci.WorkloadViewSet.as_view({"get": "retrieve"}, detail=True), name="workload"),
]


def register(router: SimpleRouter) -> None:
    router.register("added-activities", raci.AddedActivityViewSet, "added-activity")
    router.register("announced-prices", ground_rules.AnnouncedPriceViewSet, "announced-price")
    router.register("brand-rules", ground_rules.BrandRulesViewSet, "brand-rules")
    router.register("calendar-feeds", feeds.FeedViewSet, "calendar-feed")
    router.register("campaigns", campaigns.CampaignViewSet, "campaign")
    router.register("categories", house.CategoryViewSet, "category")
    router.register("collision-rules", ground_rules.CollisionRuleViewSet, "collision-rule")
    router.register("collisions", collisions.CollisionViewSet, "collision")
    router.register("combination-classes", ground_rules.CombinationClassViewSet, "combination-class")
    router.register("combination-policies", ground_rules.CombinationPolicyViewSet, "combination-policy")
    router.register("department-goals", ground_rules.DepartmentGoalViewSet, "department-goal")
    router.register("departments", house.DepartmentViewSet, "department")
    router.register("detections", runs.DetectionRunViewSet, "detection")
    router.register("funds", ground_rules.FundViewSet, "fund")
    router.register("imports", runs.ImportRunViewSet, "import")
    router.register("joint-groups", ground_rules.JointGroupViewSet, "joint-group")
    router.register("offers", offers.OfferViewSet, "offer")
    router.register("placements", ground_rules.PlacementViewSet, "placement")
    router.register("plan", campaigns.PlanViewSet, "plan")
    router.register("products", house.ProductViewSet, "product")
    router.register("protected-scopes", ground_rules.ProtectedScopeViewSet, "protected-scope")
    router.register("raci-templates", raci.RaciTemplateViewSet, "raci-template")
    router.register("simulations", simulations.SimulationViewSet, "simulation")
    router.register("tactics", ground_rules.TacticViewSet, "tactic")
    router.register("tools", ground_rules.ToolViewSet, "tool")
    router.register("substitutions", ground_rules.SubstitutionViewSet, "substitution")
    router.register("words-to-avoid", ground_rules.WordToAvoidViewSet, "word-to-avoid")
