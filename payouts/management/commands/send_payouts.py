"""`manage.py send_payouts`: reserve, send and settle now what beat would, for as many rounds as asked."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from coop.ground.clock import coop_now, wall_now
from payouts.actions.execution import advance_payout_items


class Command(BaseCommand):
    help = "Do now what beat does every few seconds with approved runs: reserve, send, look up, settle."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rounds", type=int, default=1)
        parser.add_argument("--pause", type=int, default=1, metavar="SECONDS", help="between two rounds")

    def handle(self, *args: Any, **options: Any) -> None:
        for n in range(options["rounds"]):
            if n:
                time.sleep(options["pause"])
            steps = advance_payout_items(now=coop_now(), wall=wall_now())
            self.stdout.write(f"round {n + 1}: {steps} steps")
            self.stdout.flush()
