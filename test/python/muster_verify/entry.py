"""Entries, skeletons and proofs of forks (section 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from . import ed25519
from .cbor import ID, SIGNATURE, TIME, U8, ascending, decode, exactly, octets, record, uint
from .fault import need
from .hashing import h

MOST, MOST_SKELETON, MOST_BODY, MOST_HEADER = 52352, 3200, 49152, 3072

HEADER = record(
    {
        1: ("suite", U8),
        2: ("device", ID),
        3: ("seq", uint(2**32 - 2)),
        4: ("previous?", ID),
        5: ("heads", ascending(8)),
        6: ("time", TIME),
        7: ("control", ascending(64)),
    }
)
OUTER = record(
    {
        1: ("header", octets(MOST_HEADER)),
        2: ("signature", SIGNATURE),
        3: ("salt?", exactly(16)),
        4: ("body?", octets(MOST_BODY)),
        5: ("content?", ID),
    }
)
PROOF = record({1: ("first", octets(MOST_SKELETON)), 2: ("second", octets(MOST_SKELETON))})

Keys = Mapping[bytes, bytes]


@dataclass(frozen=True)
class Entry:
    """One entry, or its skeleton: then salt and body are None."""

    id: bytes
    room: bytes
    device: bytes
    seq: int
    previous: bytes | None
    heads: tuple[bytes, ...]
    time: int
    control: tuple[bytes, ...]
    header: bytes
    signature: bytes
    content: bytes
    salt: bytes | None
    body: bytes | None

    @property
    def skeleton(self) -> bytes:
        """This entry without what it says, in its one form."""
        return b"\xa3\x01" + _string(self.header) + b"\x02" + _string(self.signature) + b"\x05" + _string(self.content)


def _string(data: bytes) -> bytes:
    size = len(data)
    if size < 24:
        return bytes([0x40 + size]) + data
    width, info = (1, 24) if size < 256 else (2, 25) if size < 65536 else (4, 26)
    return bytes([0x40 + info]) + size.to_bytes(width, "big") + data


def read_entry(data: bytes, room: bytes, keys: Keys, whole: bool = True) -> Entry:
    """Steps 1 to 4 of reading an entry for a room. `whole`: a skeleton is `malformed`."""
    outer = decode(OUTER, data, MOST)
    body, salt = outer.get("body"), outer.get("salt")
    need((body is None) == (salt is None), "malformed", "salt and body go together")
    need((body is None) != ("content" not in outer), "malformed", "either content or its hash")
    need(not whole or body is not None, "malformed", "a skeleton")
    header = decode(HEADER, outer["header"])
    need((header["seq"] == 0) == ("previous" not in header), "malformed", "previous and position")
    need(header["suite"] == 1, "unknown-suite")
    key = keys.get(header["device"])
    need(key is not None, "not-a-member")
    assert key is not None
    content = outer["content"] if body is None else h("content", salt, body)
    ed25519.check(key, outer["signature"], "entry", room, outer["header"], content)
    return Entry(
        id=h("entry", room, outer["header"], content),
        room=room,
        device=header["device"],
        seq=header["seq"],
        previous=header.get("previous"),
        heads=tuple(header["heads"]),
        time=header["time"],
        control=tuple(header["control"]),
        header=outer["header"],
        signature=outer["signature"],
        content=content,
        salt=salt,
        body=body,
    )


@dataclass(frozen=True)
class Fork:
    """What a proof shows: this device signed two things from this place on."""

    device: bytes
    seq: int
    first: Entry
    second: Entry


def read_fork(data: bytes, room: bytes, keys: Keys) -> Fork:
    """Reads a proof for a room; the first one first, then whether both are skeletons."""
    proof = decode(PROOF, data)
    first = read_entry(proof["first"], room, keys, whole=False)
    second = read_entry(proof["second"], room, keys, whole=False)
    need(first.body is None and second.body is None, "malformed", "a whole entry in a proof")
    same = first.seq == second.seq and first.id < second.id
    broken = second.seq == first.seq + 1 and second.previous != first.id
    need(first.device == second.device and (same or broken), "out-of-place", "no fork")
    return Fork(first.device, first.seq, first, second)


def make_proof(one: Entry, other: Entry) -> bytes:
    """The proof of two entries of one device, in its one form."""
    first, second = sorted((one, other), key=lambda e: (e.seq, e.id))
    return b"\xa2\x01" + _string(first.skeleton) + b"\x02" + _string(second.skeleton)
