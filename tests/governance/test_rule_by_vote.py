"""A rule changes because the assembly said so, and for no other reason."""

import pytest

from coop.rules.actions import in_force
from tests import make, votes

pytestmark = pytest.mark.django_db


def test_a_passed_proposal_changes_a_rule_by_itself(clock):
    make.member()

    version = votes.pass_rule("work.redundancy", 5, clock=clock)

    assert version.number == 2
    assert in_force(version.effective_from).whole("work.redundancy") == 5
