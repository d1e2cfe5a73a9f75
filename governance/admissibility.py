"""What may be put to the vote. Everything here is asked at submission, before anybody spends time on it."""

from datetime import datetime

from django.utils.translation import gettext as _

from coop.ground.errors import Refused
from coop.rules.actions import in_force
from governance.changes import ChangeSet, as_data
from governance.electorate import voters_at
from governance.procedures import in_book


def check_admissible(changes: ChangeSet, *, now: datetime) -> str:
    """The key of the procedure that will decide. Refused, by name and field, where the change set may not be put to the vote."""
    said = as_data(changes)
    for number, operation in enumerate(said):
        if operation in said[:number]:
            raise Refused(
                _("This stands here already: nothing is decided twice."),
                code="operation_twice",
                field=f"change_set.{number}",
            )
    for number, change in enumerate(changes):
        try:
            change.check(now=now)
        except Refused as refused:
            raise Refused(
                refused.message,
                code=refused.code,
                field=".".join(filter(None, ["change_set", str(number), refused.field])),
            ) from None
    keys = {change.procedure() for change in changes}
    if len(keys) > 1:
        raise Refused(
            _("These changes are decided by different procedures: put them in proposals of their own."),
            code="mixed_procedures",
            field="change_set",
        )
    for kind in {type(change) for change in changes}:
        try:
            kind.check_together([change for change in changes if type(change) is kind], now=now)
        except Refused as refused:
            raise Refused(refused.message, code=refused.code, field="change_set") from None
    (key,) = keys
    if not voters_at(in_book(in_force(now), key), now).exists():
        raise Refused(
            _("Nobody could vote on this now: the roll would be empty."), code="empty_roll", field="change_set"
        )
    return key
