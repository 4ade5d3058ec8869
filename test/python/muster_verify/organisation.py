"""Genesis, root and custodian signatures (5.1), and device certificates (5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Sequence

from . import ed25519
from .cbor import ID, SIGNATURE, TIME, U8, array, decode, octets, record, text, uint
from .fault import need
from .hashing import h

GENESIS = record(
    {
        1: ("suite", U8),
        2: ("name", text(120)),
        3: ("threshold", uint()),
        4: ("custodians", array(record({1: ("name", text(120)), 2: ("key", ID)}), 15)),
        5: ("salt", ID),
    }
)
ROOT = record({1: ("suite", U8), 2: ("threshold", uint()), 3: ("keys", array(ID, 15)), 4: ("names", ID)})
SIGNATURES = array(record({1: ("position", uint(14)), 2: ("signature", SIGNATURE)}), 15)


def _head(major: int, value: int) -> bytes:
    for info, most in ((None, 24), (24, 256), (25, 65536)):
        if value < most:
            return bytes([major << 5 | value]) if info is None else bytes([major << 5 | info]) + value.to_bytes(
                1 << (info - 24), "big"
            )
    raise ValueError(value)


def _text(value: str) -> bytes:
    data = value.encode()
    return _head(3, len(data)) + data


def _array(items: Sequence[bytes]) -> bytes:
    return _head(4, len(items)) + b"".join(items)


@dataclass(frozen=True)
class Organisation:
    """What a root says; the names are there if it was read from a genesis."""

    id: bytes
    threshold: int
    keys: tuple[bytes, ...]
    name: str | None = None
    custodians: tuple[str, ...] = ()


def _sound(threshold: int, keys: Sequence[bytes]) -> None:
    need(1 <= threshold <= len(keys), "malformed", "threshold")
    need(len(set(keys)) == len(keys), "malformed", "a key twice")


def read_root(data: bytes) -> Organisation:
    """A root, as relays get it."""
    root = decode(ROOT, data)
    _sound(root["threshold"], root["keys"])
    need(root["suite"] == 1, "unknown-suite")
    return Organisation(h("org", data), root["threshold"], tuple(root["keys"]))


def read_genesis(data: bytes) -> Organisation:
    """A genesis; its root is made from it and gives the fingerprint."""
    genesis = decode(GENESIS, data)
    keys = [c["key"] for c in genesis["custodians"]]
    _sound(genesis["threshold"], keys)
    need(genesis["suite"] == 1, "unknown-suite")
    people = tuple(c["name"] for c in genesis["custodians"])
    names = b"\xa2\x01" + _text(genesis["name"]) + b"\x02" + _array([_text(p) for p in people])
    root = (
        b"\xa4\x01\x01\x02"
        + _head(0, genesis["threshold"])
        + b"\x03"
        + _array([b"\x58\x20" + k for k in keys])
        + b"\x04\x58\x20"
        + h("names", genesis["salt"], names)
    )
    return Organisation(h("org", root), genesis["threshold"], tuple(keys), genesis["name"], people)


def check_custodians(org: Organisation, signatures: Sequence[dict[str, Any]], label: str, signed: bytes) -> list[int]:
    """Who signed. All that are there must be good, then there must be enough."""
    seen: list[int] = []
    for one in signatures:
        place = one["position"]
        need(place < len(org.keys) and place not in seen, "bad-signature", "names no custodian, or one twice")
        ed25519.check(org.keys[place], one["signature"], label, signed)
        seen.append(place)
    need(len(seen) >= org.threshold, "threshold")
    return seen


CERTIFICATE = record({1: ("body", octets(512)), **{n: (f"by{n}", SIGNATURE) for n in (2, 3, 4, 5)}})
CERTIFIED = record(
    {
        1: ("suite", U8),
        2: ("member", ID),
        3: ("sign", ID),
        4: ("access", ID),
        5: ("evidence", ID),
        6: ("created", TIME),
        7: ("name", text(60)),
    }
)


@dataclass(frozen=True)
class Certificate:
    """A device as its member certified it."""

    id: bytes
    member: bytes
    sign: bytes
    access: bytes
    evidence: bytes
    name: str
    created: int


def read_certificate(data: bytes, identity: bytes) -> Certificate:
    """Reads a certificate against an identity key."""
    outer = decode(CERTIFICATE, data, 1024)
    body = decode(CERTIFIED, outer["body"])
    need(body["suite"] == 1, "unknown-suite")
    need(body["member"] == h("member", identity), "not-a-member", "of another identity")
    ed25519.check(identity, outer["by2"], "certificate", outer["body"])
    for field, key in ((3, "sign"), (4, "access"), (5, "evidence")):
        ed25519.check(body[key], outer[f"by{field}"], "possession", outer["body"])
    return Certificate(
        h("device", body["sign"]),
        body["member"],
        body["sign"],
        body["access"],
        body["evidence"],
        body["name"],
        body["created"],
    )
