"""`manage.py pg`: the embedded PostgreSQL, when CANUT_EMBEDDED=1 asks for it."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coop.embedded import cluster as embedded
from coop.ground import roles


class Command(BaseCommand):
    help = "Start, stop or look at the embedded PostgreSQL; `pg sql` prints what a server of your own needs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["start", "stop", "status", "sql"])

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "sql":
            self.stdout.write(f"-- once, as a superuser\n{roles.ROLES_SQL}")
            self.stdout.write(f"-- in the co-operative's database, which {roles.OWNER_ROLE} owns, as a superuser")
            self.stdout.write(roles.DATABASE_SQL)
            return
        if os.environ.get("CANUT_EMBEDDED") != "1":
            raise CommandError(
                "The embedded PostgreSQL is off: set CANUT_EMBEDDED=1, or name a server in DATABASE_URL."
            )
        cluster = embedded.home(os.environ)
        if options["what"] == "start":
            embedded.ensure(os.environ)
        elif options["what"] == "stop":
            cluster.stop()
        running = cluster.running()
        self.stdout.write(
            f"PostgreSQL in {cluster.data} {'answers on ' + str(cluster.socket) if running else 'is stopped'}."
        )
