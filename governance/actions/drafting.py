"""Writing a proposal, submitting it, withdrawing it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from coop.audit.actions import record
from coop.ground.actor import PLATFORM, Actor
from coop.ground.errors import Refused
from coop.members.actors import member_behind
from coop.members.models import Member
from coop.rules.actions import in_force
from coop.talk.actions import open_thread
from governance.admissibility import check_admissible
from governance.changes import ChangeSet, as_data, hash_of
from governance.models import Proposal, State
from governance.operations import changes_of
from governance.procedures import in_book

LONGEST_TITLE = 200
LONGEST_BODY = 20_000


@transaction.atomic
def draft_proposal(
    *, language: str, texts: Mapping[str, Mapping[str, str]], changes: ChangeSet, by: Actor, now: datetime
) -> Proposal:
    """Write down a proposal that only its author sees.

    `texts` is {language: {"title", "body"}}; the text in `language` is the binding one. Refused `not_a_member`, `text_missing`, `text_too_long`.
    """
    return Proposal.objects.create(
        author=_proposing(by, now),
        request=_request_in(changes),
        language=language,
        texts=_checked_texts(language, texts),
        change_set=as_data(changes),
        change_set_sha256=hash_of(changes),
        drafted_at=now,
    )


@transaction.atomic
def revise_draft(
    *,
    proposal: Proposal,
    language: str,
    texts: Mapping[str, Mapping[str, str]],
    changes: ChangeSet,
    by: Actor,
    now: datetime,
) -> Proposal:
    """Write the draft anew. Refused `not_yours`, `not_a_draft`, and as `draft_proposal`."""
    proposal = _own(proposal, by)
    now = proposal.not_before(now)
    if proposal.state != State.DRAFT:
        raise Refused(_("A submitted proposal is not edited."), code="not_a_draft")
    _proposing(by, now)
    proposal.language = language
    proposal.texts = _checked_texts(language, texts)
    proposal.change_set = as_data(changes)
    proposal.change_set_sha256 = hash_of(changes)
    proposal.request = _request_in(changes)
    proposal.save(update_fields=["language", "texts", "change_set", "change_set_sha256", "request"])
    return proposal


@transaction.atomic
def submit_proposal(*, proposal: Proposal, by: Actor, now: datetime) -> Proposal:
    """Put the draft before the assembly: everyone sees it, deliberation begins. Doing it twice changes nothing.

    Refused where it may not be put to the vote: `change_unreadable`, `operation_twice`, `unknown_rule`, `value_not_allowed`, `rules_conflict`, `stale_base`, `nothing_changes`, `entrenched`,
    `no_procedure_satisfiable`, `mixed_procedures`, `rule_set_twice`, `empty_roll`, `unknown_application`, `application_closed`,
    `unknown_request`, `red_line`, `request_closed`, `request_under_vote`, `unknown_member`, `unknown_office`, `already_in_office`; and `not_yours`, `not_a_member`, `not_a_draft`.
    """
    proposal = _own(proposal, by)
    now = proposal.not_before(now)
    if proposal.state == State.DELIBERATION:
        return proposal
    if proposal.state != State.DRAFT:
        raise Refused(_("This proposal was submitted or withdrawn already."), code="not_a_draft")
    _proposing(by, now)
    return _submit(proposal, by=by, now=now)


@transaction.atomic
def propose(
    *,
    draft: Proposal | None,
    language: str,
    texts: Mapping[str, Mapping[str, str]],
    changes: ChangeSet,
    by: Actor,
    now: datetime,
) -> Proposal:
    """Write a proposal, or the draft anew, and put it before the assembly: both or neither. Refused as `revise_draft` and `submit_proposal`."""
    if draft is None:
        proposal = draft_proposal(language=language, texts=texts, changes=changes, by=by, now=now)
    else:
        proposal = revise_draft(proposal=draft, language=language, texts=texts, changes=changes, by=by, now=now)
    return submit_proposal(proposal=proposal, by=by, now=now)


@transaction.atomic
def withdraw_proposal(*, proposal: Proposal, by: Actor, now: datetime) -> Proposal:
    """Take the proposal back, until its roll is frozen. Doing it twice changes nothing. Refused `not_yours`, `too_late_to_withdraw`."""
    proposal = _own(proposal, by)
    now = proposal.not_before(now)
    if proposal.state == State.WITHDRAWN:
        return proposal
    if proposal.state not in (State.DRAFT, State.DELIBERATION):
        raise Refused(_("The ballot has opened: a proposal can't be withdrawn any more."), code="too_late_to_withdraw")
    submitted = proposal.submitted_at is not None
    proposal.state = State.WITHDRAWN
    proposal.settled_at = now
    proposal.save(update_fields=["state", "settled_at"])
    if submitted:
        record(kind="proposal.withdrawn", subject=f"proposal:{proposal.pk}", payload={}, by=by, now=now)
    return proposal


@transaction.atomic
def put_request_to_vote(*, changes: ChangeSet, texts: Mapping[str, Mapping[str, str]], now: datetime) -> Proposal:
    """Bring what answers a request for access to its stewards, in nobody's name; the text in the site's own language binds.

    Doing it twice changes nothing. Refused as `submit_proposal`.
    """
    proposal, created = Proposal.objects.get_or_create(
        request=_request_in(changes),
        author=None,
        defaults={
            "language": settings.LANGUAGE_CODE,
            "texts": _checked_texts(settings.LANGUAGE_CODE, texts),
            "change_set": as_data(changes),
            "change_set_sha256": hash_of(changes),
            "drafted_at": now,
        },
    )
    return _submit(proposal, by=PLATFORM, now=now) if created else proposal


def _submit(proposal: Proposal, *, by: Actor, now: datetime) -> Proposal:
    changes = changes_of(proposal)
    key = check_admissible(changes, now=now)
    procedure = in_book(in_force(now), key)
    proposal.state = State.DELIBERATION
    proposal.procedure_key = key
    proposal.thread = open_thread(subject=f"proposal:{proposal.pk}", now=now)
    proposal.submitted_at = now
    proposal.voting_from = now + timedelta(days=procedure.deliberation_days)
    proposal.save(update_fields=["state", "procedure_key", "thread", "submitted_at", "voting_from"])
    record(
        kind="proposal.submitted",
        subject=f"proposal:{proposal.pk}",
        payload={"change_set_sha256": proposal.change_set_sha256, "procedure": key},
        by=by,
        now=now,
    )
    for change in changes:
        change.submitted(proposal=proposal.pk, now=now)
    return proposal


def _request_in(changes: ChangeSet) -> UUID | None:
    """The request for access that these changes are about, if they are about one."""
    return next((change.answers for change in changes if change.answers), None)


def _own(proposal: Proposal, by: Actor) -> Proposal:
    proposal = Proposal.objects.locked(proposal.pk)
    if proposal.author_id != member_behind(by).pk:
        raise Refused(_("Only the author of a proposal does this."), code="not_yours")
    return proposal


def _proposing(by: Actor, now: datetime) -> Member:
    member = member_behind(by)
    if not Member.objects.is_member_for_share(member.pk, now):
        raise Refused(_("Only members propose."), code="not_a_member")
    return member


def _checked_texts(language: str, texts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    known = {code for code, _name in settings.LANGUAGES}
    if language not in texts:
        raise Refused(_("Write the text in the binding language."), code="text_missing", field="texts")
    checked = {}
    for code, text in texts.items():
        title, body = text.get("title", "").strip(), text.get("body", "").strip()
        if code not in known:
            raise Refused(
                _("“%(language)s” is not a language of this site.") % {"language": code},
                code="unknown_language",
                field="language",
            )
        if not title:
            raise Refused(_("Give the proposal a title."), code="text_missing", field="title")
        if not body:
            raise Refused(_("Say what is proposed and why."), code="text_missing", field="body")
        if len(title) > LONGEST_TITLE or len(body) > LONGEST_BODY:
            raise Refused(
                _("The title has at most %(title)s characters, the text %(body)s.")
                % {"title": LONGEST_TITLE, "body": LONGEST_BODY},
                code="text_too_long",
                field="title" if len(title) > LONGEST_TITLE else "body",
            )
        checked[code] = {"title": title, "body": body}
    return checked
