"""Domain separation (section 2): H, KDF, what is signed, and the closed table of labels."""

from __future__ import annotations

from hashlib import blake2b

LABELS = {
    "hash": "org names member device list-leaf list prekey room entry content envelope epoch epoch-commit epoch-tag kem"
    " join report roster file file-chunk verification".split(),
    "key": "aead bucket message packet-root packet-key packet-next rendezvous-room file-nonce drill-time topic-room"
    " topic-file topic-inbox".split(),
    "sign": "certificate possession list admission access prekey entry epoch grant need have want".split(),
}


def u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


def u32(value: int) -> bytes:
    return value.to_bytes(4, "big")


def dom(space: str, label: str, *parts: bytes) -> bytes:
    """dom(space, L, p1, …): each part with its length in front. A label outside the table is refused."""
    assert label in LABELS[space], label
    return f"muster/1/{space}/{label}".encode() + b"\0" + b"".join(u32(len(p)) + p for p in parts)


def h(label: str, *parts: bytes) -> bytes:
    """H(L, p…) = BLAKE2b-256."""
    return blake2b(dom("hash", label, *parts), digest_size=32).digest()


def kdf(key: bytes, label: str, size: int, *parts: bytes) -> bytes:
    """KDF(k, L, n, p…): keyed BLAKE2b with n bytes of output."""
    return blake2b(dom("key", label, *parts), key=key, digest_size=size).digest()
