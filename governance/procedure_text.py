"""What a procedure and a change mean, in sentences. Whoever votes reads these beside the button."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.tally import Base, Procedure, QuorumKind, Voters


def who_votes(procedure: Procedure) -> str:
    """Who is on the roll."""
    match procedure.voters:
        case Voters.ALL:
            return _("Every member votes, and each vote weighs the same.")
        case Voters.PRODUCERS:
            return _("Those who do the work vote: the college of producers.")
        case Voters.STEWARDS:
            return _("The elected stewards vote.")


def what_is_enough(procedure: Procedure) -> str:
    """The majority, as a sentence."""
    share = {"num": procedure.num, "den": procedure.den}
    match procedure.base:
        case Base.YES_NO:
            return (
                _(
                    "It passes with more than %(num)s/%(den)s of the Yes and No votes; exactly that is a tie, and nothing changes."
                )
                % share
            )
        case Base.VALID:
            return (
                _(
                    "It passes with more than %(num)s/%(den)s of all votes cast; exactly that is a tie, and nothing changes."
                )
                % share
            )
        case Base.ROLL:
            return (
                _(
                    "It passes with more than %(num)s/%(den)s of everyone on the roll; exactly that is a tie, and nothing changes."
                )
                % share
            )


def what_is_needed(procedure: Procedure) -> str:
    """The quorum, as a sentence."""
    share = {"num": procedure.quorum_num, "den": procedure.quorum_den}
    match procedure.quorum_kind:
        case QuorumKind.APPROVAL:
            return _("At least %(num)s/%(den)s of everyone on the roll must vote Yes.") % share
        case QuorumKind.PARTICIPATION:
            return _("At least %(num)s/%(den)s of everyone on the roll must vote, in whatever way.") % share
        case QuorumKind.NONE:
            return _("There is no quorum.")


def do_abstentions_count(procedure: Procedure) -> str:
    """The answer to “do abstentions count?”."""
    match procedure.abstention_weighs_against, procedure.abstention_helps_quorum:
        case False, False:
            return _("Abstentions do not count: neither for the majority nor for the quorum.")
        case False, True:
            return _("Abstentions count for the quorum, and not for the majority.")
        case True, False:
            return _("Abstentions count: they make the share of Yes smaller, and do not help the quorum.")
        case _:
            return _("Abstentions count: they make the share of Yes smaller, and they help the quorum.")


def how_long(procedure: Procedure) -> Sequence[str]:
    """How long each step lasts, as sentences."""
    return [
        ngettext("Deliberation: %(n)s day.", "Deliberation: %(n)s days.", procedure.deliberation_days)
        % {"n": procedure.deliberation_days},
        ngettext("Voting: %(n)s day.", "Voting: %(n)s days.", procedure.voting_days) % {"n": procedure.voting_days},
        ngettext(
            "Then %(n)s day passes before what was adopted is carried out.",
            "Then %(n)s days pass before what was adopted is carried out.",
            procedure.timelock_days,
        )
        % {"n": procedure.timelock_days},
    ]


def sentences(procedure: Procedure) -> list[str]:
    """Everything about the procedure that a voter should know."""
    return [
        who_votes(procedure),
        what_is_enough(procedure),
        what_is_needed(procedure),
        do_abstentions_count(procedure),
        *how_long(procedure),
    ]
