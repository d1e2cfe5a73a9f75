"""The OpenAPI description is valid and complete, and nothing that fits it makes the server fail."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
import schemathesis
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks

from coop.doors.actions import make_personal_token
from coop.doors.scopes import SCOPES
from coop.ground.clock import coop_now
from coop.members.models import User
from coop.work.actions import claim
from coop.wsgi import application
from payouts.actions.orders import place_order
from tests import make, money, votes

METHODS = {"get", "post", "put", "patch", "delete"}
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


def read_description() -> dict[str, Any]:
    answer = Client().get("/api/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json")
    return dict(json.loads(answer.content))


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


@pytest.mark.django_db
def test_the_description_is_valid_openapi_3_1():
    description = read_description()

    assert description["openapi"] == "3.1.0"
    validate_schema(description)


@pytest.mark.django_db
def test_every_operation_says_what_it_does_and_how_it_says_no():
    found = operations(read_description())

    silent = [f"{method} {path}" for path, method, operation in found if not operation.get("description")]
    unrefusing = [f"{method} {path}" for path, method, operation in found if "429" not in operation["responses"]]
    names = [operation["operationId"] for _path, _method, operation in found]

    assert not silent and not unrefusing
    assert len(set(names)) == len(names)


@pytest.mark.django_db
def test_every_endpoint_is_described_without_a_warning(capsys: pytest.CaptureFixture[str]):
    GENERATOR_STATS.reset()
    SchemaGenerator().get_schema(request=None, public=True)
    told = [message for messages in (GENERATOR_STATS._error_cache, GENERATOR_STATS._warn_cache) for message in messages]

    assert not told


def a_world(clock: Any) -> dict[str, Any]:
    """One of everything: {the beginning of a path: what stands in its place in braces}."""
    theo, hanitra = make.treasurer("theo"), make.steward("hanitra")
    run = money.ran(theo, hanitra)
    dataset = make.dataset(by=hanitra)
    asked = make.access_request(dataset=dataset)
    project = make.quoted(by=make.requester())
    order = place_order(project=project, by=make.requester().actor, method="bank_transfer", now=coop_now())
    open_project = make.live(items=2, client_=project.client)
    assignment = claim(by=hanitra.actor, project=open_project, now=coop_now())
    assert assignment
    ballot = votes.open_vote(votes.raise_solidarity(), clock=clock, by=hanitra)
    proposal = votes.draft(by=theo, title="Not ready")
    return {
        "projects": project.pk,
        "orders": order.pk,
        "work/assignments": assignment.pk,
        "proposals": proposal.pk,
        "ballots": ballot.pk,
        "runs": run.pk,
        "statements": money.share_of(run, theo).pk,
        "datasets": dataset.pk,
        "policies": dataset.policies.get().pk,
        "access-requests": asked.pk,
        "rules": "pay.hourly_floor",
    }


@pytest.mark.parametrize("who", ["theo", "clara", "nobody"])
def test_nothing_that_fits_the_description_makes_the_server_fail(who: str, committed_db: str, clock: Any):
    """A few examples for every operation, as a treasurer, as a requester and as nobody."""
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    headers: dict[str, str] = {}
    world = a_world(clock)
    if who != "nobody":
        person = User.objects.get(email=f"{who}@example.org")
        _token, value = make_personal_token(by=person.actor, label="fuzz", scopes=list(SCOPES), days=1)
        headers = {"Authorization": f"Bearer {value}"}
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
    found: dict[str, str] = {}

    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=4,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def try_it(case: schemathesis.Case) -> None:
            for beginning, key in world.items():
                first = re.match(rf"/api/v1/{beginning}/{{(\w+)}}/", case.operation.path)
                if first:
                    case.path_parameters[first[1]] = str(key)
            case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            try_it()
        except (AssertionError, schemathesis.errors.SchemathesisError, BaseExceptionGroup) as failure:
            found[operation.label] = str(failure)[:600]

    assert not found, "\n\n".join(f"{label}\n{why}" for label, why in found.items())
