"""python -m script.stripe_standin --port N --data FILE"""

from __future__ import annotations

import argparse
import signal
import threading
from types import FrameType

from .control import set_endpoint
from .server import Sandbox


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(
        prog="script.stripe_standin", description="A local stand-in for Stripe. No money moves."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8042)
    parser.add_argument("--data", default="stripe-sandbox.sqlite3", help="file that survives a restart")
    parser.add_argument("--public-url", default="", help="how a browser reaches it, if not by host and port")
    parser.add_argument("--fee-bp", type=int, default=0, help="fee on payments, in basis points")
    parser.add_argument("--fee-fixed", type=int, default=0, help="fee on payments, in minor units")
    parser.add_argument("--webhook", metavar="URL", default="", help="send every event there")
    parser.add_argument("--webhook-secret", default="", help="and sign it with this")
    args = parser.parse_args()
    if bool(args.webhook) != bool(args.webhook_secret):
        parser.error("--webhook and --webhook-secret go together")

    server = Sandbox(
        data=args.data,
        host=args.host,
        port=args.port,
        public_url=args.public_url,
        fee_bp=args.fee_bp,
        fee_fixed=args.fee_fixed,
    )
    if args.webhook:
        with server.store.transaction():
            set_endpoint(server, args.webhook, args.webhook_secret)

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.close).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"Stand-in for Stripe on {server.url} (no money moves)", flush=True)
    server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
