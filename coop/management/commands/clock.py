"""`manage.py clock`: show the co-operative's clock, or move it forward in a sandbox."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections, utils


class Command(BaseCommand):
    help = "Show the co-operative's clock; `clock sandbox` declares a sandbox, `clock advance` moves it forward there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["show", "sandbox", "advance"], nargs="?", default="show")
        parser.add_argument("--days", type=int, default=0)
        parser.add_argument("--hours", type=int, default=0)
        parser.add_argument("--minutes", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        alias = "default" if options["what"] == "show" else "owner"
        if alias not in connections:
            raise CommandError("Moving the clock needs the owner role: set DATABASE_OWNER_URL.")
        ahead = timedelta(days=options["days"], hours=options["hours"], minutes=options["minutes"])
        with connections[alias].cursor() as cursor:
            try:
                if options["what"] == "sandbox":
                    cursor.execute("UPDATE sandbox_clock SET sandbox = true")
                elif options["what"] == "advance":
                    cursor.execute(
                        "UPDATE sandbox_clock SET ahead_by = ahead_by + %s::interval",
                        [f"{ahead.total_seconds():.0f} seconds"],
                    )
            except utils.IntegrityError as error:
                raise CommandError(
                    "The clock was not moved: this co-operative is not a sandbox, or the clock would go backwards."
                ) from error
            cursor.execute("SELECT coop_now(), ahead_by, sandbox FROM sandbox_clock")
            now, ahead_by, sandbox = cursor.fetchone()
        self.stdout.write(f"{now.isoformat()} ({ahead_by} ahead{', sandbox' if sandbox else ''})")
