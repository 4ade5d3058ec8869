"""Sealed packets and their payloads (section 4.3), envelopes and their frames (4.6), have, want and need (4.5, 4.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from . import ed25519, xwing
from .aead import open_sealed, unpad
from .cbor import ID, SIGNATURE, TIME, U8, U32, array, boolean, decode, exactly, octets, record, row, uint, union
from .epoch import Epoch
from .fault import need
from .hashing import h, kdf
from .prekey import read_prekey

ENTRY = octets(52352)
PAYLOAD = union(
    {
        1: (
            "grant",
            {
                1: ("bucket", uint(65535)),
                2: ("secret", ID),
                3: ("announcement", octets(3072)),
                4: ("granter?", ID),
                5: ("signature?", SIGNATURE),
                6: ("room?", octets(81920)),
            },
        ),
        2: ("need", {1: ("body", octets(2048)), 2: ("signature", SIGNATURE)}),
        3: ("log", {1: ("room", ID), 2: ("genesis?", octets(81920)), 3: ("entries", array(ENTRY, 128))}),
        4: ("give", {1: ("room", ID), 2: ("entries", array(ENTRY, 512))}),
    }
)
FRAME = union(
    {
        1: ("entry", {1: ("bytes", ENTRY)}),
        2: ("have", {1: ("body", octets(80000)), 2: ("signature", SIGNATURE)}),
        3: ("want", {1: ("body", octets(16000)), 2: ("signature", SIGNATURE)}),
    }
)
HAVE = record(
    {
        1: ("device", ID),
        2: ("timeMs", TIME),
        3: ("spans", array(row(ID, U32, U32), 2000)),
        4: ("ask", boolean),
        5: ("read?", array(row(ID, U32, U32), 2000)),
    }
)
WANT = record(
    {
        1: ("device", ID),
        2: ("timeMs", TIME),
        3: ("ranges", array(row(ID, U32, U32), 200)),
        4: ("operations", array(ID, 64)),
        5: ("nonce", exactly(16)),
    }
)
NEED = record(
    {
        1: ("suite", U8),
        2: ("device", ID),
        3: ("room", ID),
        4: ("tags", array(exactly(8), 16)),
        5: ("nonce", exactly(16)),
        6: ("timeMs", TIME),
        7: ("prekey?", octets(1500)),
    }
)

Keys = Mapping[bytes, bytes]


def read_payload(data: bytes) -> dict[str, Any]:
    """What a packet carries: form alone."""
    return dict(decode(PAYLOAD, data))


def open_envelope(epoch: Epoch, envelope: bytes) -> dict[str, Any]:
    """Opens an envelope with the epoch it names, from step 1; the clock (step 3) is not asked."""
    need(envelope[:1] == b"\x01", "unknown-suite")
    need(len(envelope) >= 12 and envelope[1] == 1, "malformed")
    header = envelope[:12]
    key = epoch.key(int.from_bytes(header[10:12], "big"))
    return dict(decode(FRAME, unpad(open_sealed(key, header, envelope[12:]))))


def read_signed(what: str, body: bytes, signature: bytes, room: bytes, roster: Keys) -> dict[str, Any]:
    """A `have` or a `want` of a room."""
    out: dict[str, Any] = decode(HAVE if what == "have" else WANT, body, 80000 if what == "have" else 16000)
    key = roster.get(out["device"])
    need(key is not None, "not-a-member")
    assert key is not None
    ed25519.check(key, signature, what, room, body)
    return out


def read_need(body: bytes, signature: bytes, devices: Keys) -> dict[str, Any]:
    """A request for grants, as far as the device alone is concerned."""
    out: dict[str, Any] = decode(NEED, body, 2048)
    need(out["suite"] == 1, "unknown-suite")
    key = devices.get(out["device"])
    need(key is not None, "not-a-member")
    assert key is not None
    ed25519.check(key, signature, "need", body)
    if "prekey" in out:
        read_prekey(out["prekey"], out["device"], key)
    return out


@dataclass(frozen=True)
class Pair:
    """The first secret of a chain, under the reference to its encapsulation."""

    ref: bytes
    prekey: bytes
    secret: bytes


def open_packet(
    packet: bytes, seeds: Mapping[bytes, bytes], kept: Sequence[Pair], recipient: bytes
) -> tuple[bytes, Pair]:
    """The payload's bytes and the pair that is kept now. `seeds`: X-Wing seed by prekey id."""
    need(packet[:1] == b"\x01", "unknown-suite")
    need(len(packet) >= 40 and packet[1] == 2, "malformed", "header")
    header, size = packet[:38], int.from_bytes(packet[38:40], "big")
    need(size in (0, xwing.CIPHERTEXT) and len(packet) >= 40 + size, "malformed", "encapsulation")
    index = int.from_bytes(header[34:38], "big")
    need(index <= 1023, "malformed", "beyond the last place of a chain")
    named = [i for i in seeds if i[:16] == header[2:18]]
    need(len(named) == 1, "unknown-key", "prekey")
    prekey, ct = named[0], packet[40 : 40 + size]
    ref, kem = header[18:34], h("kem", ct)
    need(not ct or kem[:16] == ref, "malformed", "another encapsulation is named")
    pairs = [p for p in kept if p.ref == ref]
    if pairs:
        need(pairs[0].prekey == prekey, "malformed", "kept of another prekey")
        pair = pairs[0]
    else:
        need(size > 0, "unknown-key", "encapsulation")
        shared = xwing.decapsulate(seeds[prekey], ct)
        pair = Pair(ref, prekey, kdf(shared, "packet-root", 32, kem, prekey, recipient))
    secret = pair.secret
    for _ in range(index):
        secret = kdf(secret, "packet-next", 32)
    return unpad(open_sealed(kdf(secret, "packet-key", 32), header, packet[40 + size :])), pair
