"""SSHSIG, OpenSSH's PROTOCOL.sshsig, with ssh-ed25519 alone: how the evidence key signs the list of files of a pack."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from binascii import Error
from dataclasses import dataclass

from .ed25519 import verify_raw

BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"


class BadSshSig(ValueError):
    """Says what does not hold."""


class _Strings:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def take(self, count: int) -> bytes:
        if count > len(self.data):
            raise BadSshSig("ends early")
        out, self.data = self.data[:count], self.data[count:]
        return out

    def next(self) -> bytes:
        return self.take(int.from_bytes(self.take(4), "big"))

    def end(self) -> None:
        if self.data:
            raise BadSshSig("bytes after the end")


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def ed25519_key(blob: bytes) -> bytes:
    """The 32 bytes of an ssh-ed25519 public key or signature blob."""
    parts = _Strings(blob)
    if parts.next() != b"ssh-ed25519":
        raise BadSshSig("not ssh-ed25519")
    out = parts.next()
    parts.end()
    return out


@dataclass(frozen=True)
class Signer:
    """One line of allowed_signers."""

    principal: str
    namespaces: tuple[str, ...]
    key: bytes


def read_signer(text: str) -> Signer:
    """The one line `principal namespaces="…" ssh-ed25519 KEY`."""
    lines = [x for x in text.splitlines() if x and not x.startswith("#")]
    words = lines[0].split(" ") if len(lines) == 1 else []
    if len(words) != 4 or words[2] != "ssh-ed25519" or not words[1].startswith('namespaces="'):
        raise BadSshSig("allowed_signers is not one line of the expected form")
    try:
        blob = b64decode(words[3], validate=True)
    except Error:
        raise BadSshSig("a key that is not base64") from None
    return Signer(words[0], tuple(words[1][len('namespaces="') : -1].split(",")), ed25519_key(blob))


def check(armoured: str, message: bytes, signer: Signer, namespace: str) -> None:
    """Refuses unless this is a signature by the signer over the message in the namespace."""
    lines = armoured.strip().splitlines()
    if lines[0] != BEGIN or lines[-1] != END:
        raise BadSshSig("no armour")
    try:
        parts = _Strings(b64decode("".join(lines[1:-1]), validate=True))
    except Error:
        raise BadSshSig("not base64") from None
    if parts.take(6) != b"SSHSIG" or parts.take(4) != b"\0\0\0\1":
        raise BadSshSig("another version")
    key, space, reserved, algorithm, blob = (parts.next() for _ in range(5))
    parts.end()
    if ed25519_key(key) != signer.key:
        raise BadSshSig("another key than in allowed_signers")
    if space != namespace.encode() or namespace not in signer.namespaces:
        raise BadSshSig("another namespace")
    if algorithm not in (b"sha512", b"sha256"):
        raise BadSshSig("unknown hash")
    digest = hashlib.new(algorithm.decode(), message).digest()
    signed = b"SSHSIG" + _string(space) + _string(reserved) + _string(algorithm) + _string(digest)
    if not verify_raw(signer.key, ed25519_key(blob), signed):
        raise BadSshSig("the signature does not hold")
