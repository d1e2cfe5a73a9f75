"""API: the versions of payout runs, current and replaced, each with its public bundle."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, URLResolver, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from coop.doors.answers import attachment
from payouts.models import RunVersion
from payouts.reading import published_runs, published_versions, version_bytes


class RunVersionData(serializers.ModelSerializer[RunVersion]):
    """One reckoning of a run. The last one holds; those before it were replaced, and nothing of them is booked."""

    replaces = serializers.SerializerMethodField(
        help_text="The hash of the bundle that it replaces; null for the first."
    )
    bundle = serializers.SerializerMethodField(help_text="Where to fetch the public bundle of this version.")

    class Meta:
        model = RunVersion
        fields = [
            "number",
            "replaces",
            "payable_total",
            "inputs_sha256",
            "result_sha256",
            "bundle_sha256",
            "bundle",
            "made_at",
        ]

    def get_replaces(self, version: RunVersion) -> str | None:
        """The hash."""
        return version.replaces.bundle_sha256 if version.replaces else None

    def get_bundle(self, version: RunVersion) -> str:
        """The address of the bundle."""
        return f"/api/v1/runs/{version.run_id}/versions/{version.number}/bundle/"


class RunVersions(ListAPIView[RunVersion]):
    """The versions of a run, the latest first: each upheld objection makes one. All stay published."""

    permission_classes = [AllowAny]
    serializer_class = RunVersionData
    queryset = RunVersion.objects.none()
    ordering = ("-number",)

    def get_queryset(self) -> QuerySet[RunVersion]:
        """Those of one run; 404 where there is none."""
        run = get_object_or_404(published_runs(), pk=self.kwargs["pk"])
        return published_versions().filter(run=run)


class RunVersionBundle(APIView):
    """The public bundle of one version, replaced or not."""

    permission_classes = [AllowAny]

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    def get(self, request: Request, pk: UUID, number: int) -> HttpResponse:
        """Canonical JSON. "log" is null until the entry is sealed."""
        version = get_object_or_404(published_versions(), run=pk, number=number)
        return attachment(version_bytes(version), name=f"run-{pk}-{number}.json", content_type="application/json")


urlpatterns: list[URLPattern | URLResolver] = [
    path("runs/<uuid:pk>/versions/", RunVersions.as_view(), name="run-versions"),
    path("runs/<uuid:pk>/versions/<int:number>/bundle/", RunVersionBundle.as_view(), name="run-version-bundle"),
]
