"""A local stand-in for Stripe: it answers the real SDK over HTTP, remembers everything, and moves no money.

Run it with `python -m script.stripe_standin --port 8042 --data var/stripe-sandbox.sqlite3`. It needs the standard library
only. What it says and hears is checked in the tests against Stripe's own published specification.
"""
