"""The API: every app's part of it, and its description."""

from typing import Any

from csp.decorators import csp_update
from django.http import Http404
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.routers import DefaultRouter
from rest_framework.views import APIView

from approvals.api import urls as approvals
from campaigns.api import urls as campaigns
from customers.api import urls as customers

ROUTER = DefaultRouter(trailing_slash=True)
ROUTER.include_format_suffixes = False
for part in (customers, campaigns, approvals):
    part.register(ROUTER)
DOCS = SpectacularSwaggerSplitView.as_view(url_name="api:schema")


class NothingHere(APIView):
    """Any other address below the API, so that its errors read like the others."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404


urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(ROUTER.urls)),
    path("v1/", include(approvals.urlpatterns)),
    path("v1/", include(campaigns.urlpatterns)),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    # Its style sheet draws small pictures of its own.
    path("docs/", csp_update({"img-src": ["data:"]})(DOCS), name="docs"),
    re_path(".*", NothingHere.as_view()),
]
