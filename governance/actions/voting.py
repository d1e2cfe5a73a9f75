"""Opening a ballot, voting, closing, counting."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground.actor import PLATFORM, Actor
from coop.ground.canonical import canonical_json, fingerprint, has_fingerprint, instant, sha256_hex
from coop.ground.errors import Refused
from coop.ground.laws import laws_refuse, refused_by
from coop.members.actors import member_behind
from coop.members.models import Member
from coop.notices.actions import tell
from coop.rules.actions import in_force, pin
from governance import tally
from governance.bundle import bundle_of, votes_of
from governance.electorate import voters_at
from governance.models import Ballot, Choice, Proposal, RollEntry, State, Vote
from governance.occasions import proposal_passed, vote_asked
from governance.operations import decline
from governance.procedures import in_book

SALT_BYTES = 32
VOTER_BYTES = 16


@transaction.atomic
def open_ballot(*, proposal: Proposal, now: datetime) -> Ballot | None:
    """Freeze procedure, rule book and roll, and take votes from now on. None where it isn't time; doing it twice changes nothing."""
    proposal = Proposal.objects.locked(proposal.pk)
    now = proposal.not_before(now)
    if proposal.opened_at is not None:
        return Ballot.objects.get(proposal=proposal)
    if proposal.state != State.DELIBERATION or proposal.voting_from is None or now < proposal.voting_from:
        return None

    book, procedure = in_force(now), in_book(in_force(now), proposal.procedure_key)
    entries = [_roll_entry(member) for member in voters_at(procedure, now)]
    roll = tally.Roll.of(entry.as_line() for entry in entries)
    ballot = Ballot.objects.create(
        proposal=proposal,
        procedure_table=procedure.as_table(),
        procedure_sha256=fingerprint(procedure.as_table()),
        rule_book=pin(book=book, now=now),
        roll_size=roll.size,
        roll_root=roll.root(),
        opened_at=now,
        closes_at=now + timedelta(days=procedure.voting_days),
    )
    for entry in entries:
        entry.ballot = ballot
    RollEntry.objects.bulk_create(sorted(entries, key=lambda entry: entry.voter))

    proposal.state, proposal.opened_at = State.VOTING, now
    proposal.save(update_fields=["state", "opened_at"])
    record(
        kind="ballot.opened",
        subject=f"ballot:{ballot.pk}",
        payload={
            "proposal": str(proposal.pk),
            "change_set_sha256": proposal.change_set_sha256,
            "procedure_sha256": ballot.procedure_sha256,
            "rule_book": book.hash,
            "roll_size": ballot.roll_size,
            "roll_root": ballot.roll_root,
            "closes_at": instant(ballot.closes_at),
        },
        by=PLATFORM,
        now=now,
    )
    tell(occasion=vote_asked.OCCASION, of=ballot, now=now)
    return ballot


@transaction.atomic
def cast_vote(*, ballot: Ballot, choice: Choice, by: Actor, now: datetime) -> Vote:
    """Cast or change a vote while the ballot is open. Refused `ballot_closed`, `not_on_roll`, `not_a_member`.

    The ballot's row is held FOR SHARE while the vote is written, so a vote counts if and only if its transaction saw the ballot open.
    """
    if not Ballot.objects.is_open_for_share(ballot.pk):
        raise refused_by("vote_only_while_the_ballot_is_open")
    now = ballot.not_before(now)
    member = member_behind(by)
    entry = RollEntry.objects.filter(ballot=ballot, member=member).first()
    if entry is None:
        raise Refused(_("You were not on the roll when this ballot opened."), code="not_on_roll")
    if not Member.objects.is_member_for_share(member.pk, now):
        raise Refused(_("Your membership has ended; a vote you cast before stands."), code="not_a_member")
    with laws_refuse():  # the time may run out between our question and the database's own
        Vote.objects.bulk_create(
            [Vote(ballot=ballot, entry=entry, choice=choice)],
            update_conflicts=True,
            unique_fields=["ballot", "entry"],
            update_fields=["choice"],
        )
    return Vote.objects.get(ballot=ballot, entry=entry)


@transaction.atomic
def close_ballot(*, ballot: Ballot, now: datetime) -> Ballot:
    """Take no more votes, once the time is up. Waits for votes under way; doing it twice changes nothing."""
    proposal = Proposal.objects.locked(ballot.proposal_id)
    ballot = Ballot.objects.locked(ballot.pk)
    now = ballot.not_before(proposal.not_before(now))
    if ballot.closed_at is not None or now < ballot.closes_at:
        return ballot
    ballot.closed_at = now
    ballot.save(update_fields=["closed_at"])
    proposal.state = State.CLOSED
    proposal.closed_at = now
    proposal.save(update_fields=["state", "closed_at"])
    record(
        kind="ballot.closed",
        subject=f"ballot:{ballot.pk}",
        payload={"proposal": str(proposal.pk)},
        by=PLATFORM,
        now=now,
    )
    return ballot


@transaction.atomic
def tally_ballot(*, ballot: Ballot, now: datetime) -> Ballot:
    """Count the closed ballot, record the result and its bundle, start the timelock of what was adopted. Doing it twice changes nothing.

    Refused `ballot_altered` where question or procedure is not what was hashed: tampering, and a person has to look.
    """
    proposal = Proposal.objects.locked(ballot.proposal_id)
    ballot = Ballot.objects.select_related("proposal", "rule_book").locked(ballot.pk)
    now = ballot.not_before(proposal.not_before(now))
    if ballot.closed_at is None or ballot.result is not None:
        return ballot
    _check_unaltered(ballot, proposal)
    roll = tally.Roll.of(entry.as_line() for entry in ballot.roll.all())
    votes = votes_of(ballot)
    decision = tally.decide(ballot.procedure, roll, votes)
    result = decision.as_data()
    bundle = canonical_json(bundle_of(ballot, roll=roll, votes=votes, result=result))

    ballot.result = result
    ballot.result_sha256 = fingerprint(result)
    ballot.bundle = bundle
    ballot.bundle_sha256 = sha256_hex(bundle)
    ballot.tally_entry = record(
        kind="ballot.tallied",
        subject=f"ballot:{ballot.pk}",
        payload={
            "proposal": str(proposal.pk),
            "outcome": str(decision.outcome),
            "result_sha256": ballot.result_sha256,
            "bundle_sha256": ballot.bundle_sha256,
        },
        by=PLATFORM,
        now=now,
    )
    ballot.save(update_fields=["result", "result_sha256", "bundle", "bundle_sha256", "tally_entry"])

    _settle_outcome(proposal, decision.outcome, ballot.procedure, now=now)
    return ballot


def _settle_outcome(proposal: Proposal, outcome: tally.Outcome, procedure: tally.Procedure, *, now: datetime) -> None:
    """Start the timelock of what was adopted and tell every member; what was not adopted ends here."""
    proposal.state = State(str(outcome))
    proposal.tallied_at = now
    if outcome is tally.Outcome.ADOPTED:
        proposal.executable_at = now + timedelta(days=procedure.timelock_days)
        proposal.expires_at = proposal.executable_at + timedelta(days=procedure.expiry_days)
        tell(occasion=proposal_passed.OCCASION, of=proposal, now=now)
    else:
        proposal.settled_at = now
        decline(proposal, now=now)
    proposal.save(update_fields=["state", "tallied_at", "executable_at", "expires_at", "settled_at"])


def _check_unaltered(ballot: Ballot, proposal: Proposal) -> None:
    hashed = [
        (proposal.change_set, proposal.change_set_sha256),
        (ballot.procedure_table, ballot.procedure_sha256),
    ]
    if not all(has_fingerprint(content, digest) for content, digest in hashed):
        raise Refused(_("This ballot is not about what it was opened on."), code="ballot_altered")


def _roll_entry(member: Member) -> RollEntry:
    salt = secrets.token_bytes(SALT_BYTES)
    return RollEntry(
        member=member,
        college=member.college,
        voter=secrets.token_hex(VOTER_BYTES),
        salt=salt,
        commitment=tally.commitment(salt=salt, member=member.pk.bytes),
    )
