"""Ed25519 verification as section 1 asks: small-order keys and unreduced S refused, the cofactor not cleared."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .fault import need
from .hashing import dom

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def _y(key: bytes) -> int:
    return int.from_bytes(key, "little") & (2**255 - 1)


def _small_order_y() -> frozenset[int]:
    """The y of the points whose eightfold is the neutral one: ±1 (orders 1 and 2), 0 (order 4), and the four of order 8.

    A point of order 8 doubles to one with y = 0: x² = −y², and with the curve −x² + y² = 1 + d·x²·y², so
    d·y⁴ + 2·y² − 1 = 0, that is y² = (−1 ± √(1 + d)) / d.
    """
    root = _sqrt((1 + D) % P)
    found = {0, 1, P - 1}
    for sign in (root, P - root):
        square = (sign - 1) * pow(D, P - 2, P) % P
        if pow(square, (P - 1) // 2, P) == 1:
            y = _sqrt(square)
            found |= {y, P - y}
    return frozenset(found)


def _sqrt(a: int) -> int:
    root = pow(a, (P + 3) // 8, P)
    if root * root % P != a % P:
        root = root * pow(2, (P - 1) // 4, P) % P
    assert root * root % P == a % P
    return root


SMALL = _small_order_y()


def is_small_order(key: bytes) -> bool:
    """Whether these 32 bytes stand for a point of small order, in whatever encoding."""
    return _y(key) % P in SMALL


def verify_raw(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature holds. Wrong sizes do not hold; they are no other error."""
    if len(key) != 32 or len(signature) != 64:
        return False
    if _y(key) >= P or is_small_order(key):  # beyond the words of the page: one key, one encoding
        return False
    if int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    if is_small_order(signature[:32]):  # as libsodium; the page says only "has a part of small order"
        return False
    try:  # OpenSSL computes R again and compares its bytes: no cofactor, and one encoding of R
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def holds(key: bytes, signature: bytes, label: str, *parts: bytes) -> bool:
    """Whether `signature` is Sig(…, label, parts) by `key` (section 2)."""
    return verify_raw(key, signature, dom("sign", label, *parts))


def check(key: bytes, signature: bytes, label: str, *parts: bytes) -> None:
    """Refuses with `bad-signature`."""
    need(holds(key, signature, label, *parts), "bad-signature", label)
