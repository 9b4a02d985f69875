from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from approvals.views import calendar_feed, unsubscribe
from config import api
from config.health import healthz, readyz
from config.metrics import metrics

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index", permanent=False), name="home"),
    path("admin/", admin.site.urls),
    path("api/", include((api.urlpatterns, "api"))),
    path("calendar/<str:secret>.ics", calendar_feed, name="calendar_feed"),
    path("unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler500 = "config.errors.server_error"
