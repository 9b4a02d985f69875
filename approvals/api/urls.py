from rest_framework.routers import SimpleRouter

from approvals.api import cases


def register(router: SimpleRouter) -> None:
    router.register("cases", cases.CaseViewSet, "case")
