"""API: proposals, what is said about them, ballots and votes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.bodies import Body
from api.idempotency import idempotent
from api.permissions import IsMember, actor_of, has_scope, member_of, member_or_none
from coop.ground.clock import coop_now
from coop.talk.actions import LONGEST_POST, post
from coop.talk.models import Post
from governance import procedure_text
from governance.actions.drafting import (
    LONGEST_BODY,
    LONGEST_TITLE,
    draft_proposal,
    revise_draft,
    submit_proposal,
    withdraw_proposal,
)
from governance.actions.voting import cast_vote
from governance.bundle import published
from governance.changes import UnreadableChange
from governance.models import Ballot, Choice, Proposal, State
from governance.operations import read_change_set, schema
from governance.reading import named_votes, own_line, procedure_of


@extend_schema_field(schema())
class ChangeSetField(serializers.JSONField):
    """A list of operations; an error names the operation and the field."""

    def to_internal_value(self, data: Any) -> Any:
        """The typed operations."""
        try:
            return read_change_set(super().to_internal_value(data))
        except UnreadableChange as unreadable:
            known = f" ({', '.join(unreadable.known)})" if unreadable.known else ""
            raise serializers.ValidationError(f"{unreadable.field}: {_(unreadable.reason)}{known}") from None


class NewProposal(Body):
    """What a member writes. `translations` is {language: {"title", "text"}} beside the binding text."""

    title = serializers.CharField(max_length=LONGEST_TITLE)
    text = serializers.CharField(max_length=LONGEST_BODY)
    language = serializers.ChoiceField(choices=[code for code, _name in settings.LANGUAGES])
    translations = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(max_length=LONGEST_BODY)), required=False, default=dict
    )
    change_set = ChangeSetField()

    def written(self) -> dict[str, Any]:
        """What the actions take."""
        data = self.validated_data
        texts = {
            code: {"title": text.get("title", ""), "body": text.get("text", "")}
            for code, text in data["translations"].items()
        }
        texts[data["language"]] = {"title": data["title"], "body": data["text"]}
        return {"language": data["language"], "texts": texts, "changes": data["change_set"]}


class EnactmentData(serializers.Serializer[Any]):
    """What became of an adopted proposal."""

    enacted_at = serializers.DateTimeField()
    effects = serializers.ListField(child=serializers.DictField())
    failure_code = serializers.CharField()
    failure = serializers.CharField(source="failure_in_words")


class ProposalData(serializers.ModelSerializer[Proposal]):
    """A proposal as everyone may read it; the author's name is for members."""

    title = serializers.CharField(read_only=True)
    text = serializers.CharField(source="body", read_only=True)
    author = serializers.SerializerMethodField()
    procedure = serializers.SerializerMethodField()
    procedure_in_words = serializers.SerializerMethodField()
    ballot = serializers.SerializerMethodField()
    closes_at = serializers.SerializerMethodField()
    enactment = serializers.SerializerMethodField()

    class Meta:
        model = Proposal
        fields = [
            *("id", "state", "title", "text", "language", "texts", "author", "request"),
            *("change_set", "change_set_sha256", "procedure_key", "procedure", "procedure_in_words", "ballot"),
            *("drafted_at", "submitted_at", "voting_from", "opened_at", "closes_at", "closed_at", "tallied_at"),
            *("executable_at", "expires_at", "settled_at", "enactment"),
        ]

    def get_author(self, proposal: Proposal) -> str | None:
        """The author's name, for members."""
        return proposal.author.name if proposal.author and member_or_none(self.context["request"]) else None

    def get_procedure(self, proposal: Proposal) -> dict[str, Any] | None:
        """The procedure: as frozen, or before the opening as it is in force."""
        found = procedure_of(proposal, coop_now())
        return found.as_table() if found else None

    def get_procedure_in_words(self, proposal: Proposal) -> list[str]:
        """The procedure in sentences."""
        found = procedure_of(proposal, coop_now())
        return procedure_text.sentences(found) if found else []

    def get_ballot(self, proposal: Proposal) -> UUID | None:
        """The ballot, once it is open."""
        return proposal.ballot.pk if proposal.opened_at else None

    def get_closes_at(self, proposal: Proposal) -> str | None:
        """Until when votes are taken."""
        return serializers.DateTimeField().to_representation(proposal.ballot.closes_at) if proposal.opened_at else None

    @extend_schema(responses=EnactmentData)
    def get_enactment(self, proposal: Proposal) -> dict[str, Any] | None:
        """What became of it, once it was carried out or failed."""
        found = getattr(proposal, "enactment", None)
        return EnactmentData(found).data if found else None


class NewPost(Body):
    """What a member says."""

    text = serializers.CharField(max_length=LONGEST_POST)


class PostData(serializers.ModelSerializer[Post]):
    """What was said."""

    author = serializers.CharField(source="author.name", read_only=True)
    text = serializers.CharField(source="body", read_only=True)

    class Meta:
        model = Post
        fields = ["id", "author", "text", "posted_at"]


class NewVote(Body):
    """A choice."""

    choice = serializers.ChoiceField(choices=Choice.choices)


class MyVote(serializers.Serializer[Any]):
    """The caller's own line on the roll, with the salt that shows it is hers, and her vote."""

    voter = serializers.CharField()
    college = serializers.CharField()
    commitment = serializers.CharField()
    salt = serializers.CharField()
    choice = serializers.CharField(allow_null=True)


class NamedVote(serializers.Serializer[Any]):
    """Who voted what, in an open ballot after its close."""

    voter = serializers.CharField()
    name = serializers.CharField()
    choice = serializers.CharField()


class BallotData(serializers.ModelSerializer[Ballot]):
    """A ballot. Before the close it says nothing about the votes of others, not even how many there are."""

    procedure = serializers.JSONField(source="procedure_table", read_only=True)
    procedure_in_words = serializers.SerializerMethodField()
    rule_book = serializers.CharField(source="rule_book_id", read_only=True)
    state = serializers.CharField(source="proposal.state", read_only=True)
    mine = serializers.SerializerMethodField()
    votes = serializers.SerializerMethodField()

    class Meta:
        model = Ballot
        fields = [
            *("id", "proposal", "state", "procedure", "procedure_in_words", "procedure_sha256", "rule_book"),
            *("roll_size", "roll_root", "opened_at", "closes_at", "closed_at"),
            *("result", "result_sha256", "bundle_sha256", "mine", "votes"),
        ]

    def get_procedure_in_words(self, ballot: Ballot) -> list[str]:
        """The frozen procedure in sentences."""
        return procedure_text.sentences(ballot.procedure)

    @extend_schema(responses=MyVote)
    def get_mine(self, ballot: Ballot) -> dict[str, Any] | None:
        """The caller's own line, where she is on the roll."""
        return own_line(ballot, member_or_none(self.context["request"]))

    @extend_schema(responses=NamedVote(many=True))
    def get_votes(self, ballot: Ballot) -> list[dict[str, Any]] | None:
        """Names and votes for members, once the ballot is counted; null before, and for everyone else."""
        if not ballot.result or not member_or_none(self.context["request"]):
            return None
        return named_votes(ballot)


class ForMembersOrReaders(APIView):
    """Reading is for everyone, writing for members with the scope `vote`."""

    def get_permissions(self) -> list[Any]:
        """By method."""
        if self.request.method in ("GET", "HEAD", "OPTIONS"):
            return [AllowAny()]
        return [has_scope("vote")(), IsMember()]


def visible_proposals(request: Request) -> QuerySet[Proposal]:
    """What the caller may see, with what is shown beside it."""
    return Proposal.objects.visible_to(request.user).with_outcome()


class Proposals(ForMembersOrReaders, ListAPIView[Proposal]):
    """What was put to the assembly."""

    serializer_class = ProposalData
    ordering = ("-drafted_at", "-pk")

    def get_queryset(self) -> QuerySet[Proposal]:
        """What the caller may see, of one state where asked."""
        found = visible_proposals(self.request)
        state = self.request.query_params.get("state")
        return found.filter(state=state) if state in State.values else found

    @extend_schema(parameters=[OpenApiParameter("state", str, enum=State.values)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Proposals, the latest first; drafts only their author's."""
        return super().get(request, *args, **kwargs)

    @extend_schema(request=NewProposal, responses={201: ProposalData})
    @idempotent
    def post(self, request: Request) -> Response:
        """Write a draft. Nobody else sees it until it is submitted."""
        serializer = NewProposal(data=request.data)
        serializer.is_valid(raise_exception=True)
        proposal = draft_proposal(**serializer.written(), by=actor_of(request), now=coop_now())
        return Response(shown(proposal, request), status=201)


def shown(proposal: Proposal, request: Request) -> Any:
    """The proposal as it stands now."""
    return ProposalData(visible_proposals(request).get(pk=proposal.pk), context={"request": request}).data


class OneProposal(ForMembersOrReaders):
    """One proposal."""

    @extend_schema(responses=ProposalData)
    def get(self, request: Request, proposal_id: UUID) -> Response:
        """The proposal with its state, its moments and what came of it."""
        return Response(shown(found_proposal(request, proposal_id), request))

    @extend_schema(request=NewProposal, responses=ProposalData)
    def put(self, request: Request, proposal_id: UUID) -> Response:
        """Write the draft anew."""
        proposal = found_proposal(request, proposal_id)
        serializer = NewProposal(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(
            shown(
                revise_draft(proposal=proposal, **serializer.written(), by=actor_of(request), now=coop_now()), request
            )
        )


def found_proposal(request: Request, proposal_id: UUID) -> Proposal:
    """The proposal, or 404."""
    return get_object_or_404(visible_proposals(request), pk=proposal_id)


class Submission(APIView):
    """Putting a draft before the assembly."""

    permission_classes = [has_scope("vote"), IsMember]

    @extend_schema(request=None, responses=ProposalData)
    @idempotent
    def post(self, request: Request, proposal_id: UUID) -> Response:
        """Submit the draft: deliberation begins."""
        proposal = found_proposal(request, proposal_id)
        return Response(shown(submit_proposal(proposal=proposal, by=actor_of(request), now=coop_now()), request))


class Withdrawal(APIView):
    """Taking a proposal back."""

    permission_classes = [has_scope("vote"), IsMember]

    @extend_schema(request=None, responses=ProposalData)
    @idempotent
    def post(self, request: Request, proposal_id: UUID) -> Response:
        """Withdraw, until the ballot opens."""
        proposal = found_proposal(request, proposal_id)
        return Response(shown(withdraw_proposal(proposal=proposal, by=actor_of(request), now=coop_now()), request))


class Posts(ListAPIView[Post]):
    """The conversation about a proposal, for members."""

    permission_classes = [has_scope("vote"), IsMember]
    serializer_class = PostData
    ordering = ("id",)

    def get_queryset(self) -> QuerySet[Post]:
        """What was said about this proposal."""
        proposal = found_proposal(self.request, self.kwargs["proposal_id"])
        return Post.objects.filter(thread=proposal.thread, thread__isnull=False).select_related("author")

    @extend_schema(request=NewPost, responses={201: PostData})
    @idempotent
    def post(self, request: Request, proposal_id: UUID) -> Response:
        """Say something."""
        proposal = found_proposal(request, proposal_id)
        if proposal.thread is None:
            raise Http404
        serializer = NewPost(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = post(
            thread=proposal.thread, body=serializer.validated_data["text"], by=actor_of(request), now=coop_now()
        )
        return Response(PostData(said).data, status=201)


class Ballots(ListAPIView[Ballot]):
    """Every ballot."""

    permission_classes = [AllowAny]
    serializer_class = BallotData
    ordering = ("-opened_at", "-pk")

    def get_queryset(self) -> QuerySet[Ballot]:
        """All are public."""
        return Ballot.objects.visible_to(self.request.user).select_related("proposal").defer("bundle")


class OneBallot(APIView):
    """One ballot."""

    permission_classes = [AllowAny]

    @extend_schema(responses=BallotData)
    def get(self, request: Request, ballot_id: UUID) -> Response:
        """The ballot; its result once it is counted; the caller's own line where she is on the roll."""
        return Response(BallotData(found_ballot(request, ballot_id), context={"request": request}).data)


def found_ballot(request: Request, ballot_id: UUID) -> Ballot:
    """The ballot, or 404."""
    return get_object_or_404(Ballot.objects.visible_to(request.user).select_related("proposal"), pk=ballot_id)


class OneVote(APIView):
    """The caller's vote."""

    permission_classes = [has_scope("vote"), IsMember]

    @extend_schema(request=NewVote, responses=MyVote)
    def put(self, request: Request, ballot_id: UUID) -> Response:
        """Vote, or change the vote, while the ballot is open."""
        ballot = found_ballot(request, ballot_id)
        serializer = NewVote(data=request.data)
        serializer.is_valid(raise_exception=True)
        choice = Choice(serializer.validated_data["choice"])
        cast_vote(ballot=ballot, choice=choice, by=actor_of(request), now=coop_now())
        return Response(own_line(ballot, member_of(request)))


class Bundle(APIView):
    """What it takes to count again."""

    permission_classes = [AllowAny]

    @extend_schema(responses={200: {"type": "object", "description": "canut-ballot/2; feed it to canut-verify."}})
    def get(self, request: Request, ballot_id: UUID) -> HttpResponse:
        """The public bundle of a counted ballot, in canonical JSON. 404 before it is counted."""
        ballot = get_object_or_404(Ballot.objects.visible_to(request.user), pk=ballot_id, result__isnull=False)
        return HttpResponse(published(ballot), content_type="application/json")


urlpatterns = [
    path("proposals/", Proposals.as_view(), name="proposals"),
    path("proposals/<uuid:proposal_id>/", OneProposal.as_view(), name="proposal"),
    path("proposals/<uuid:proposal_id>/submit/", Submission.as_view(), name="proposal_submit"),
    path("proposals/<uuid:proposal_id>/withdraw/", Withdrawal.as_view(), name="proposal_withdraw"),
    path("proposals/<uuid:proposal_id>/posts/", Posts.as_view(), name="proposal_posts"),
    path("ballots/", Ballots.as_view(), name="ballots"),
    path("ballots/<uuid:ballot_id>/", OneBallot.as_view(), name="ballot"),
    path("ballots/<uuid:ballot_id>/vote/", OneVote.as_view(), name="ballot_vote"),
    path("ballots/<uuid:ballot_id>/bundle/", Bundle.as_view(), name="ballot_bundle"),
]
