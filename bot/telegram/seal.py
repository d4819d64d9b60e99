"""Makes what has to wait on the disk unreadable there: encryption and pseudonyms under keys made from the bot's token.

The token comes from the environment and is never written, so that the file alone tells nobody anything.
"""

import base64
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12
PSEUDONYM = 15


class SealBroken(Exception):
    """The content was sealed under another token, belongs elsewhere, or is damaged."""


class Seal:
    """`salt` is random bytes that lie beside the sealed contents; only `token` is secret."""

    def __init__(self, token: str, salt: bytes):
        self._box = AESGCM(self._key(token, salt, b"contents"))
        self._names = self._key(token, salt, b"names")

    @staticmethod
    def _key(token: str, salt: bytes, purpose: bytes) -> bytes:
        return HKDF(SHA256(), 32, salt, b"yanapay telegram " + purpose).derive(token.encode())

    def close(self, content: bytes, place: str) -> bytes:
        """Encrypted and authenticated (AES-GCM); it opens under the same `place` only."""
        nonce = os.urandom(NONCE)
        return nonce + self._box.encrypt(nonce, content, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Raises SealBroken."""
        try:
            return self._box.decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(place) from error

    def pseudonym(self, *parts: int) -> str:
        """20 characters that stand for ids (a chat, a person in a group) and cannot be told back without the token."""
        digest = hmac.digest(self._names, ":".join(map(str, parts)).encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:PSEUDONYM]).decode()


def webhook_secret(token: str) -> str:
    """What Telegram repeats with each update; the same on every gateway and after a restart."""
    return hmac.new(token.encode(), b"yanapay webhook", "sha256").hexdigest()
