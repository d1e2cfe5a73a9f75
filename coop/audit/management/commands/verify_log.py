"""manage.py verify_log [--checkpoint FILE]"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coop.audit.checkpoints import ReadCheckpoint, read_checkpoint
from coop.audit.models import Checkpoint
from coop.audit.verification import verify_log
from coop.ground.clock import coop_now


class Command(BaseCommand):
    help = "Check the audit log from its first entry; fails on any edit, gap, forgery or entry left unsealed too long."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--checkpoint", help="a file with a checkpoint kept from earlier, that the log must still begin with"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = verify_log(now=coop_now(), kept=_kept(options["checkpoint"]))
        for sentence in found:
            self.stderr.write(sentence)
        if found:
            raise CommandError(f"the log does not hold: {len(found)} faults")
        latest = Checkpoint.objects.latest_one()
        self.stdout.write(f"the log holds: {latest.size if latest else 0} entries, each in its place")


def _kept(path: str | None) -> ReadCheckpoint | None:
    if path is None:
        return None
    try:
        return read_checkpoint(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise CommandError(f"{path}: {wrong}") from None
