"""The two pages a person sees: pay, and open an account. Both say loudly that no money moves."""

from __future__ import annotations

from html import escape
from typing import Any

Thing = dict[str, Any]

SHELL = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} (stand-in)</title>
<style>
 body {{ font: 1.05rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; background: #fff }}
 .banner {{ border: 3px dashed #8a4b00; background: #fff3d6; color: #402400; padding: .75rem 1rem; font-weight: 600 }}
 table {{ border-collapse: collapse; width: 100% }} td, th {{ padding: .4rem 0; border-bottom: 1px solid #ccc; text-align: start }}
 td:last-child, th:last-child {{ text-align: end; font-variant-numeric: tabular-nums }}
 button {{ font: inherit; padding: .7rem 1.4rem; margin: .3rem .3rem .3rem 0; border-radius: .4rem; border: 2px solid #1d4f2b; background: #1d4f2b; color: #fff }}
 button.other {{ background: #fff; color: #1d4f2b }}
</style></head><body>
<p class="banner" role="note">Stand-in for Stripe. No card is asked for, no money moves.<br>
<span lang="fr">Doublure de Stripe : aucune carte demandée, aucun argent ne bouge.</span></p>
{body}
</body></html>"""


def money(amount: int, currency: str) -> str:
    return f"{amount // 100}.{amount % 100:02d} {currency.upper()}"


def checkout(session: Thing, lines: list[list[Any]], notice: str = "") -> str:
    rows = "".join(
        f"<tr><td>{escape(str(name))}</td><td>{money(int(amount), session['currency'])}</td></tr>"
        for name, amount in lines
    )
    total = money(int(session["amount_total"]), session["currency"])
    if session["status"] == "open":
        action = (
            '<form method="post">'
            f'<button name="outcome" value="paid">Pay {total} (stand-in)</button>'
            '<button class="other" name="outcome" value="declined">Have the card declined</button>'
            '<button class="other" name="outcome" value="back">Go back without paying</button></form>'
        )
    else:
        action = f"<p>This payment is {escape(str(session['status']))}. There is nothing more to do here.</p>"
    said = f'<p role="alert"><strong>{escape(notice)}</strong></p>' if notice else ""
    body = (
        f"<h1>Pay {total}</h1>{said}<table><tr><th>For</th><th>Amount</th></tr>{rows}"
        f"<tr><th>Total</th><th>{total}</th></tr></table>{action}"
    )
    return SHELL.format(title="Pay", body=body)


def onboarding(account: Thing) -> str:
    state = escape(str(account["capabilities"].get("transfers")))
    body = (
        f"<h1>Open an account to be paid</h1><p>Account <code>{escape(account['id'])}</code>, "
        f"country {escape(str(account['country']))}. Transfers: {state}.</p>"
        '<form method="post"><button>Complete the papers (stand-in)</button></form>'
    )
    return SHELL.format(title="Open an account", body=body)


def plain(title: str, text: str) -> str:
    return SHELL.format(title=escape(title), body=f"<h1>{escape(title)}</h1><p>{escape(text)}</p>")
