"""Every test here changes a rule by a real vote; afterwards it is asked whether it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coop.rules.models import RuleVersion
from governance.models import Proposal, State
from tests import votes


@pytest.fixture
def vote(clock: Any) -> Callable[..., RuleVersion]:
    """Change a rule by a vote of everyone there is, and wait until the new value is in force (`vote(key, value)`)."""

    def vote(key: str, value: Any, *, wait: bool = True) -> RuleVersion:
        return votes.pass_rule(key, value, clock=clock, wait=wait)

    return vote


@pytest.fixture(autouse=True)
def decided_by_vote(request: pytest.FixtureRequest) -> Iterator[None]:
    """The rule the test is about was changed, and by an executed decision."""
    yield
    keys = getattr(request.function, "outcome_of", ())
    if not keys:
        return
    key = request.node.callspec.params["key"] if len(keys) > 1 else keys[0]
    changed = RuleVersion.objects.filter(key=key, number__gt=1).first()
    assert changed is not None, f"{key} was not changed"
    assert Proposal.objects.get(pk=changed.decision).state == State.EXECUTED
