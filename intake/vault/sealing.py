"""Sealing a value for one place in the database, opening it there, and the hash by which it is found.

A token is ``<key id>.<base64url(nonce ‖ ciphertext ‖ tag)>``: AES-256-GCM (NIST SP 800-38D) with a random
96-bit nonce, far below 2^32 values a key at a county's size. The associated data is table, column and row
key: a token that was copied to another place does not open. Binary values carry the same without base64.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from intake.vault.keyring import Keyring, Keys

_NONCE = 12
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_Encrypt = Callable[[bytes, bytes, bytes], bytes]


class Unsealable(Exception):
    """A sealed value does not open: it was changed, copied from another place, or its key is gone."""


class Vault:
    """Seals and opens with the keys of one keyring. Thread-safe."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self._ciphers: dict[str, AESGCM] = {}
        self._current: tuple[Keys, tuple[str, _Encrypt]] | None = None
        self._hashers: dict[tuple[bytes, str], bytes] = {}

    # ------------------------------------------------------------ sealing

    def seal(self, place: str, row: str, text: str) -> str:
        """``text`` as a token for ``place`` ("table.column") in the row of this key."""
        id_, encrypt = self._sealer()
        nonce = os.urandom(_NONCE)
        content = nonce + encrypt(nonce, text.encode("utf-8"), f"{place}\0{row}".encode())
        return f"{id_}.{b2a_base64(content, newline=False).translate(_URL_SAFE).decode('ascii')}"

    def open(self, place: str, row: str, token: str) -> str:
        """What :meth:`seal` was given. Raises :class:`Unsealable`."""
        id_, dot, content = token.partition(".")
        if not dot:
            raise Unsealable("it is not sealed")
        try:
            sealed = urlsafe_b64decode(content)
        except ValueError as error:
            raise Unsealable("it was changed") from error
        return self._open(id_, place, row, sealed).decode("utf-8", "replace")

    def seal_bytes(self, place: str, row: str, content: bytes) -> bytes:
        """The same for bytes."""
        id_, encrypt = self._sealer()
        nonce = os.urandom(_NONCE)
        return b"%s.%s%s" % (id_.encode("ascii"), nonce, encrypt(nonce, content, f"{place}\0{row}".encode()))

    def open_bytes(self, place: str, row: str, token: bytes) -> bytes:
        """The same for bytes. Raises :class:`Unsealable`."""
        id_, dot, _ = bytes(token[:16]).partition(b".")
        if not dot:
            raise Unsealable("it is not sealed")
        return self._open(id_.decode("ascii", "replace"), place, row, token[len(id_) + 1 :])

    def _sealer(self) -> tuple[str, _Encrypt]:
        """The current key's id and its cipher: kept, since a dozen values are sealed for every case."""
        keys = self.keyring.keys()
        if self._current is None or self._current[0] is not keys:
            self._current = keys, (keys.current, self._cipher(keys.current).encrypt)
        return self._current[1]

    def _open(self, id_: str, place: str, row: str, sealed: bytes) -> bytes:
        try:
            return self._cipher(id_).decrypt(sealed[:_NONCE], sealed[_NONCE:], f"{place}\0{row}".encode())
        except (InvalidTag, ValueError) as error:
            raise Unsealable("it was changed, or sealed for another place") from error

    def _cipher(self, id_: str) -> AESGCM:
        cipher = self._ciphers.get(id_)
        if cipher is None:
            key = self.keyring.keys().data.get(id_) or self.keyring.again().data.get(id_)
            if key is None:
                raise Unsealable(f"its key {id_[:16]!r} is not in {self.keyring.path}")
            cipher = self._ciphers[id_] = AESGCM(key.secret)
        return cipher

    # ------------------------------------------------------------ finding again

    def hash(self, purpose: str, text: str) -> str:
        """The keyed hash of ``text`` for one ``purpose``: 64 hex digits of HMAC-SHA256 (RFC 2104).

        The same text has another hash for another purpose, so that columns cannot be compared.
        """
        lookup = self.keyring.keys().lookup
        key = self._hashers.get((lookup, purpose))
        if key is None:
            key = self._hashers[lookup, purpose] = hmac.digest(lookup, purpose.encode("utf-8"), "sha256")
        return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()

    def fingerprint(self, of: str = "lookup") -> str:
        """What may be known of a key: tells two keys apart and nothing else. ``of`` is a data key's id."""
        keys = self.keyring.keys()
        secret = keys.lookup if of == "lookup" else keys.data[of].secret
        return hashlib.sha256(b"huiyin fingerprint\0" + secret).hexdigest()[:16]
