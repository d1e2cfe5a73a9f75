"""The people who act: with an account only, as a member, by virtue of an office; and what an action asks of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from coop.ground.actor import Actor
from coop.ground.errors import Refused

if TYPE_CHECKING:  # the models give their own actors
    from datetime import datetime

    from coop.members.models import Member, OfficeKind, User


@dataclass(frozen=True, slots=True)
class Person(Actor):
    """A person of whom nothing matters but the account: who asks to join, asks for data, or orders work."""

    user: User

    @property
    def stands_as(self) -> str:
        """A pseudonym of the account, made for the log."""
        return f"person:{self.user.log_pseudonym.hex}"


@dataclass(frozen=True, slots=True)
class ActingMember(Actor):
    """A member, in an office or not."""

    member: Member

    @property
    def stands_as(self) -> str:
        """A pseudonym of the membership, made for the log; its admission stands under it too."""
        return f"member:{self.member.log_pseudonym.hex}"


@dataclass(frozen=True, slots=True)
class Officer(ActingMember):
    """A member acting by virtue of an office: made by `must_hold`, so that nobody ends the office until the act is written."""

    office: OfficeKind

    def insist(self, now: datetime) -> None:
        """Refused `not_in_office` where the term ran out while the act waited for a row: no lock holds a clock."""
        if not self.member.holds_for_share(self.office, now):
            raise not_in_office(self.office)

    @property
    def stands_as(self) -> str:
        """The office, which answers in public; which of its holders it was stands in the row that was changed."""
        return f"office:{self.office.value}"


@dataclass(frozen=True, slots=True)
class Unnamed(Actor):
    """A member or an officer where the pseudonym, or which office it was, would tell whose matter it is: the log names neither."""

    actor: ActingMember

    @property
    def stands_as(self) -> str:
        """That a member acted, or an office; who it was stands in the row that was written."""
        return "office" if isinstance(self.actor, Officer) else "member"

    def insist(self, now: datetime) -> None:
        """As the one who acts."""
        self.actor.insist(now)


def user_behind(by: Actor) -> User:
    """The account of the person who acts. TypeError where no person does."""
    match by:
        case Person(user=user):
            return user
        case ActingMember(member=member):
            return member.user
    raise TypeError(f"{by.stands_as} is no person")


def member_behind(by: Actor) -> Member:
    """The member who acts. Refused `not_a_member`. Whether the membership still runs is asked after the locks."""
    if not isinstance(by, ActingMember):
        raise Refused(_("This is for members of the co-operative."), code="not_a_member")
    return by.member


def must_hold(by: Actor, office: OfficeKind, *, now: datetime) -> Officer:
    """The actor, acting by virtue of this office, which nobody can end before the transaction does. Refused `not_in_office`.

    The term and the membership are held FOR SHARE: whoever ends one of them waits for the action, and an action that comes later
    sees the end, however early its own clock was read. A term also runs out by the clock, while an action waits: so the log and the
    books ask the officer again (`insist`), and an action that writes neither asks after its other locks.
    """
    if isinstance(by, ActingMember) and by.member.holds_for_share(office, now):
        return Officer(by.member, office)
    raise not_in_office(office)


def not_in_office(office: OfficeKind) -> Refused:
    """The refusal `not_in_office`, in a sentence that names the office."""
    return Refused(
        _("This is for those who hold the office: %(office)s.") % {"office": office.label}, code="not_in_office"
    )
