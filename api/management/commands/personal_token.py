"""`manage.py personal_token --email hanitra@example.org --scope work --scope vote`: a token for scripts and the demonstration."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from coop.doors.actions import make_personal_token
from coop.doors.scopes import SCOPES
from coop.members.models import User


class Command(BaseCommand):
    help = "Make a personal token and print it. Only in the sandbox: elsewhere a person makes their own, on their page."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument(
            "--scope", action="append", choices=sorted(SCOPES), help="may be repeated; all scopes when left out"
        )
        parser.add_argument("--days", type=int, default=30)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("Tokens of other people can be made in the sandbox only (CANUT_SANDBOX=1).")
        person = User.objects.filter(email=options["email"].lower()).first()
        if person is None:
            raise CommandError(f"Nobody here has the address {options['email']}.")
        _token, value = make_personal_token(
            by=person.actor, label="command line", scopes=options["scope"] or list(SCOPES), days=options["days"]
        )
        self.stdout.write(value)
