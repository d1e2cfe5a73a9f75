"""What stands under /api/: the description, its pages, version 1, and a no that programs can read."""

from django.http import Http404
from django.urls import include, path, re_path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class Nothing(APIView):
    """Every address that is not one."""

    permission_classes = [AllowAny]
    authentication_classes: list[type] = []
    throttle_classes: list[type] = []

    @extend_schema(exclude=True)
    def get(self, request: Request, **where: str) -> Response:
        """404, as problem details."""
        raise Http404

    post = put = patch = delete = get


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(throttle_classes=[]), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema", throttle_classes=[], http_method_names=["get", "head"]),
        name="docs",
    ),
    path("v1/", include("api.urls")),
    re_path("^(?P<where>.*)$", Nothing.as_view()),
]
