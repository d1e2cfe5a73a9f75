"""`/api/v1/`: what there is."""

from django.urls import path, resolve, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

FAMILIES = (
    "me", "rules", "applications", "clients", "projects", "work/projects", "work/claims", "work/time", "proposals", "ballots", "periods",
    "runs", "statements", "rail", "datasets", "access-requests", "register", "log/checkpoint", "log/entries", "log/key",
)  # fmt: skip


class Index(APIView):
    """The parts of the API, each with its address."""

    permission_classes = [AllowAny]

    @extend_schema(responses={200: {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}})
    def get(self, request: Request) -> Response:
        """Where everything is."""
        addresses = {family: f"/api/v1/{family}/" for family in FAMILIES}
        found = {
            family: request.build_absolute_uri(address)
            for family, address in addresses.items()
            if "where" not in resolve(address).kwargs  # not the address of nothing
        }
        found["schema"] = request.build_absolute_uri(reverse("schema"))
        found["docs"] = request.build_absolute_uri(reverse("docs"))
        return Response(found)


urlpatterns = [path("", Index.as_view(), name="index")]
