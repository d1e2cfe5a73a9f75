"""Nobody writes by looking: every address of the site is looked at by everybody, and the database counts what was written."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from coop.audit.actions import record, seal_log
from coop.audit.models import Entry
from coop.commons.actions import fetch_file, grant_access
from coop.commons.models import AccessEvent, AccessRequest, Dataset, Grant, UsePolicy
from coop.doors.actions import make_personal_token
from coop.doors.scopes import SCOPES
from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.members.actions import apply
from coop.members.models import Application
from coop.rules.catalogue import CATALOGUE
from coop.work import actions as work
from coop.work.actions.times import halt_project
from coop.work.models import Assignment, Contest, Halt, Project
from governance.models import Ballot, Proposal
from governance.operations.resolution import Resolution
from payouts.actions.batch_files import download_batch_file
from payouts.actions.execution import advance_payout_items
from payouts.actions.orders import place_order
from payouts.models import BatchFile, InboxEvent, MemberShare, Objection, Order, PayoutItem, PayoutRun
from payouts.sharing.approval import approve_run
from payouts.sharing.objections import answer_objection, raise_objection
from tests import make, money, votes
from tests.payouts.paying import ariary, paid_by

pytestmark = pytest.mark.django_db

NOT_OF_THE_COOP = {
    "django_session": "the browser's session",
    "usersessions_usersession": "where a person is logged in",
    "shared_cache": "how often somebody asks, and other things that may be forgotten",
}
"""Tables that may change when somebody looks, each with what it holds."""
SOMEBODY_ELSES = ("accounts/", "_allauth/", "identity/", ".well-known/")
"""Addresses of django-allauth: its own tables, its own tests."""
OF_A_KIND = {
    "application_id": Application,
    "assignment_id": Assignment,
    "ballot_id": Ballot,
    "contest_id": Contest,
    "dataset_id": Dataset,
    "file_id": BatchFile,
    "grant_id": Grant,
    "halt_id": Halt,
    "item_id": PayoutItem,
    "objection_id": Objection,
    "order_id": Order,
    "policy_id": UsePolicy,
    "project_id": Project,
    "proposal_id": Proposal,
    "request_id": AccessRequest,
    "run_id": PayoutRun,
    "share_id": MemberShare,
}


@pytest.fixture
def cast(clock) -> dict[str, Client]:
    """Everybody, each with something of their own to look at: a co-operative in which everything has happened once."""
    now = coop_now()
    hanitra, awa, theo, steward = make.member("hanitra"), make.member("awa"), make.treasurer(), make.steward()
    mallory, clara = make.user("mallory"), make.requester()
    apply(
        by=mallory.actor,
        name="M",
        college="producer",
        country="FR",
        languages=["fr"],
        engagement="unknown",
        statement="",
        now=now,
    )
    _payday(awa, theo, clock)
    asked = make.access_request(dataset=make.dataset(by=steward), by=clara)
    grant = grant_access(request=asked, decision=uuid4(), now=coop_now())
    _contested(clara, clock)
    _work_and_orders(clara, hanitra)
    votes.draft(by=hanitra)
    ballot = votes.open_vote(Resolution(), clock=clock, by=hanitra)
    votes.cast(ballot, [(awa, votes.YES)])
    votes.close(ballot, clock=clock)
    fetch_file(grant=grant, name="labels.csv", by=clara.actor, now=coop_now())
    seal_log(now=coop_now())
    return {name: _client(person) for name, person in [
        ("a visitor", None), ("mallory", mallory), ("clara", clara), ("hanitra", hanitra.user), ("awa", awa.user),
        ("theo", theo.user), ("a steward", steward.user),
    ]}  # fmt: skip


def _payday(awa, theo, clock) -> None:
    ariary(theo)
    rado, project, period = make.member("rado", country="MG"), make.paid(items=30), money.first_period()
    paid_by(rado, "mobile_money", operator="mvola", number="+261341234567")
    money.worked(awa, make.member())
    for n in range(20):
        make.answer(rado, project, at=coop_now() + timedelta(minutes=n + 1))
    run = money.run_of(period)
    objection = raise_objection(share=money.share_of(run, awa), by=awa.actor, reason="Too little.", now=run.computed_at)
    answer_objection(objection=objection, answer="It is right.", by=theo.actor, now=run.computed_at)
    clock.advance(seconds=int((run.objections_until - coop_now()).total_seconds()) + 1)
    approve_run(run=run, by=theo.actor, now=coop_now())
    for _ in range(2):
        advance_payout_items(now=coop_now(), wall=coop_now())
    download_batch_file(file=BatchFile.objects.get(), by=theo.actor, now=coop_now())


def _work_and_orders(clara, hanitra) -> None:
    quoted = make.quoted(by=clara)
    place_order(project=quoted, method="bank_transfer", by=clara.actor, now=coop_now())
    make.draft(by=clara)
    work.claim(project=make.live(by=clara), by=hanitra.actor, now=coop_now())
    InboxEvent.objects.create(
        account="platform", event_id="evt_1", type="x", about="y", payload=b"{}", source="poll",
        next_try_at=coop_now(), said_at=coop_now(), received_at=coop_now(),
    )  # fmt: skip
    InboxEvent.objects.update(state="poison", trouble="gone")


def _contested(clara, clock) -> None:
    project, rivo = make.live(by=clara), make.member("rivo")
    taken = work.claim(project=project, by=rivo.actor, now=coop_now())
    clock.advance(hours=1)
    work.submit(assignment=taken, by=rivo.actor, value={"choice": "yes"}, declared_seconds=3600, now=coop_now())
    work.contest_project_time(project=project, by=clara.actor, reasons="It takes a minute.", now=coop_now())
    halt_project(project=project, reason=Halt.Reason.QUOTE, now=coop_now())


def _client(person) -> Client:
    client = Client(raise_request_exception=False)
    if person is not None:
        client.force_login(person)
    return client


def routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the site with its parameters unfilled."""
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            yield from routes(part, before + str(part.pattern))
        elif not (before + str(part.pattern)).startswith(SOMEBODY_ELSES):
            yield before + str(part.pattern), part


def filled(route: str, pattern: URLPattern) -> list[str]:
    """The addresses of this route in the co-operative as it is; KeyError for a parameter that nobody here knows."""
    if "(?P<where>" in route:
        return ["api/nowhere/"]
    known = {
        name: list(kind.objects.order_by("pk").values_list("pk", flat=True)[:2]) for name, kind in OF_A_KIND.items()
    }
    known |= {
        "entry_id": list(Entry.objects.values_list("uuid", flat=True)[:1]),
        "event_id": [
            *InboxEvent.objects.values_list("pk", flat=True),
            *AccessEvent.objects.values_list("pk", flat=True),
        ],
        "key": [next(iter(CATALOGUE))],
        "name": ["labels.csv"],
        "number": [1],
        "pk": [*PayoutRun.objects.values_list("pk", flat=True), *MemberShare.objects.values_list("pk", flat=True)],
        "token_id": [uuid4()],
    }
    names = list(pattern.pattern.converters)
    addresses = []
    for values in itertools.product(*(known[name] for name in names)):
        address = route
        for name, value in zip(names, values, strict=True):
            converter = pattern.pattern.converters[name]
            kind = next(k for k in ("uuid", "int", "str") if f"<{k}:{name}>" in address)
            address = address.replace(f"<{kind}:{name}>", converter.to_url(value))
        addresses.append(address)
    assert addresses, f"nothing to look at under {route}"
    return addresses


def written() -> dict[str, int]:
    """How many rows of each table this transaction has written so far, undone or not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return {name: n for name, n in cursor.fetchall() if name not in NOT_OF_THE_COOP}


def changed(before: dict[str, int]) -> set[str]:
    return {name for name, n in written().items() if n != before.get(name, 0)}


def test_looking_at_anything_writes_nothing(cast, settings, caplog):
    caplog.set_level("CRITICAL")
    cache.clear()
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_CLASSES": []}
    wrote, seen, answers = [], written(), set()

    for route, pattern in routes(get_resolver()):
        for address in filled(route, pattern):
            for name, client in cast.items():
                found = client.get(f"/{address}").status_code
                answers |= {found, client.options(f"/{address}").status_code}
                if found == 200:  # what a GET refuses, a HEAD refuses in the same way
                    answers.add(client.head(f"/{address}").status_code)
                if changed(seen):
                    wrote.append((address, name, changed(seen)))
                    seen = written()
                assert not connection.run_on_commit, f"{address} leaves something to do"

    assert not wrote
    assert {200, 302, 404, 405} <= answers and 500 not in answers


def test_a_token_looks_without_writing_too(cast):
    client = Client()
    address = f"/api/v1/grants/{Grant.objects.get().pk}/downloads/{AccessEvent.objects.get().pk}/"
    _token, value = make_personal_token(
        by=Grant.objects.get().request.asked_by.actor, label="x", scopes=list(SCOPES), days=1
    )
    seen = written()

    answers = [
        method(address, HTTP_AUTHORIZATION=f"Bearer {value}").status_code
        for method in (client.get, client.head, client.options)
    ]

    assert answers == [200, 200, 200] and not changed(seen)


def test_the_counting_sees_what_is_written_and_undone():
    seen = written()
    with transaction.atomic():
        record(kind="test.looked", subject="x:1", payload={}, by=PLATFORM, now=coop_now())
        transaction.set_rollback(True)

    assert "audit_entry" in changed(seen)
