"""Members' rail details at rest: AES-256-GCM under the key of the settings.

A sealed value is one version byte, a nonce of twelve bytes and the ciphertext. What the value is about is authenticated with
it, so that one row's secret can't be moved into another.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = b"\x01"
NONCE_BYTES = 12


def seal(secret: bytes, *, about: str) -> bytes:
    """The secret, unreadable without the key and bound to what it is about."""
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + AESGCM(settings.DETAILS_KEY).encrypt(nonce, secret, about.encode())


def unseal(sealed: bytes, *, about: str) -> bytes:
    """The secret again; cryptography.exceptions.InvalidTag where key, value or `about` is not the one it was sealed with."""
    sealed = bytes(sealed)
    if sealed[:1] != VERSION:
        raise ValueError("sealed in a form this version does not know")
    nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    return AESGCM(settings.DETAILS_KEY).decrypt(nonce, ciphertext, about.encode())


def blind(value: str) -> str:
    """A keyed digest by which a value can be recognised but not read."""
    return hmac.new(settings.DETAILS_KEY, b"blind\0" + value.encode(), hashlib.sha256).hexdigest()
