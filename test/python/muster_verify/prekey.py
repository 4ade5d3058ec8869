"""Prekey records (section 4.2)."""

from __future__ import annotations

from dataclasses import dataclass

from . import ed25519, xwing
from .cbor import ID, SIGNATURE, TIME, U8, U32, decode, exactly, octets, record
from .fault import need
from .hashing import h

RECORD = record({1: ("body", octets(1400)), 2: ("signature", SIGNATURE)})
BODY = record(
    {
        1: ("suite", U8),
        2: ("device", ID),
        3: ("seq", U32),
        4: ("previous?", ID),
        5: ("key", exactly(xwing.PUBLIC)),
        6: ("created", TIME),
        7: ("not_after", TIME),
    }
)


@dataclass(frozen=True)
class Prekey:
    """A record that was read."""

    id: bytes
    device: bytes
    seq: int
    previous: bytes | None
    key: bytes
    created: int
    not_after: int


def read_prekey(data: bytes, device: bytes, sign_key: bytes) -> Prekey:
    """Reads the record of a known device."""
    outer = decode(RECORD, data, 1500)
    body = decode(BODY, outer["body"])
    need((body["seq"] == 0) == ("previous" not in body), "malformed", "previous and position")
    need(body["suite"] == 1, "unknown-suite")
    need(body["device"] == device, "out-of-place", "of another device")
    ed25519.check(sign_key, outer["signature"], "prekey", outer["body"])
    need(xwing.can_seal_to(body["key"]), "malformed", "nothing can be sealed to it")
    return Prekey(
        h("prekey", data),
        device,
        body["seq"],
        body.get("previous"),
        body["key"],
        body["created"],
        body["not_after"],
    )


def is_newer(known: Prekey, came: Prekey) -> bool:
    """Compares a record that comes with the newest known one of the device; `equivocation` where both cannot be."""
    need(came.seq != known.seq or came.id == known.id, "equivocation", "the same seq")
    need(came.seq != known.seq + 1 or came.previous == known.id, "equivocation", "names another one before")
    return came.seq > known.seq
