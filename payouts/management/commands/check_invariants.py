"""`manage.py check_invariants`: ask every view of what must never be seen, and check the chain of the ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coop.ground import invariants
from payouts.ledger.actions import broken_links


class Command(BaseCommand):
    help = "Check that the books contradict themselves nowhere and are as they were chained."

    def handle(self, *args: Any, **options: Any) -> None:
        broken, links = invariants.broken(), broken_links()
        for name in invariants.names():
            self.stdout.write(f"{'BROKEN' if name in broken else 'ok    '} {name}")
            for row in broken.get(name, []):
                self.stdout.write(f"       {row}")
        for problem in links:
            self.stdout.write(f"BROKEN chain: {problem}")
        if broken or links:
            raise CommandError("The books contradict themselves.")
        self.stdout.write("The books are right and as they were chained.")
