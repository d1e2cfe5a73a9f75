"""What may be put to the vote. Everything here is asked at submission, before anybody spends time on it."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from coop.commons.models import AccessRequest
from coop.commons.screen import RED_LINES
from coop.ground.errors import Refused
from coop.members.models import Application, Member, OfficeKind
from coop.rules.actions import check_fit, check_value, head, in_force
from governance.changes import Admit, Appoint, ChangeSet, GrantAccess, Resolution, SetRule
from governance.electorate import voters_at
from governance.models import Proposal
from governance.procedures import PREFIX, book_after, governing, in_book, outgrown, procedure_for, procedure_keys
from governance.tally import is_satisfiable


def check_admissible(changes: ChangeSet, *, now: datetime) -> str:
    """The key of the procedure that will decide. Refused, by name and field, where the change set may not be put to the vote."""
    for number, change in enumerate(changes):
        match change:
            case SetRule():
                _check_rule(change, f"change_set.{number}", now=now)
            case Admit():
                _check_application(change, f"change_set.{number}")
            case Appoint(member=pseudonym, office=office):
                _check_appointment(pseudonym, office, f"change_set.{number}", now=now)
            case GrantAccess():
                _check_request(change, f"change_set.{number}")
            case Resolution():
                pass
    keys = {procedure_for(change) for change in changes}
    if len(keys) > 1:
        raise Refused(
            _("These changes are decided by different procedures: put them in proposals of their own."),
            code="mixed_procedures",
            field="change_set",
        )
    if len({change.key for change in changes if isinstance(change, SetRule)}) < sum(
        isinstance(c, SetRule) for c in changes
    ):
        raise Refused(_("One proposal sets a rule once."), code="rule_set_twice", field="change_set")
    (key,) = keys
    _check_procedures(changes, now=now)
    if not voters_at(in_book(in_force(now), key), now).exists():
        raise Refused(
            _("Nobody could vote on this now: the roll would be empty."), code="empty_roll", field="change_set"
        )
    return key


def _check_rule(change: SetRule, where: str, *, now: datetime) -> None:
    """The rule exists, the value is within bounds and fits with the other rules, and the base is its newest version."""
    try:
        value = check_value(change.key, change.new_value)
        check_fit(key=change.key, value=value, at=now)
    except Refused as refused:
        tail = (refused.field or "").removeprefix("value").removeprefix("key")
        name = "key" if refused.code == "unknown_rule" else "new_value"
        raise Refused(refused.message, code=refused.code, field=f"{where}.{name}{tail}") from None
    newest = head(change.key)
    if newest.number != change.base_version:
        raise Refused(
            _("This was written against version %(base)s of the rule; the newest is %(newest)s.")
            % {"base": change.base_version, "newest": newest.number},
            code="stale_base",
            field=f"{where}.base_version",
        )
    if newest.value == value:
        raise Refused(_("The rule has this value already."), code="nothing_changes", field=f"{where}.new_value")


def _check_application(change: Admit, where: str) -> None:
    application = Application.objects.filter(pk=change.application).first()
    if application is None:
        raise Refused(_("There is no such application."), code="unknown_application", field=f"{where}.application")
    if application.outcome:
        raise Refused(
            _("This application is already decided."), code="application_closed", field=f"{where}.application"
        )


def _check_appointment(pseudonym: UUID, office: str, where: str, *, now: datetime) -> None:
    member = Member.objects.filter(log_pseudonym=pseudonym).first()
    if member is None:
        raise Refused(_("There is no such member."), code="unknown_member", field=f"{where}.member")
    try:
        check_appointable(member, office, now=now)
    except Refused as refused:
        raise Refused(refused.message, code=refused.code, field=f"{where}.{refused.field}") from None


def check_appointable(member: Member, office: str, *, now: datetime) -> None:
    """Whether the member may begin a term now. Refused `unknown_office`, `not_a_member`, `already_in_office`."""
    if office not in OfficeKind.values:
        raise Refused(_("There is no office “%(office)s”.") % {"office": office}, code="unknown_office", field="office")
    if not member.is_member_on(now):
        raise Refused(_("Only members hold an office."), code="not_a_member", field="member")
    if member.holds(office, now):
        raise Refused(_("This member holds the office already."), code="already_in_office", field="member")


def _check_request(change: GrantAccess, where: str) -> None:
    request = AccessRequest.objects.filter(pk=change.request).first()
    if request is None:
        raise Refused(_("There is no such request."), code="unknown_request", field=f"{where}.request")
    if request.refused_for in RED_LINES:
        raise Refused(
            _("This request crosses a red line: %(line)s.") % {"line": request.refused_because},
            code="red_line",
            field=f"{where}.request",
        )
    if request.outcome:
        raise Refused(_("This request is already decided."), code="request_closed", field=f"{where}.request")
    if Proposal.objects.about_request(request.pk).under_way().exists():
        raise Refused(
            _("The stewards are deciding on this request."), code="request_under_vote", field=f"{where}.request"
        )


def _check_procedures(changes: ChangeSet, *, now: datetime) -> None:
    """Where a procedure would change: no weaker one changes a stronger one, and something can still be decided afterwards."""
    touched = [change.key for change in changes if isinstance(change, SetRule) and change.key.startswith(PREFIX)]
    if not touched:
        return
    book = in_force(now)
    after = book_after(book, changes)
    if outgrown(book, touched) or set(outgrown(after, procedure_keys())) - set(outgrown(book, procedure_keys())):
        raise Refused(
            _("A procedure is changed only by one that asks at least as much: %(governing)s would not.")
            % {"governing": ", ".join(sorted({governing(key) for key in touched}))},
            code="entrenched",
            field="change_set",
        )
    for key in touched:
        procedure = in_book(after, key)
        voters = voters_at(procedure, now).count()
        if not voters and not voters_at(in_book(book, key), now).exists():
            voters = 1  # the office is vacant, which this change neither makes nor mends
        if not is_satisfiable(procedure, voters):
            raise Refused(
                _("With %(procedure)s like this nothing could ever be decided by it again.") % {"procedure": key},
                code="no_procedure_satisfiable",
                field="change_set",
            )
