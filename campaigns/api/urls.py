from rest_framework.routers import SimpleRouter

from campaigns.api.views import campaigns, collisions, house, offers, runs


def register(router: SimpleRouter) -> None:
    router.register("campaigns", campaigns.CampaignViewSet, "campaign")
    router.register("categories", house.CategoryViewSet, "category")
    router.register("collisions", collisions.CollisionViewSet, "collision")
    router.register("departments", house.DepartmentViewSet, "department")
    router.register("detections", runs.DetectionRunViewSet, "detection")
    router.register("imports", runs.ImportRunViewSet, "import")
    router.register("offers", offers.OfferViewSet, "offer")
    router.register("plan", campaigns.PlanViewSet, "plan")
    router.register("products", house.ProductViewSet, "product")
