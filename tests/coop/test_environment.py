"""A bad setting stops the start, and is named with what it takes."""

import json
import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from coop import environment
from tests.structure.source import ROOT

PRODUCTION = {
    "CANUT_SITE_URL": "https://coop.example",
    "CANUT_HOSTS": "coop.example",
    "CANUT_SECRET_KEY": "s" * 64,
    "CANUT_LOG_KEY": "0a" * 32,
    "CANUT_DETAILS_KEY": "0b" * 32,
    "CANUT_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "DATABASE_URL": "postgresql://canut_app:secret@db.example/canut",
    "BROKER_URL": "amqp://queue.example/",
}
# Runs settings.py once for each environment it is given, and prints what went wrong.
TRY = """
import json, os, runpy, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "coop.settings"
clean = dict(os.environ)
said = []
for given in json.load(sys.stdin):
    os.environ.clear()
    os.environ |= clean | given
    try:
        values = runpy.run_path("coop/settings.py")
        said.append({name: values[name] for name in ("SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "DEBUG", "SANDBOX")})
    except Exception as wrong:
        said.append(f"{type(wrong).__name__}: {wrong}")
json.dump(said, sys.stdout)
"""


def settings_with(*environments: dict[str, str]) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-c", TRY],
        cwd=ROOT,
        input=json.dumps(environments),
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )
    said: list[object] = json.loads(done.stdout)
    return said


def test_production_starts_with_every_required_setting_and_is_secure():
    (values,) = settings_with(PRODUCTION)

    assert values == {"SESSION_COOKIE_SECURE": True, "SECURE_SSL_REDIRECT": True, "DEBUG": False, "SANDBOX": False}


def test_without_a_required_setting_nothing_starts_and_it_is_named():
    required = sorted(PRODUCTION.keys() - {"CANUT_HOSTS"})

    said = settings_with(*({key: PRODUCTION[key] for key in PRODUCTION if key != name} for name in required))

    for name, refusal in zip(required, said, strict=True):
        assert str(refusal).startswith(f"ImproperlyConfigured: {name} is not set")


def test_a_bad_value_stops_the_start_and_is_named():
    bad = [
        ("CANUT_SANDBOX", "yes"),
        ("CANUT_EMAIL_PORT", "smtp"),
        ("CANUT_LOG_KEY", "abc"),
        ("DATABASE_URL", "mysql://db.example/canut"),
        ("DATABASE_URL", "postgresql://db.example:http/canut"),
        ("DATABASE_OWNER_URL", "postgresql://db.example"),
        ("BROKER_URL", "queue.example"),
        ("BROKER_URL", "kafka://queue.example/"),
        ("CANUT_SITE_URL", "coop.example"),
    ]

    said = settings_with(*(PRODUCTION | {name: value} for name, value in bad))

    for (name, _value), refusal in zip(bad, said, strict=True):
        assert str(refusal).startswith(f"ImproperlyConfigured: {name} ")
        assert "it takes" in str(refusal)


def test_a_key_that_is_wrong_is_not_shown(monkeypatch):
    monkeypatch.setenv("CANUT_LOG_KEY", "not-quite-a-secret")

    with pytest.raises(ImproperlyConfigured) as refusal:
        environment.key32("CANUT_LOG_KEY")

    assert "not-quite-a-secret" not in str(refusal.value)


def test_a_socket_may_stand_in_the_query_of_an_address():
    settings = environment.database("DATABASE_URL", "postgresql://canut_app@/canut?host=/run/pg")

    assert (settings["HOST"], settings["NAME"], settings["USER"]) == ("/run/pg", "canut", "canut_app")


def test_the_brokers_password_is_not_shown_when_its_address_is_wrong():
    with pytest.raises(ImproperlyConfigured) as refusal:
        environment.broker("BROKER_URL", "kafka://canut:hidden@queue.example/")

    assert "hidden" not in str(refusal.value)
