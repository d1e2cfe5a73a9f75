import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from coop.audit.checkpoints import LogKey, _key_id, read_checkpoint

KEY = LogKey("canut.example/log", bytes([1]) * 32)
ROOT = hashlib.sha256(b"root").digest()
# The note and the verifier key in the documentation of Go's golang.org/x/mod/sumdb/note, where C2SP's signed notes come from.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="


def test_a_checkpoint_is_read_as_it_was_signed():
    read = read_checkpoint(KEY.sign(size=12, root=ROOT))

    assert (read.origin, read.size, read.root) == ("canut.example/log", 12, ROOT)
    assert read.signed_by(KEY.public)


def test_another_key_did_not_sign_it():
    read = read_checkpoint(KEY.sign(size=12, root=ROOT))

    assert not read.signed_by(LogKey("canut.example/log", bytes([2]) * 32).public)


@pytest.mark.parametrize("change", [("12\n", "13\n"), ("canut", "other")])
def test_a_changed_checkpoint_is_not_signed(change):
    note = KEY.sign(size=12, root=ROOT)
    text, mark, signatures = note.partition("\n\n")

    assert not read_checkpoint(text.replace(*change) + mark + signatures).signed_by(KEY.public)


@pytest.mark.parametrize(
    "note", ["", "\n", "a\n1\nAA==\n", "a\n01\nAA==\n\n— a AA==\n", "a\n1\n!!\n\n— a AA==\n", "a\n1\nAA==\n\na AA==\n"]
)
def test_what_is_not_a_checkpoint_is_not_read(note):
    with pytest.raises(ValueError, match=r"checkpoint|base64"):
        read_checkpoint(note)


def test_names_and_ids_of_keys_are_those_of_the_signed_note_format():
    """The id in a published verifier key is found again from its name and bytes, and its published signature verifies."""
    name, identifier, encoded = GO_KEY.split("+", 2)
    public = base64.b64decode(encoded)[1:]
    signature = base64.b64decode(GO_SIGNATURE)

    assert _key_id(name, public).hex() == identifier == signature[:4].hex()
    Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], GO_TEXT.encode())
