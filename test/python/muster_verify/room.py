"""Rooms, topics and inboxes (section 6.1)."""

from __future__ import annotations

from dataclasses import dataclass

from .cbor import ID, TIME, U8, ascending, choice, decode, record, text
from .fault import need
from .hashing import h, kdf, u32

KIND = ("org", "incident", "drill", "direct")
GENESIS = record(
    {
        1: ("suite", U8),
        2: ("org", ID),
        3: ("kind", choice(*KIND)),
        4: ("title", text(320)),
        5: ("members?", ascending(2000)),
        6: ("founder?", ID),
        7: ("created", TIME),
        8: ("salt", ID),
        9: ("drill?", ID),
    }
)


@dataclass(frozen=True)
class Room:
    """A room's genesis."""

    id: bytes
    kind: str
    title: str
    members: tuple[bytes, ...] | None
    founder: bytes | None
    drill: bytes | None
    created: int

    @property
    def topic(self) -> bytes:
        return kdf(self.id, "topic-room", 32)


def read_room(data: bytes, org: bytes) -> Room:
    """Reads a genesis of this organisation."""
    genesis = decode(GENESIS, data, 81920)
    need(genesis["suite"] == 1, "unknown-suite")
    need(genesis["org"] == org, "wrong-organisation")
    members = genesis.get("members")
    return Room(
        h("room", data),
        genesis["kind"],
        genesis["title"],
        None if members is None else tuple(members),
        genesis.get("founder"),
        genesis.get("drill"),
        genesis["created"],
    )


def derived_genesis(org: bytes, secret: bytes, drill: bytes | None = None) -> bytes:
    """The genesis of the room of everyone, or of a drill: what follows from the list."""
    kind, title, index = ("org", b"Everyone", 0) if drill is None else ("drill", b"Drill", 2)
    salt = kdf(secret, "rendezvous-room", 32, kind.encode(), drill or b"")
    head = b"\xa6" if drill is None else b"\xa7"
    out = head + b"\x01\x01\x02\x58\x20" + org + b"\x03" + bytes([index]) + b"\x04" + bytes([0x60 + len(title)]) + title
    out += b"\x07\x00\x08\x58\x20" + salt
    return out if drill is None else out + b"\x09\x58\x20" + drill


def inbox_topic(secret: bytes, device: bytes) -> bytes:
    """The topic of a device's inbox."""
    return kdf(secret, "topic-inbox", 32, device)


def drill_start(secret: bytes, drill: bytes, sequence: int, first: int, last: int) -> int:
    """When an unannounced drill starts (section 7), in whole numbers: ⌊x × (to − from + 1) / 2^32⌋ after `from`."""
    x = int.from_bytes(kdf(secret, "drill-time", 16, drill, u32(sequence))[:4], "big")
    return first + (x * (last - first + 1) >> 32)
