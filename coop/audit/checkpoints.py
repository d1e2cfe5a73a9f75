"""Checkpoints of the log as C2SP signed notes: its name, size and root, signed with Ed25519. Pure.

The text is that of https://c2sp.org/tlog-checkpoint and https://c2sp.org/signed-note:

    canut.example/log
    1234
    <root, base64>

    — canut.example/log <base64 of the key's id (4 bytes) and the signature over the first three lines>
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
"""The kind of key in C2SP's identifiers."""
_NOTE = re.compile(
    r"(?P<text>(?P<origin>[^\n]+)\n(?P<size>0|[1-9]\d{0,15})\n(?P<root>[^\n]+)\n)\n(?P<signatures>(?:— [^\n]+\n)+)",
    re.ASCII,
)


@dataclass(frozen=True)
class LogKey:
    """The name of a log and the seed (32 bytes) of the key that signs for it."""

    origin: str
    seed: bytes

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    @property
    def verifier_key(self) -> str:
        """The public key as it is handed out: name+id+base64 (C2SP signed note)."""
        return f"{self.origin}+{_key_id(self.origin, self.public).hex()}+{_base64(ED25519 + self.public)}"

    def sign(self, *, size: int, root: bytes) -> str:
        """The checkpoint of a log of `size` entries under `root`."""
        text = f"{self.origin}\n{size}\n{_base64(root)}\n"
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return f"{text}\n— {self.origin} {_base64(_key_id(self.origin, self.public) + signature)}\n"


@dataclass(frozen=True)
class ReadCheckpoint:
    """A checkpoint as it was read: what it says, not yet whether that is true."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: tuple[tuple[str, bytes], ...]

    def signed_by(self, public: bytes) -> bool:
        """Whether one of the signatures is by this public key (32 bytes)."""
        for name, data in self.signatures:
            if data[:4] == _key_id(name, public):
                try:
                    Ed25519PublicKey.from_public_bytes(public).verify(data[4:], self.text.encode())
                except InvalidSignature:
                    continue
                return True
        return False


def read_checkpoint(note: str) -> ReadCheckpoint:
    """Read the text of a checkpoint. ValueError where it is none."""
    match = _NOTE.fullmatch(note)
    if match is None:
        raise ValueError("this is not the text of a checkpoint: name, size, root, an empty line, signatures")
    signatures = []
    for line in match["signatures"].splitlines():
        name, _, data = line.removeprefix("— ").rpartition(" ")
        signatures.append((name, _from_base64(data)))
    return ReadCheckpoint(
        origin=match["origin"],
        size=int(match["size"]),
        root=_from_base64(match["root"]),
        text=match["text"],
        signatures=tuple(signatures),
    )


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as wrong:
        raise ValueError(f"{text!r} is not base64") from wrong
