"""`python -m script.demo_story [--once] [--port N]`: set the stage, tell the story, then serve it or stop everything."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from script.demo_story.stage import ROOT, StepFailed


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/demo", description="A whole co-operative on this machine, with a story in it."
    )
    parser.add_argument(
        "--once", action="store_true", help="tell the story, print what really happened, stop everything; exit 0 or 1"
    )
    parser.add_argument(
        "--port", type=int, default=8000, help="the port of the site (8000); the Stripe stand-in takes the next one"
    )
    parser.add_argument(
        "--reset", action="store_true", help="forget the co-operative of the last demonstration and found it anew"
    )
    return parser.parse_args()


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Exit 0 when the whole story happened, 1 naming the step that failed."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _interrupted)
    from script.demo_story.production import Production  # noqa: PLC0415 (after --help, which needs nothing)
    from script.demo_story.story import STEPS  # noqa: PLC0415

    folder = ROOT / "var" / ("demo-once" if arguments.once else "demo")
    production = Production(folder=folder, port=arguments.port)
    started = time.monotonic()
    try:
        if arguments.once or arguments.reset or not production.told():
            production.clear()
        production.open()
        if production.told():
            print("The story of this co-operative was told earlier; --reset founds a new one.")
            failed = None
        else:
            failed = production.tell(STEPS)
        if arguments.once:
            production.print_figures(failed, seconds=time.monotonic() - started)
            return 1 if failed else 0
        production.print_addresses(failed)
        while True:
            time.sleep(1)
            production.stage.check()
    except StepFailed as wrong:
        print(f"FAILED: {wrong}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopping.")
        return 1 if arguments.once else 0
    finally:
        production.close()


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(Path.cwd()))
    sys.exit(main())
