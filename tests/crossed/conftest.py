"""The stand-in for Stripe, running."""

from tests.script.stripe_standin.running import account, on_stripe, standin, stripe_client

__all__ = ["account", "on_stripe", "standin", "stripe_client"]
