"""Proposals, ballots, rolls, votes and what came of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from coop.audit.models import Entry
from coop.ground.locks import held_for_share
from coop.ground.moments import Dated
from coop.ground.states import Graph
from coop.members.models import College, Member
from coop.rules.models import PinnedBook
from coop.talk.models import Thread
from governance import states, tally
from governance.tally import Procedure

HASH = r"^[0-9a-f]{64}$"


class State(models.TextChoices):
    """Where a proposal stands, in words; the graph is in governance/states.py."""

    DRAFT = "draft", _("draft")
    DELIBERATION = "deliberation", _("in deliberation")
    VOTING = "voting", _("voting")
    CLOSED = "closed", _("closed, being counted")
    REJECTED = "rejected", _("rejected")
    NO_QUORUM = "no_quorum", _("quorum not reached")
    TIED = "tied", _("tied: nothing changes")
    ADOPTED = "adopted", _("adopted, waiting")
    EXECUTABLE = "executable", _("adopted, about to take effect")
    EXECUTED = "executed", _("adopted and carried out")
    EXECUTION_FAILED = "execution_failed", _("adopted, could not be carried out")
    EXPIRED = "expired", _("adopted, expired")
    WITHDRAWN = "withdrawn", _("withdrawn")


def _among(among: Iterable[states.State]) -> Q:
    return Q(state__in=sorted(state.value for state in among))


def _present_exactly_in(field: str, among: Iterable[states.State]) -> Q:
    """`field` has a value in these states, and in no other."""
    return (_among(among) & Q(**{f"{field}__isnull": False})) | (~_among(among) & Q(**{f"{field}__isnull": True}))


def _in_order(earlier: str, later: str, *, at_once: bool = True) -> Q:
    """`later` is never there without `earlier`, nor before it; at the same moment only where that is said."""
    order = Q(**{f"{later}__gte" if at_once else f"{later}__gt": F(earlier)})
    return Q(**{f"{later}__isnull": True}) | Q(**{f"{earlier}__isnull": False}) & order


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, user: Any) -> ProposalQuerySet:
        """What was submitted, to everyone; what was not, to its author alone."""
        submitted = Q(submitted_at__isnull=False)
        return self.filter(submitted | Q(author__user=user)) if getattr(user, "pk", None) else self.filter(submitted)

    def with_outcome(self) -> ProposalQuerySet:
        """With what is shown beside each: its author, its ballot, what became of it."""
        return self.select_related("author", "ballot", "enactment")

    def under_way(self) -> ProposalQuerySet:
        """Submitted, and not yet at an end."""
        ended = states.SETTLED | {states.State.DRAFT}
        return self.exclude(state__in=sorted(state.value for state in ended))

    def due(self, moment: datetime) -> ProposalQuerySet:
        """Those that time moves on at `moment`."""
        return self.filter(
            Q(state=State.DELIBERATION, voting_from__lte=moment)
            | Q(state=State.VOTING, ballot__closes_at__lte=moment)
            | Q(state=State.CLOSED)
            | Q(state=State.ADOPTED, executable_at__lte=moment)
            | Q(state=State.EXECUTABLE)
        ).order_by("submitted_at")

    def about_request(self, request: uuid.UUID) -> ProposalQuerySet:
        """What was submitted on this request for access, newest first."""
        return self.filter(request=request, submitted_at__isnull=False).order_by("-submitted_at")

    def locked(self, pk: uuid.UUID) -> Proposal:
        """The proposal, held until the transaction ends: nothing else moves it meanwhile."""
        return self.select_for_update(of=("self",)).get(pk=pk)


class Proposal(Dated):
    """Something put to the assembly: text, and the change it would make. As a decision it is known below by its id.

    A member wrote it; or nobody, where a request for access to data (`request`) comes to its stewards by itself.
    """

    GRAPHS: ClassVar[Mapping[str, Graph]] = {"state": states.GRAPH}
    DEADLINES = frozenset({"voting_from", "executable_at", "expires_at"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    author = models.ForeignKey(Member, models.PROTECT, null=True, related_name="proposals")
    request = models.UUIDField(null=True)
    language = models.CharField(max_length=8)
    texts = models.JSONField()
    change_set = models.JSONField()
    change_set_sha256 = models.CharField(max_length=64)
    procedure_key = models.CharField(max_length=60, blank=True, default="")
    thread = models.OneToOneField(Thread, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    drafted_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    voting_from = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    tallied_at = models.DateTimeField(null=True)
    executable_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["state", "submitted_at"], name="proposal_by_state"
            ),  # the list of proposals, the sweep
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(author__isnull=False) | Q(request__isnull=False),
                name="proposal_comes_from_a_member_or_a_request",
            ),
            models.UniqueConstraint(
                fields=["request"], condition=Q(author__isnull=True), name="proposal_one_by_itself_per_request"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="proposal_state_is_known"),
            models.CheckConstraint(
                condition=(Q(state="draft", submitted_at__isnull=True))
                | Q(state="withdrawn")
                | (~Q(state__in=["draft", "withdrawn"]) & Q(submitted_at__isnull=False)),
                name="proposal_submitted_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, voting_from__isnull=True, thread__isnull=True, procedure_key="")
                | (
                    Q(submitted_at__isnull=False, voting_from__isnull=False, thread__isnull=False)
                    & ~Q(procedure_key="")
                ),
                name="proposal_submitted_has_procedure_and_thread",
            ),
            models.CheckConstraint(
                condition=_present_exactly_in("opened_at", states.OPENED), name="proposal_opened_has_its_moment"
            ),
            models.CheckConstraint(
                condition=_present_exactly_in("closed_at", states.CLOSED), name="proposal_closed_has_its_moment"
            ),
            models.CheckConstraint(
                condition=_present_exactly_in("tallied_at", states.TALLIED), name="proposal_tallied_has_its_moment"
            ),
            models.CheckConstraint(
                condition=_present_exactly_in("executable_at", states.DECIDED_YES),
                name="proposal_adopted_has_its_timelock",
            ),
            models.CheckConstraint(
                condition=_present_exactly_in("expires_at", states.DECIDED_YES), name="proposal_adopted_has_its_expiry"
            ),
            models.CheckConstraint(
                condition=_present_exactly_in("settled_at", states.SETTLED), name="proposal_settled_has_its_moment"
            ),
            models.CheckConstraint(
                condition=_in_order("submitted_at", "voting_from"), name="proposal_deliberated_before_voting"
            ),
            models.CheckConstraint(
                condition=_in_order("voting_from", "opened_at"), name="proposal_opens_after_deliberation"
            ),
            models.CheckConstraint(
                condition=_in_order("opened_at", "closed_at", at_once=False), name="proposal_closes_after_opening"
            ),
            models.CheckConstraint(
                condition=_in_order("closed_at", "tallied_at"), name="proposal_tallied_after_the_close"
            ),
            models.CheckConstraint(
                condition=_in_order("tallied_at", "executable_at"), name="proposal_timelock_runs_from_the_tally"
            ),
            models.CheckConstraint(
                condition=_in_order("executable_at", "expires_at", at_once=False),
                name="proposal_can_be_executed_before_it_expires",
            ),
            models.CheckConstraint(condition=Q(change_set_sha256__regex=HASH), name="proposal_change_set_is_hashed"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("proposal", args=[self.pk])

    def text_in(self, language: str | None) -> dict[str, str]:
        """The text {"title", "body"} in this language where it exists, else the binding one."""
        text: dict[str, str] = self.texts.get((language or "").split("-")[0], self.texts[self.language])
        return text

    @property
    def title(self) -> str:
        return self.text_in(get_language())["title"]

    @property
    def body(self) -> str:
        return self.text_in(get_language())["body"]

    @property
    def was_adopted(self) -> bool:
        return self.state in states.DECIDED_YES


class BallotQuerySet(models.QuerySet["Ballot"]):
    def visible_to(self, user: Any) -> BallotQuerySet:
        """Every ballot is public; how anybody voted in an open one is not, until it closes."""
        return self.all()

    def is_open_for_share(self, pk: uuid.UUID) -> bool:
        """Whether the ballot is open by the database's own clock, and keep it from closing until the transaction ends.

        The closer takes the same row FOR UPDATE: it waits for votes that saw the ballot open, and every later one sees it closed.
        """
        return held_for_share(
            "SELECT 1 FROM governance_ballot WHERE id = %s AND closed_at IS NULL AND coop_now() < closes_at FOR SHARE",
            [pk],
        )

    def locked(self, pk: uuid.UUID) -> Ballot:
        """The ballot, after every vote under way has been counted in or refused."""
        return self.select_for_update(of=("self",)).get(pk=pk)


class Ballot(Dated):
    """The poll: a frozen procedure, a frozen roll, a frozen rule book, and until when votes are taken."""

    DEADLINES = frozenset({"closes_at"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="ballot")
    procedure_table = models.JSONField()
    procedure_sha256 = models.CharField(max_length=64)
    rule_book = models.ForeignKey(PinnedBook, models.PROTECT, related_name="+")
    roll_size = models.PositiveIntegerField()
    roll_root = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)
    result_sha256 = models.CharField(max_length=64, null=True)
    bundle = models.BinaryField(null=True)
    bundle_sha256 = models.CharField(max_length=64, null=True)
    tally_entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="+")

    objects = BallotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="ballot_ends_after_opening"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("closes_at")),
                name="ballot_is_never_closed_early",
            ),
            models.CheckConstraint(
                condition=Q(
                    result__isnull=True,
                    result_sha256__isnull=True,
                    bundle__isnull=True,
                    bundle_sha256__isnull=True,
                    tally_entry__isnull=True,
                )
                | Q(
                    closed_at__isnull=False,
                    result__isnull=False,
                    result_sha256__isnull=False,
                    result_sha256__regex=HASH,
                    bundle__isnull=False,
                    bundle_sha256__isnull=False,
                    bundle_sha256__regex=HASH,
                    tally_entry__isnull=False,
                ),
                name="ballot_has_no_result_before_close",
            ),
            models.CheckConstraint(condition=Q(procedure_sha256__regex=HASH), name="ballot_procedure_is_hashed"),
            models.CheckConstraint(condition=Q(roll_root__regex=HASH), name="ballot_roll_is_hashed"),
        ]

    def __str__(self) -> str:
        return f"Ballot {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("ballot", args=[self.pk])

    @property
    def procedure(self) -> Procedure:
        """The procedure as frozen at opening."""
        return Procedure.from_table(self.procedure_table)

    def is_open_at(self, moment: datetime) -> bool:
        """Whether votes are taken at `moment`; the vote itself asks the database."""
        return self.closed_at is None and self.opened_at <= moment < self.closes_at


class RollEntryQuerySet(models.QuerySet["RollEntry"]):
    def of(self, member: Member | None) -> RollEntryQuerySet:
        """This member's own line."""
        return self.filter(member=member) if member else self.none()


class RollEntry(models.Model):
    """One voter of one ballot, as of its opening. Never changed, never joined by another."""

    id = models.BigAutoField(primary_key=True)
    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="roll")
    member = models.ForeignKey(Member, models.PROTECT, related_name="roll_entries")
    college = models.CharField(max_length=12, choices=College)
    weight = models.PositiveSmallIntegerField(default=1)
    voter = models.CharField(max_length=32)
    salt = models.BinaryField()
    commitment = models.CharField(max_length=64)

    objects = RollEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ballot", "member"], name="roll_one_entry_per_member"),
            models.UniqueConstraint(fields=["ballot", "voter"], name="roll_voters_are_distinct"),
            models.UniqueConstraint(fields=["ballot", "id"], name="roll_entry_belongs_to_its_ballot"),  # for votes.sql
            models.CheckConstraint(condition=Q(weight=1), name="roll_one_member_one_vote"),
            models.CheckConstraint(condition=Q(voter__regex=r"^[0-9a-f]{32}$"), name="roll_voter_is_16_bytes"),
            models.CheckConstraint(condition=Q(commitment__regex=HASH), name="roll_commitment_is_a_hash"),
        ]

    def __str__(self) -> str:
        return self.voter

    def as_line(self) -> tally.RollEntry:
        """The entry as counted and published: without the member, without the salt."""
        return tally.RollEntry(voter=self.voter, college=self.college, commitment=self.commitment)


class Choice(models.TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")
    ABSTAIN = "abstain", _("Abstain")


class Vote(models.Model):
    """The paper in the ballot. It carries no moment: when somebody voted is nobody's business."""

    id = models.BigAutoField(primary_key=True)
    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="votes")
    entry = models.ForeignKey(RollEntry, models.PROTECT, related_name="votes")
    choice = models.CharField(max_length=8, choices=Choice)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ballot", "entry"], name="vote_one_member_one_vote"),
            models.CheckConstraint(condition=Q(choice__in=Choice.values), name="vote_says_yes_no_or_abstain"),
        ]

    def __str__(self) -> str:
        return str(self.choice)


class Enactment(models.Model):
    """What became of an adopted proposal: carried out once, or failed for a reason everyone can read. Append-only."""

    proposal = models.OneToOneField(Proposal, models.PROTECT, primary_key=True, related_name="enactment")
    enacted_at = models.DateTimeField()
    effects = models.JSONField(default=list)
    failure_code = models.CharField(max_length=60, blank=True, default="")
    failure = models.JSONField(default=dict, blank=True)  # {language: why, in a sentence}

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(failure_code="", failure={})
                | (~Q(failure_code="") & Q(failure__has_key="en") & Q(effects=[])),
                name="enactment_succeeds_whole_or_fails_with_a_reason",
            )
        ]

    def __str__(self) -> str:
        return self.failure_code or "executed"

    @property
    def failure_in_words(self) -> str:
        """Why it could not be carried out, in the reader's language if it was written in it, else in English."""
        language = (get_language() or "en").split("-")[0]
        return str(self.failure.get(language) or self.failure.get("en", ""))
