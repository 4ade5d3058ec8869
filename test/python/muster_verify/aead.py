"""The one cipher (section 4.1) and padding (section 4.7)."""

from __future__ import annotations

import hmac
from struct import pack, unpack

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from .fault import Fault, need
from .hashing import kdf

_MASK = 0xFFFFFFFF
_ROUNDS = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)  # fmt: skip


def hchacha20(key: bytes, nonce16: bytes) -> bytes:
    """HChaCha20 (draft-irtf-cfrg-xchacha-03, section 2.2)."""
    s = list(unpack("<16I", b"expand 32-byte k" + key + nonce16))
    for _ in range(10):
        for a, b, c, d in _ROUNDS:
            for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                s[x] = (s[x] + s[y]) & _MASK
                mixed = s[z] ^ s[x]
                s[z] = ((mixed << turn) | (mixed >> (32 - turn))) & _MASK
    return pack("<8I", *s[:4], *s[12:])


def xchacha_open(key: bytes, nonce: bytes, aad: bytes, sealed: bytes) -> bytes:
    """XChaCha20-Poly1305; `bad-ciphertext` where the tag does not fit."""
    try:
        return ChaCha20Poly1305(hchacha20(key, nonce[:16])).decrypt(b"\0\0\0\0" + nonce[16:], sealed, aad)
    except (InvalidTag, ValueError):
        raise Fault("bad-ciphertext") from None


def open_sealed(key: bytes, aad: bytes, sealed: bytes) -> bytes:
    """Opens what section 4.1 seals: length, commitment, then the cipher."""
    need(len(sealed) >= 72, "malformed", "shorter than an AEAD")
    nonce, com = sealed[:24], sealed[24:56]
    both = kdf(key, "aead", 64, nonce, aad)
    need(hmac.compare_digest(both[32:], com), "bad-commitment")
    return xchacha_open(both[:32], nonce, com, sealed[56:])


def seal(key: bytes, nonce: bytes, aad: bytes, plain: bytes) -> bytes:
    """Seals as section 4.1 says, under a nonce that is given."""
    both = kdf(key, "aead", 64, nonce, aad)
    cipher = ChaCha20Poly1305(hchacha20(both[:32], nonce[:16]))
    return nonce + both[32:] + cipher.encrypt(b"\0\0\0\0" + nonce[16:], plain, both[32:])


def padded_size(length: int) -> int:
    """The size of pad(x) for |x| = length."""
    size = 4 + length
    if size <= 256:
        return 256
    e = size.bit_length() - 1
    s = e.bit_length()  # ⌊log2 e⌋ + 1
    step = 1 << (e - s)
    return -(-size // step) * step


def unpad(padded: bytes) -> bytes:
    """The text of pad(text); `bad-padding` for any other form."""
    need(len(padded) >= 256, "bad-padding", "shorter than 256")
    length = int.from_bytes(padded[:4], "big")
    need(length <= len(padded) - 4, "bad-padding", "the length does not fit")
    need(padded_size(length) == len(padded), "bad-padding", "not the size of this length")
    need(not any(padded[4 + length :]), "bad-padding", "the rest is not zero")
    return padded[4 : 4 + length]
