"""X-Wing (draft-connolly-cfrg-xwing-kem-08): opening, and whether something can be sealed to a key (section 4.2)."""

from __future__ import annotations

from hashlib import sha3_256, shake_256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .fault import Fault

PUBLIC, CIPHERTEXT = 1216, 1120
_LABEL = b"\\.//^\\"


def x25519(scalar: bytes, point: bytes) -> bytes:
    """X25519; ValueError where the result is all zeros."""
    return X25519PrivateKey.from_private_bytes(scalar).exchange(X25519PublicKey.from_public_bytes(point))


def can_seal_to(key: bytes) -> bool:
    """Whether the ML-KEM part is reduced (FIPS 203, 7.2) and the X25519 part is not of small order."""
    if len(key) != PUBLIC:
        return False
    for i in range(0, 1152, 3):
        a, b, c = key[i : i + 3]
        if a | (b & 15) << 8 >= 3329 or b >> 4 | c << 4 >= 3329:
            return False
    try:
        x25519(b"\x09" * 32, key[1184:])
    except ValueError:
        return False
    return True


def can_open() -> bool:
    """Whether this `cryptography` brings ML-KEM-768."""
    try:
        from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey

        MLKEM768PrivateKey.from_seed_bytes(bytes(64))
    except (ImportError, UnsupportedAlgorithm, InvalidSignature, AttributeError):
        return False
    return True


def decapsulate(seed: bytes, ciphertext: bytes) -> bytes:
    """The shared secret; `bad-ciphertext` where X25519 gives zeros."""
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey

    expanded = shake_256(seed).digest(96)
    ss_m = MLKEM768PrivateKey.from_seed_bytes(expanded[:64]).decapsulate(ciphertext[:1088])
    own, ct_x = expanded[64:], ciphertext[1088:]
    pk_x = X25519PrivateKey.from_private_bytes(own).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    try:
        ss_x = x25519(own, ct_x)
    except ValueError:
        raise Fault("bad-ciphertext", "X25519 gives zeros") from None
    return sha3_256(ss_m + ss_x + ct_x + pk_x + _LABEL).digest()
