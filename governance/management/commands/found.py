"""manage.py found --file founders.json: the genesis of a co-operative."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from coop.ground.clock import coop_now
from coop.ground.errors import Refused
from coop.ground.strict_json import UnreadableJson, read_json
from governance.actions.founding import found, read_charter


class Command(BaseCommand):
    help = (
        "Found the co-operative: rules, accounts, founding members, first terms of office, first payout period. Once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--file",
            required=True,
            type=Path,
            help='JSON: {"name", "members": [{"email", "name", "country", "college", "languages", "engagement", "offices"}]}',
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            data = read_json(path.read_bytes())
        except OSError as error:
            raise CommandError(f"{path} can't be read: {error.strerror}") from None
        except UnreadableJson as wrong:
            raise CommandError(f"{path}: {wrong}") from None
        try:
            with transaction.atomic():
                members = found(charter=read_charter(data), now=coop_now())
        except Refused as refused:
            place = f"{refused.field}: " if refused.field else ""
            raise CommandError(f"{place}{refused} ({refused.code})") from None
        self.stdout.write(f"{data['name']} is founded by {len(members)} members.")
