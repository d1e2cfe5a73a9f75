"""`manage.py sandbox_cast FILE`: passwords and personal tokens for the people of a demonstration."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from coop.doors.actions import make_personal_token, prepare_person


class Command(BaseCommand):
    help = "Give the people in FILE (JSON: email, name, password, scopes) an account, a password and a token; print the tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("A cast exists in the sandbox only (CANUT_SANDBOX=1).")
        hashed = cache(make_password)  # the cast shares one password, and hashing is slow by design
        tokens = {}
        with transaction.atomic():
            for wanted in json.loads(options["file"].read_text()):
                person = prepare_person(
                    email=wanted["email"], name=wanted["name"], password_hash=hashed(wanted["password"])
                )
                _token, value = make_personal_token(by=person.actor, label="story", scopes=wanted["scopes"], days=30)
                tokens[person.email] = value
        self.stdout.write(json.dumps(tokens))
