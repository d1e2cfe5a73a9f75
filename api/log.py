"""API: the public log."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from coop.audit.actions import log_key
from coop.audit.models import Checkpoint, Entry, Leaf
from coop.audit.proofs import log_proof

MOST = 1000


class SizeQuery(serializers.Serializer[Any]):
    """Which checkpoint."""

    size = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**53 - 1,
        help_text="The number of entries it covers; without it the latest.",
    )


class RangeQuery(serializers.Serializer[Any]):
    """Which entries."""

    start = serializers.IntegerField(
        default=0, min_value=0, max_value=2**53 - 1, help_text="The number of the first entry."
    )
    limit = serializers.IntegerField(default=100, min_value=1, max_value=MOST, help_text="How many at most.")


class SealedEntry(serializers.Serializer[Any]):
    """An entry with its place. Its leaf is sha256(0x00 || the canonical JSON of `entry`)."""

    index = serializers.IntegerField()
    leaf_hash = serializers.CharField()
    entry = serializers.DictField()


class Entries(serializers.Serializer[Any]):
    """A stretch of the log."""

    size = serializers.IntegerField(help_text="How many entries are sealed.")
    entries = SealedEntry(many=True)


class Proof(serializers.Serializer[Any]):
    """The way from an entry to the root of a signed checkpoint (RFC 6962)."""

    origin = serializers.CharField()
    index = serializers.IntegerField()
    entry = serializers.DictField()
    proof = serializers.ListField(child=serializers.CharField())
    checkpoint = serializers.CharField()


class Key(serializers.Serializer[Any]):
    """The log's public key (Ed25519)."""

    origin = serializers.CharField()
    public_key = serializers.CharField(help_text="64 hexadecimal digits.")
    verifier_key = serializers.CharField(help_text="C2SP: name+id+base64, for `canut-verify --key`.")


class CheckpointText(APIView):
    """The signed state of the log."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[SizeQuery], responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request) -> HttpResponse:
        """A checkpoint as C2SP text: name, number of entries, root, signature."""
        serializer = SizeQuery(data=request.query_params)
        serializer.is_valid(raise_exception=True)
        size = serializer.validated_data.get("size")
        found = Checkpoint.objects.filter(size=size).first() if size else Checkpoint.objects.latest_one()
        if found is None:
            raise Http404
        return HttpResponse(found.note, content_type="text/plain; charset=utf-8")


class EntryList(APIView):
    """What was recorded."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[RangeQuery], responses=Entries)
    def get(self, request: Request) -> Response:
        """Sealed entries by number, from `start` on: enough to rebuild the whole tree."""
        serializer = RangeQuery(data=request.query_params)
        serializer.is_valid(raise_exception=True)
        start, limit = serializer.validated_data["start"], serializer.validated_data["limit"]
        leaves = (
            Leaf.objects.filter(index__gte=start, index__lt=start + limit).select_related("entry").order_by("index")
        )
        latest = Checkpoint.objects.latest_one()
        listed = [
            {"index": leaf.index, "leaf_hash": bytes(leaf.hash).hex(), "entry": leaf.entry.as_data()} for leaf in leaves
        ]
        return Response({"size": latest.size if latest else 0, "entries": listed})


class EntryProof(APIView):
    """One entry and its proof."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[SizeQuery], responses=Proof)
    def get(self, request: Request, entry_id: str) -> Response:
        """The entry under the latest checkpoint, or under the one of `size`. 404 while it is not sealed."""
        serializer = SizeQuery(data=request.query_params)
        serializer.is_valid(raise_exception=True)
        proof = log_proof(get_object_or_404(Entry, uuid=entry_id), size=serializer.validated_data.get("size"))
        if proof is None:
            raise Http404
        return Response(proof)


class KeyOfTheLog(APIView):
    """The key that signs."""

    permission_classes = [AllowAny]

    @extend_schema(responses=Key)
    def get(self, request: Request) -> Response:
        """The public key. Compare it with the one you got elsewhere."""
        key = log_key()
        return Response({"origin": key.origin, "public_key": key.public.hex(), "verifier_key": key.verifier_key})


urlpatterns = [
    path("log/checkpoint/", CheckpointText.as_view(), name="log_checkpoint"),
    path("log/entries/", EntryList.as_view(), name="log_entries"),
    path("log/entries/<uuid:entry_id>/", EntryProof.as_view(), name="log_entry"),
    path("log/key/", KeyOfTheLog.as_view(), name="log_key"),
]
