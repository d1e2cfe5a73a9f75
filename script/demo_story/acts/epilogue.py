"""What is left open for visitors: work to take, a ballot to vote in, a transfer to confirm."""

from __future__ import annotations

from script.demo_story.acts import market
from script.demo_story.production import Production
from script.demo_story.stage import wait_until


def leave_something_to_do(production: Production) -> None:
    """A third register is paid and live, a fourth waits for its transfer, and a resolution is being voted on."""
    market.order_and_pay_by_checkout(production, name="third register", first=200, last=260)
    waiting = market.order_digits(production, name="fourth register", first=260, last=300)
    order = production.caller("clara").post(
        f"/api/v1/projects/{waiting['id']}/order/", {"method": "bank_transfer"}, key="order-fourth"
    )
    awa = production.caller("awa")
    proposal = awa.post(
        "/api/v1/proposals/",
        {
            "title": "Write to our clients that people made these labels",
            "text": "Each delivery should say, in its first line, that people did the work and how they were paid.",
            "language": "en",
            "change_set": [{"op": "resolution"}],
        },
    )
    awa.post(f"/api/v1/proposals/{proposal['id']}/submit/")
    production.advance(days=1, minutes=5)
    path = f"/api/v1/proposals/{proposal['id']}/"
    wait_until("the last ballot opens", lambda: production.public.get(path)["state"] == "voting")
    production.found_out(
        "left for visitors", "60 items to label, 1 ballot open", f"transfer {order['reference']} waits"
    )
