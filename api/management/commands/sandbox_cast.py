"""`manage.py sandbox_cast FILE`: passwords and personal tokens for the people of a demonstration."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from api.actions import make_personal_token
from coop.members.models import User


class Command(BaseCommand):
    help = "Give the people in FILE (JSON: email, name, password, scopes) an account, a password and a token; print the tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("A cast exists in the sandbox only (CANUT_SANDBOX=1).")
        tokens = {}
        with transaction.atomic():
            for wanted in json.loads(options["file"].read_text()):
                person = User.objects.filter(email=wanted["email"]).first()
                if person is None:
                    person = User.objects.create_user(wanted["email"], name=wanted["name"], simulated=True)
                person.set_password(wanted["password"])
                User.objects.filter(pk=person.pk).update(password=person.password)
                EmailAddress.objects.get_or_create(
                    user=person, email=person.email, defaults={"verified": True, "primary": True}
                )
                _token, value = make_personal_token(by=person, label="story", scopes=wanted["scopes"], days=30)
                tokens[person.email] = value
        self.stdout.write(json.dumps(tokens))
