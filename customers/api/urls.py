from rest_framework.routers import SimpleRouter

from customers.api import views


def register(router: SimpleRouter) -> None:
    router.register("channels", views.ChannelViewSet, "channel")
    router.register("customers", views.CustomerViewSet, "customer")
    router.register("history", views.HistoryEntryViewSet, "history-entry")
    router.register("segments", views.SegmentViewSet, "segment")
    router.register("tokens", views.TokenViewSet, "token")
