"""The genesis happens once, through the actions of every layer."""

import json

import pytest
from django.core.management import CommandError, call_command

from coop.audit.models import Entry
from coop.ground.clock import coop_now
from coop.members.models import Member, User
from coop.rules.actions import in_force
from coop.rules.catalogue import CATALOGUE
from payouts.ledger.models import Account
from payouts.models import Period
from tests import make

pytestmark = pytest.mark.django_db

HANITRA = {
    "email": "Hanitra@example.org",
    "name": "Hanitra",
    "country": "MG",
    "languages": ["mg", "fr"],
    "offices": ["steward"],
}
THEO = {"email": "theo@example.org", "name": "Theo", "country": "FR", "offices": ["treasurer"], "simulated": True}


@pytest.fixture
def found(tmp_path):
    """manage.py found with these members."""

    def run(*members, name="Les Canuts"):
        path = tmp_path / "founders.json"
        path.write_text(json.dumps({"name": name, "members": members}))
        call_command("found", "--file", str(path))

    return run


def test_the_founding_gives_rules_accounts_members_and_first_terms(found):
    found(HANITRA, THEO)

    now = coop_now()
    hanitra, theo = Member.objects.order_by("name")
    assert (hanitra.name, hanitra.country, hanitra.college) == ("Hanitra", "MG", "producer")
    assert hanitra.user.email == "hanitra@example.org"
    assert hanitra.holds("steward", now) and theo.holds("treasurer", now)
    assert theo.simulated and not hanitra.simulated
    assert in_force(now).rules.keys() == CATALOGUE.keys()
    assert Account.objects.exists()
    assert Period.objects.get().number == 1
    entry = json.loads(bytes(Entry.objects.get(kind="coop.founded").canonical))
    assert entry["payload"] == {"name": "Les Canuts", "members": 2, "rule_book": in_force(now).hash}


def test_nobody_founds_it_a_second_time(found):
    found(HANITRA, THEO)

    with pytest.raises(CommandError, match="already_founded"):
        found(HANITRA, THEO)

    assert Member.objects.count() == 2


def test_founding_gives_nobody_a_password_or_a_staff_power(found):
    found(HANITRA, THEO)

    assert not any(user.has_usable_password() for user in User.objects.all())
    assert not User.objects.filter(is_superuser=True).exists()


def test_a_founder_who_has_signed_up_already_keeps_her_account(found):
    hanitra = make.user("hanitra")

    found(HANITRA, THEO)

    assert Member.objects.get(user=hanitra).name == "Hanitra"


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ([THEO], "members"),
        ([HANITRA, HANITRA | {"email": "h@example.org"}], "members"),
        ([HANITRA, THEO | {"country": "France"}], "members.1.country"),
        ([HANITRA, THEO | {"email": "theo"}], "members.1.email"),
        ([THEO, THEO], "members.1.email"),
        ([HANITRA, THEO | {"offices": ["king"]}], "members.1.offices.0"),
        ([HANITRA, THEO | {"college": "boss"}], "members.1.college"),
        ([HANITRA, THEO | {"shares": 1000}], "members.1.shares"),
        ([HANITRA, {"email": "a@example.org", "country": "FR"}], "members.1.name"),
        ([THEO, "Hanitra"], "members.1"),
        ([THEO, HANITRA | {"offices": None}], "members.1.offices"),
        ([THEO, HANITRA | {"offices": 5}], "members.1.offices"),
        ([THEO, HANITRA | {"offices": "steward"}], "members.1.offices"),
        ([THEO, HANITRA | {"offices": {"treasurer": 1}}], "members.1.offices"),
        ([THEO, HANITRA | {"offices": ["steward", "steward"]}], "members.1.offices.1"),
        ([THEO, HANITRA | {"offices": [["steward"]]}], "members.1.offices.0"),
        ([THEO, HANITRA | {"name": "x" * 121}], "members.1.name"),
        ([THEO, HANITRA | {"name": 5}], "members.1.name"),
        ([THEO, HANITRA | {"email": "a" * 300 + "@example.org"}], "members.1.email"),
        ([THEO, HANITRA | {"email": ["a@example.org"]}], "members.1.email"),
        ([THEO, HANITRA | {"languages": "fr"}], "members.1.languages"),
        ([THEO, HANITRA | {"languages": ["x" * 300]}], "members.1.languages.0"),
        ([THEO, HANITRA | {"languages": ["fr", "fr"]}], "members.1.languages.1"),
        ([THEO, HANITRA | {"country": "ZZ"}], "members.1.country"),
        ([THEO, HANITRA | {"country": "MG\n!"}], "members.1.country"),
        ([THEO, HANITRA | {"simulated": "yes"}], "members.1.simulated"),
        ([THEO, HANITRA | {"simulated": None}], "members.1.simulated"),
        ([THEO, HANITRA | {"college": ["producer"]}], "members.1.college"),
        ([THEO, HANITRA | {"college": None}], "members.1.college"),
        ([THEO, HANITRA | {"engagement": {}}], "members.1.engagement"),
    ],
)
def test_a_charter_that_can_not_be_read_names_the_place_and_founds_nothing(found, members, place):
    with pytest.raises(CommandError, match=f"^{place}: .*charter_unreadable"):
        found(*members)

    assert not Member.objects.exists()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"name": "C", "rules": {"pay.hourly_floor": 1}, "members": []}', "rules: "),
        ('{"name": "C", "founders": [], "members": []}', "founders: "),
        ('{"name": "", "members": [{}, {}]}', "name: "),
        ('{"name": 5, "members": [{}, {}]}', "name: "),
        ('{"name": "%s", "members": [{}, {}]}' % ("C" * 121), "name: "),
        ('{"name": "C", "members": {}}', "members: "),
        ('{"name": "C", "members": [], "members": []}', "members: This field stands here twice"),
        ("[]", "A charter is described by fields"),
        ("null", "A charter is described by fields"),
    ],
)
def test_nothing_of_a_charter_is_left_out_in_silence(tmp_path, text, place):
    path = tmp_path / "founders.json"
    path.write_text(text)

    with pytest.raises(CommandError, match=place):
        call_command("found", "--file", str(path))

    assert not Member.objects.exists()
