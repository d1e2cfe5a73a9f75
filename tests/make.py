"""What tests need to exist, in as few words as they care about. Every maker goes through the real actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from coop.commons import actions as commons
from coop.commons.models import AccessRequest, Dataset
from coop.ground.actor import PLATFORM
from coop.ground.clock import coop_now
from coop.members.actions import begin_office, found_member
from coop.members.models import Member, User
from coop.work import actions as work
from coop.work.models import Answer, Client, ClientUser, Project
from payouts.ledger import chart
from payouts.ledger.actions import credit, debit, open_accounts, post

_number = count(1)

CAST: dict[str, dict[str, Any]] = {
    "hanitra": {"country": "MG", "languages": ["mg", "fr"]},
    "awa": {"country": "SN", "languages": ["fr"]},
    "theo": {"country": "FR", "languages": ["fr", "en"]},
}


def user(name: str = "", *, password: str | None = None, **fields: Any) -> User:
    """A person with a confirmed address; `name` makes the address."""
    from allauth.account.models import EmailAddress

    name = name or f"person{next(_number)}"
    person = User.objects.create_user(f"{name}@example.org", password, name=name.capitalize(), **fields)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def member(
    name: str = "", *, admitted_at: datetime | None = None, password: str | None = None, **fields: Any
) -> Member:
    """A founding member; hanitra, awa and theo come with their countries."""
    facts = (
        {"college": "producer", "country": "MG", "languages": ["fr"], "engagement": "worker_member"}
        | CAST.get(name, {})
        | fields
    )
    person = user(name, password=password)
    return found_member(user=person, name=person.name, now=admitted_at or coop_now(), **facts)


def treasurer(name: str = "theo", **fields: Any) -> Member:
    """A member who holds the treasurer's office."""
    return _officer(name, "treasurer", **fields)


def steward(name: str = "", **fields: Any) -> Member:
    """A member who holds a steward's office."""
    return _officer(name, "steward", **fields)


def _officer(name: str, kind: str, **fields: Any) -> Member:
    holder = member(name, **fields)
    begin_office(member=holder, kind=kind, term_days=365, decision=None, now=holder.admitted_at)
    return holder


# -- work

QUESTION: dict[str, Any] = {
    "question": "Is this sentence polite?",
    "media": "text",
    "options": [{"key": "yes", "label": "Yes"}, {"key": "no", "label": "No"}],
}


def client(by: User | None = None, **fields: Any) -> Client:
    """A university lab; `by` becomes its owner (clara unless said otherwise)."""
    facts = {
        "legal_name": "Lab of Textiles",
        "country": "FR",
        "kind": "research",
        "contact": "lab@example.org",
    } | fields
    return work.register_client(by=(by or requester()).actor, now=coop_now(), **facts)


def requester(name: str = "clara", **fields: Any) -> User:
    """A person who orders work."""
    return User.objects.filter(email=f"{name}@example.org").first() or user(name, **fields)


def owner(project: Project) -> User:
    """Who ordered the project."""
    return ClientUser.objects.filter(client=project.client).order_by("pk")[0].user


def draft(*, items: int = 0, by: User | None = None, client_: Client | None = None, **stated: Any) -> Project:
    """An order not paid yet, with so many sentences to look at."""
    ordering = client_ or client(by)
    facts: dict[str, Any] = {
        "title": "Polite sentences",
        "purpose": "To study how politeness is written.",
        "final_client": "Lab of Textiles",
        "end_use": ["research"],
        "product": "An article and its data",
        "task_type": "choice",
        "template": QUESTION,
        "instructions": "Read the sentence and choose.",
        "seconds_per_answer": 10,
    } | stated
    by = by or ordering.people.order_by("pk")[0].user
    project = work.draft_project(client=ordering, by=by.actor, now=coop_now(), **facts)
    if items:
        rows = "external_id,text\n" + "".join(f"s{n},Sentence number {n}.\n" for n in range(1, items + 1))
        work.import_csv(project=project, content=rows.encode(), keep_good=False, by=by.actor, now=coop_now())
    return project


def quoted(*, items: int = 3, **stated: Any) -> Project:
    """An order with its quote."""
    project = draft(items=items, **stated)
    work.quote_project(project=project, by=owner(project).actor, now=coop_now())
    return Project.objects.get(pk=project.pk)


def live(*, items: int = 3, received: int | None = None, **stated: Any) -> Project:
    """A project that is paid (in full unless `received` says otherwise) and open to members."""
    project = quoted(items=items, **stated)
    assert project.quote
    total = project.quote.escrow if received is None else received
    return work.fund_project(project=project, received=total, by=PLATFORM, now=coop_now())


# -- commons

ASKED: dict[str, Any] = {
    "organisation": "Laboratory of Scripts",
    "legal_form": "public_body",
    "country": "SN",
    "sector": "research_education",
    "purpose": "academic_research",
    "purpose_text": "To study how people of many countries write their digits.",
    "actions": ["use", "derive"],
    "recipients": "Ourselves and the readers of our article.",
    "recipient_sectors": [],
    "environment": "download",
    "offer": 0,
}


def delivered(*, items: int = 2, people: int = 5, **stated: Any) -> Project:
    """A project whose every item has its answers, from `people` members, with their consensus."""
    project = live(items=items, redundancy=people, **stated)
    workers = [member() for _n in range(people)]
    for worker in workers:
        for _n in range(items):
            assignment = work.claim(project=project, by=worker.actor, now=coop_now())
            assert assignment
            work.submit(assignment=assignment, value={"choice": "yes"}, by=worker.actor, now=coop_now())
    work.finish_if_done(project=project, now=coop_now())
    work.reckon_consensus(project=project, now=coop_now())
    return Project.objects.get(pk=project.pk)


def dataset(*, by: Member | None = None, project: Project | None = None, **stated: Any) -> Dataset:
    """A dataset with its policy and its first release."""
    facts: dict[str, Any] = {
        "title": "Digits by hand",
        "summary": "Handwritten digits and what five people read in them.",
        "client_rights": "The client gave the labels back to the commons in the order.",
        "returns": "labels",
        "personal_data": False,
    } | stated
    return commons.open_dataset(project=project or delivered(), by=(by or steward()).actor, now=coop_now(), **facts)


def access_request(*, dataset: Dataset, by: User | None = None, **stated: Any) -> AccessRequest:
    """A research lab asks for access, unless said otherwise."""
    facts = ASKED | {"until": (coop_now() + timedelta(days=200)).date()} | stated
    return commons.request_access(dataset=dataset, by=(by or requester()).actor, now=coop_now(), **facts)


# -- money


def paid(*, items: int = 3, received: int | None = None, **stated: Any) -> Project:
    """A project whose requester paid into escrow (in full unless `received` says otherwise), open to members."""
    project = live(items=items, received=received, **stated)
    assert project.quote
    amount = project.quote.escrow if received is None else received
    escrow = chart.escrow(project.pk)
    open_accounts(codes=[escrow], now=coop_now())
    legs = [debit(chart.CASH_BANK, amount), credit(escrow, amount)]
    post(idem=f"test:{project.pk}", kind="order_paid", legs=legs, by=PLATFORM, now=coop_now())
    return project


def answer(by: Member, project: Project, *, seconds: int = 60, at: datetime | None = None) -> Answer:
    """One answer that took so many counted seconds, handed in at `at` (begun now unless said otherwise)."""
    done = at or coop_now() + timedelta(seconds=seconds)
    taken = work.claim(by=by.actor, project=project, now=done - timedelta(seconds=seconds))
    assert taken
    return work.submit(assignment=taken, by=by.actor, value={"choice": "yes"}, measured_seconds=seconds, now=done)
